use amictl_model::ImageId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `DeleteTags` on an image: the tags of these keys go, whatever their values.
#[derive(Debug)]
pub struct DeleteTags;

/// The image and the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteTagsRequest {
    /// `ResourceId`.
    pub image: ImageId,
    /// `Tag.Key`; one at least, as without any EC2 deletes all.
    pub keys: Vec<String>,
}

impl Operation for DeleteTags {
    type Request = DeleteTagsRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DeleteTags");
}
