use amictl_model::SnapshotId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `RestoreSnapshotTier` for good (`PermanentRestore`): it takes up to 72 hours, and has begun with the answer.
#[derive(Debug)]
pub struct RestoreSnapshotTier;

/// The snapshot in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreSnapshotTierRequest {
    /// `SnapshotId`.
    pub snapshot: SnapshotId,
}

impl Operation for RestoreSnapshotTier {
    type Request = RestoreSnapshotTierRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RestoreSnapshotTier");
}
