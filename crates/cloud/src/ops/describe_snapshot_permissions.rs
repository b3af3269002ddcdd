use amictl_model::{Grantee, SnapshotId};

use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeSnapshotAttribute` of `createVolumePermission`, the only source of it: one snapshot a call.
#[derive(Debug)]
pub struct DescribeSnapshotPermissions;

/// The snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeSnapshotPermissionsRequest {
    /// `SnapshotId`.
    pub snapshot: SnapshotId,
}

impl Operation for DescribeSnapshotPermissions {
    type Request = DescribeSnapshotPermissionsRequest;
    type Reply = Vec<Grantee>;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeSnapshotAttribute");
}
