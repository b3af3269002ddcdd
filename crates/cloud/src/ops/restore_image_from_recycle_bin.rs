use amictl_model::ImageId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `RestoreImageFromRecycleBin`: refused with `IncorrectState` until each of its snapshots is there and `completed`.
#[derive(Debug)]
pub struct RestoreImageFromRecycleBin;

/// The image in the bin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreImageRequest {
    /// `ImageId`.
    pub image: ImageId,
}

impl Operation for RestoreImageFromRecycleBin {
    type Request = RestoreImageRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RestoreImageFromRecycleBin");
}
