use amictl_model::BinnedSnapshot;

use super::{AllRequest, paged};
use crate::{Operation, OperationSpec, Service};

/// EC2 `ListSnapshotsInRecycleBin`.
#[derive(Debug)]
pub struct ListSnapshotsInRecycleBin;

/// A page of snapshots in the Recycle Bin; pages of 1,000.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListSnapshotsInRecycleBinReply {
    /// `Snapshots`.
    pub snapshots: Vec<BinnedSnapshot>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for ListSnapshotsInRecycleBin {
    type Request = AllRequest;
    type Reply = ListSnapshotsInRecycleBinReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "ListSnapshotsInRecycleBin");
}

paged!(ListSnapshotsInRecycleBin);
