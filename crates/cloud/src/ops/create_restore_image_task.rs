use amictl_model::{ImageId, Tags};

use crate::{Operation, OperationSpec, Service};

/// EC2 `CreateRestoreImageTask`: a new image of an object that `CreateStoreImageTask` made; it is `pending` at first.
///
/// There is no client token; a name serves one image only.
#[derive(Debug)]
pub struct CreateRestoreImageTask;

/// The object, and what the image is to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateRestoreImageTaskRequest {
    /// `Bucket`, of the Region.
    pub bucket: String,
    /// `ObjectKey`.
    pub key: String,
    /// `Name`.
    pub name: String,
    /// `TagSpecification` of the image and of its snapshots alike.
    pub tags: Tags,
}

impl Operation for CreateRestoreImageTask {
    type Request = CreateRestoreImageTaskRequest;
    /// `ImageId`.
    type Reply = ImageId;
    const SPEC: OperationSpec =
        OperationSpec::mutating(Service::Ec2, "CreateRestoreImageTask").also_needs(&["ec2:CreateTags"]);
}
