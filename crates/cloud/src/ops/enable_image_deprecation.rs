use amictl_model::{ImageId, Moment};

use crate::{Operation, OperationSpec, Service};

/// EC2 `EnableImageDeprecation`: from then on the image is shown only to those who ask for deprecated ones; launches go on.
#[derive(Debug)]
pub struct EnableImageDeprecation;

/// The image and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnableImageDeprecationRequest {
    /// `ImageId`.
    pub image: ImageId,
    /// `DeprecateAt`: a whole minute, as EC2 rounds to it; not in the past.
    pub at: Moment,
}

impl Operation for EnableImageDeprecation {
    type Request = EnableImageDeprecationRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "EnableImageDeprecation");
}
