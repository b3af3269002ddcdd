use amictl_model::SnapshotId;

use super::{AllRequest, paged};
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeLockedSnapshots`.
#[derive(Debug)]
pub struct DescribeLockedSnapshots;

/// A page of locked snapshots; pages of 1,000.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeLockedSnapshotsReply {
    /// Those whose `LockState` is not `expired`.
    pub snapshots: Vec<SnapshotId>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for DescribeLockedSnapshots {
    type Request = AllRequest;
    type Reply = DescribeLockedSnapshotsReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeLockedSnapshots").dispensable();
}

paged!(DescribeLockedSnapshots);
