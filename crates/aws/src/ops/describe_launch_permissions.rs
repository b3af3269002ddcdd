use aws_sdk_ec2::types::ImageAttributeName;

use crate::convert;

super::over_sdk!(
    DescribeLaunchPermissions,
    |clients, request| clients
        .ec2()
        .describe_image_attribute()
        .image_id(request.image.as_str())
        .attribute(ImageAttributeName::LaunchPermission),
    |output| output
        .launch_permissions
        .unwrap_or_default()
        .iter()
        .map(|permission| convert::grantee(OPERATION, permission))
        .collect()
);
