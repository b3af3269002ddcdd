use amictl_model::ImageId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `EnableImageDeregistrationProtection`: the image cannot be deregistered until the protection is taken away.
#[derive(Debug)]
pub struct EnableImageDeregistrationProtection;

/// The image, and for how long the protection outlives its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnableImageDeregistrationProtectionRequest {
    /// `ImageId`.
    pub image: ImageId,
    /// `WithCooldown`: it holds for 24 hours more after it was taken away.
    pub with_cooldown: bool,
}

impl Operation for EnableImageDeregistrationProtection {
    type Request = EnableImageDeregistrationProtectionRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "EnableImageDeregistrationProtection");
}
