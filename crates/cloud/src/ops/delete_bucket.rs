use crate::{Operation, OperationSpec, Service};

/// S3 `DeleteBucket`: refused with `BucketNotEmpty` while anything is in it, old versions and delete markers too.
#[derive(Debug)]
pub struct DeleteBucket;

/// The bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteBucketRequest {
    /// `Bucket`.
    pub bucket: String,
}

impl Operation for DeleteBucket {
    type Request = DeleteBucketRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::S3, "DeleteBucket");
}
