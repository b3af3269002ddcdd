use amictl_model::ImageId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `EnableImage`: launchable again; launch permissions do not come back by it.
#[derive(Debug)]
pub struct EnableImage;

/// The image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnableImageRequest {
    /// `ImageId`.
    pub image: ImageId,
}

impl Operation for EnableImage {
    type Request = EnableImageRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "EnableImage");
}
