use amictl_model::VolumeId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `DeleteVolume`: refused with `VolumeInUse` while it is attached; into the Recycle Bin where a rule keeps it.
#[derive(Debug)]
pub struct DeleteVolume;

/// The volume to delete, or to restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeRequest {
    /// `VolumeId`.
    pub volume: VolumeId,
}

impl Operation for DeleteVolume {
    type Request = VolumeRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DeleteVolume");
}
