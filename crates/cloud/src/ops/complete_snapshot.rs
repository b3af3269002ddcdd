use amictl_model::SnapshotId;

use crate::{Operation, OperationSpec, Service};

/// EBS `CompleteSnapshot`: nothing more is put; the snapshot becomes `completed` a while later.
#[derive(Debug)]
pub struct CompleteSnapshot;

/// What was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompleteSnapshotRequest {
    /// `SnapshotId`.
    pub snapshot: SnapshotId,
    /// `ChangedBlocksCount`: how many blocks were put.
    pub blocks: u32,
    /// `Checksum`: SHA-256, as Base64, of the checksums of all blocks one after the other, by index (`LINEAR`).
    pub checksum: String,
}

impl Operation for CompleteSnapshot {
    type Request = CompleteSnapshotRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ebs, "CompleteSnapshot");
}
