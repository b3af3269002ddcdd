use amictl_model::ImageId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `DisableImage`: nobody can launch it any more, and **all launch permissions are removed**.
#[derive(Debug)]
pub struct DisableImage;

/// The image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisableImageRequest {
    /// `ImageId`.
    pub image: ImageId,
}

impl Operation for DisableImage {
    type Request = DisableImageRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DisableImage");
}
