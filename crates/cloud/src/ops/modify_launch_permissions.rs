use amictl_model::{Grantee, ImageId};

use crate::{Operation, OperationSpec, Service};

/// EC2 `ModifyImageAttribute` of `launchPermission`.
#[derive(Debug)]
pub struct ModifyLaunchPermissions;

/// Whom to add and whom to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModifyLaunchPermissionsRequest {
    /// `ImageId`.
    pub image: ImageId,
    /// `LaunchPermission.Add`.
    pub add: Vec<Grantee>,
    /// `LaunchPermission.Remove`.
    pub remove: Vec<Grantee>,
}

impl Operation for ModifyLaunchPermissions {
    type Request = ModifyLaunchPermissionsRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ModifyImageAttribute");
}
