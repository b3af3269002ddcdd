use aws_sdk_ec2::types::BlockDeviceMapping;

use crate::convert::{new_tags, required};

super::over_sdk!(
    CreateImage,
    |clients, request| clients
        .ec2()
        .create_image()
        .instance_id(&request.instance)
        .name(&request.name)
        .set_description(request.description.clone())
        .no_reboot(request.no_reboot)
        .set_block_device_mappings((!request.exclude_devices.is_empty()).then(|| {
            let left_out = |name| BlockDeviceMapping::builder().device_name(name).no_device("").build();
            request.exclude_devices.iter().map(left_out).collect()
        }))
        .set_tag_specifications(new_tags(&request.tags)),
    |output| required(OPERATION, "ImageId", output.image_id.as_deref())
);
