use amictl_model::SnapshotId;

use super::{AllRequest, paged};
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeFastSnapshotRestores`.
#[derive(Debug)]
pub struct DescribeFastSnapshotRestores;

/// A page of snapshots in the zones where they are kept ready; pages of 200.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeFastSnapshotRestoresReply {
    /// Those whose `State` is neither `disabling` nor `disabled`, once for each zone.
    pub snapshots: Vec<SnapshotId>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for DescribeFastSnapshotRestores {
    type Request = AllRequest;
    type Reply = DescribeFastSnapshotRestoresReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeFastSnapshotRestores").dispensable();
}

paged!(DescribeFastSnapshotRestores);
