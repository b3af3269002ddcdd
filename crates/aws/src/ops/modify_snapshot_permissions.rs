use amictl_model::Grantee;
use aws_sdk_ec2::types::{
    CreateVolumePermission, CreateVolumePermissionModifications, PermissionGroup, SnapshotAttributeName,
};

fn permissions(grantees: &[Grantee]) -> Option<Vec<CreateVolumePermission>> {
    let of = |grantee: &Grantee| match grantee {
        Grantee::Account(account) => Some(CreateVolumePermission::builder().user_id(account.to_string()).build()),
        Grantee::Group(group) => Some(CreateVolumePermission::builder().group(PermissionGroup::from(&**group)).build()),
        Grantee::Organization(_) | Grantee::OrganizationalUnit(_) => None,
    };
    let permissions: Vec<_> = grantees.iter().filter_map(of).collect();
    (!permissions.is_empty()).then_some(permissions)
}

super::over_sdk!(
    ModifySnapshotPermissions,
    |clients, request| {
        let change = CreateVolumePermissionModifications::builder()
            .set_add(permissions(&request.add))
            .set_remove(permissions(&request.remove))
            .build();
        clients
            .ec2()
            .modify_snapshot_attribute()
            .snapshot_id(request.snapshot.as_str())
            .attribute(SnapshotAttributeName::CreateVolumePermission)
            .create_volume_permission(change)
    },
    |_output| Ok(())
);
