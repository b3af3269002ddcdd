use aws_sdk_ec2::types::LaunchPermissionModifications;

use crate::convert;

super::over_sdk!(
    ModifyLaunchPermissions,
    |clients, request| {
        let add: Vec<_> = request.add.iter().map(convert::permission).collect();
        let remove: Vec<_> = request.remove.iter().map(convert::permission).collect();
        let change = LaunchPermissionModifications::builder()
            .set_add((!add.is_empty()).then_some(add))
            .set_remove((!remove.is_empty()).then_some(remove))
            .build();
        clients.ec2().modify_image_attribute().image_id(request.image.as_str()).launch_permission(change)
    },
    |_output| Ok(())
);
