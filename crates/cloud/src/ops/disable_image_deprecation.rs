use amictl_model::ImageId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `DisableImageDeprecation`: no longer deprecated, nor to be.
#[derive(Debug)]
pub struct DisableImageDeprecation;

/// The image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisableImageDeprecationRequest {
    /// `ImageId`.
    pub image: ImageId,
}

impl Operation for DisableImageDeprecation {
    type Request = DisableImageDeprecationRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DisableImageDeprecation");
}
