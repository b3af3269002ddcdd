use super::VolumeRequest;
use crate::{Operation, OperationSpec, Service};

/// EC2 `RestoreVolumeFromRecycleBin`.
#[derive(Debug)]
pub struct RestoreVolumeFromRecycleBin;

impl Operation for RestoreVolumeFromRecycleBin {
    type Request = VolumeRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RestoreVolumeFromRecycleBin");
}
