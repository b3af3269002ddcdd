use amictl_model::ImageId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `DisableImageDeregistrationProtection`: at once, or 24 hours later where the protection has a cooldown.
#[derive(Debug)]
pub struct DisableImageDeregistrationProtection;

/// The image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisableImageDeregistrationProtectionRequest {
    /// `ImageId`.
    pub image: ImageId,
}

impl Operation for DisableImageDeregistrationProtection {
    type Request = DisableImageDeregistrationProtectionRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DisableImageDeregistrationProtection");
}
