use amictl_model::Region;

use crate::{Operation, OperationSpec, Service};

/// S3 `GetBucketLocation`, which answers in every Region.
#[derive(Debug)]
pub struct GetBucketLocation;

/// The bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetBucketLocationRequest {
    /// `Bucket`.
    pub bucket: String,
}

impl Operation for GetBucketLocation {
    type Request = GetBucketLocationRequest;
    /// The Region that `LocationConstraint` means.
    type Reply = Region;
    const SPEC: OperationSpec = OperationSpec::read(Service::S3, "GetBucketLocation");
}
