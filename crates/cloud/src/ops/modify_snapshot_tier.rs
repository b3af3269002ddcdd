use amictl_model::SnapshotId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `ModifySnapshotTier` to the tier `archive`, the only one that it knows: the move takes hours, and has begun with the answer.
#[derive(Debug)]
pub struct ModifySnapshotTier;

/// The snapshot, completed and in the standard tier, all of whose images are disabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModifySnapshotTierRequest {
    /// `SnapshotId`.
    pub snapshot: SnapshotId,
}

impl Operation for ModifySnapshotTier {
    type Request = ModifySnapshotTierRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ModifySnapshotTier");
}
