use amictl_model::{Snapshot, SnapshotId};

use super::paged;
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeSnapshots` of the account's own snapshots.
#[derive(Debug)]
pub struct DescribeSnapshots;

/// Which snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeSnapshotsRequest {
    /// `Filters[snapshot-id]`, at most 200: ids that are gone are simply not in the reply. Empty: all own snapshots.
    pub snapshots: Vec<SnapshotId>,
    /// `Filters[tag:KEY]`: those that have this tag; as it is, without wildcards in the value.
    pub tag: Option<(String, String)>,
    /// `NextToken`; pages of 1,000.
    pub next_token: Option<String>,
}

/// A page of snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeSnapshotsReply {
    /// `Snapshots`.
    pub snapshots: Vec<Snapshot>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for DescribeSnapshots {
    type Request = DescribeSnapshotsRequest;
    type Reply = DescribeSnapshotsReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeSnapshots");
}

paged!(DescribeSnapshots);
