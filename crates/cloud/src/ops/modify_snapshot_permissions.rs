use amictl_model::{Grantee, SnapshotId};

use crate::{Operation, OperationSpec, Service};

/// EC2 `ModifySnapshotAttribute` of `createVolumePermission`: who may make volumes of a snapshot, accounts and the group `all` only.
#[derive(Debug)]
pub struct ModifySnapshotPermissions;

/// Whom to add and whom to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModifySnapshotPermissionsRequest {
    /// `SnapshotId`.
    pub snapshot: SnapshotId,
    /// `CreateVolumePermission.Add`; organizations and their units are left out, as EC2 knows none here.
    pub add: Vec<Grantee>,
    /// `CreateVolumePermission.Remove`, likewise.
    pub remove: Vec<Grantee>,
}

impl Operation for ModifySnapshotPermissions {
    type Request = ModifySnapshotPermissionsRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ModifySnapshotAttribute");
}
