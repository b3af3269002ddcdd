use amictl_model::Tags;

use crate::{Operation, OperationSpec, Service};

/// EC2 `CreateTags` on an image: these tags are set, others stay.
#[derive(Debug)]
pub struct CreateTags;

/// The image and its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTagsRequest {
    /// `ResourceId`.
    pub resource: String,
    /// `Tag`.
    pub tags: Tags,
}

impl Operation for CreateTags {
    type Request = CreateTagsRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateTags");
}
