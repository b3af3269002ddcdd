use amictl_model::SnapshotId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `DeleteSnapshot`: refused with `InvalidSnapshot.InUse` while any image, also a disabled one, uses it.
#[derive(Debug)]
pub struct DeleteSnapshot;

/// The snapshot to delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteSnapshotRequest {
    /// `SnapshotId`.
    pub snapshot: SnapshotId,
}

impl Operation for DeleteSnapshot {
    type Request = DeleteSnapshotRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DeleteSnapshot");
}
