use amictl_model::SnapshotId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `RestoreSnapshotFromRecycleBin`.
#[derive(Debug)]
pub struct RestoreSnapshotFromRecycleBin;

/// The snapshot in the bin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreSnapshotRequest {
    /// `SnapshotId`.
    pub snapshot: SnapshotId,
}

impl Operation for RestoreSnapshotFromRecycleBin {
    type Request = RestoreSnapshotRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RestoreSnapshotFromRecycleBin");
}
