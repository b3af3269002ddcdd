use amictl_model::ImageId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `CreateStoreImageTask`: an EBS-backed image becomes the object `IMAGE.bin` in a bucket of its own Region, which appears when the task ends.
///
/// There is no client token: each task stores the image once more.
#[derive(Debug)]
pub struct CreateStoreImageTask;

/// The image and the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateStoreImageTaskRequest {
    /// `ImageId`.
    pub image: ImageId,
    /// `Bucket`.
    pub bucket: String,
}

impl Operation for CreateStoreImageTask {
    type Request = CreateStoreImageTaskRequest;
    /// `ObjectKey`.
    type Reply = String;
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateStoreImageTask");
}
