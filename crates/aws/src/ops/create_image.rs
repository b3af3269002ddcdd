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
        .set_tag_specifications(new_tags(&request.tags)),
    |output| required(OPERATION, "ImageId", output.image_id.as_deref())
);
