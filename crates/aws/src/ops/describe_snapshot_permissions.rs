use amictl_model::Grantee;
use aws_sdk_ec2::types::SnapshotAttributeName;

use super::launchers::filled;
use crate::convert::{garbled, required};

super::over_sdk!(
    DescribeSnapshotPermissions,
    |clients, request| clients
        .ec2()
        .describe_snapshot_attribute()
        .snapshot_id(request.snapshot.as_str())
        .attribute(SnapshotAttributeName::CreateVolumePermission),
    |output| output
        .create_volume_permissions
        .unwrap_or_default()
        .into_iter()
        .map(|permission| match (filled(permission.user_id), permission.group) {
            (Some(account), _) => required(OPERATION, "UserId", Some(&account)).map(Grantee::Account),
            (None, Some(group)) => Ok(Grantee::Group(group.as_str().into())),
            (None, None) => Err(garbled(OPERATION, "a permission names nobody")),
        })
        .collect()
);
