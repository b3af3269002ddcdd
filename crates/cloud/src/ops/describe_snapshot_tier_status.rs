use amictl_model::{SnapshotId, StorageTier};

use super::paged;
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeSnapshotTierStatus`: alone tells that a snapshot is on its way between the tiers.
#[derive(Debug)]
pub struct DescribeSnapshotTierStatus;

/// Which snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeSnapshotTierStatusRequest {
    /// `Filters[snapshot-id]`, at most 200: ids that are gone are simply not in the reply.
    pub snapshots: Vec<SnapshotId>,
    /// `NextToken`; pages of 1,000.
    pub next_token: Option<String>,
}

/// Where a snapshot is between the tiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierStatus {
    /// `SnapshotId`.
    pub snapshot: SnapshotId,
    /// `StorageTier`: that in which it was last at rest.
    pub tier: StorageTier,
    /// `LastTieringOperationStatus`, such as `archival-in-progress`; empty where it was never moved.
    pub operation: String,
    /// Whether it comes back to the archive by itself: `RestoreExpiryTime` is there.
    pub is_temporary: bool,
}

impl TierStatus {
    /// Whether it is in the archive, or on its way there.
    #[must_use]
    pub fn goes_to_archive(&self) -> bool {
        match self.operation.as_str() {
            "archival-in-progress" | "archival-completed" => true,
            "permanent-restore-in-progress" | "permanent-restore-completed" => false,
            _ => self.tier == StorageTier::Archive || self.is_temporary,
        }
    }

    /// Whether it is on its way out of the archive for good.
    #[must_use]
    pub fn is_being_restored(&self) -> bool {
        self.operation == "permanent-restore-in-progress"
    }
}

/// A page of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeSnapshotTierStatusReply {
    /// `SnapshotTierStatuses`.
    pub snapshots: Vec<TierStatus>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for DescribeSnapshotTierStatus {
    type Request = DescribeSnapshotTierStatusRequest;
    type Reply = DescribeSnapshotTierStatusReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeSnapshotTierStatus");
}

paged!(DescribeSnapshotTierStatus);
