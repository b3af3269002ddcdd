use crate::convert::{new_tags, required};

super::over_sdk!(
    CreateRestoreImageTask,
    |clients, request| clients
        .ec2()
        .create_restore_image_task()
        .bucket(&request.bucket)
        .object_key(&request.key)
        .name(&request.name)
        .set_tag_specifications(new_tags(&request.tags)),
    |output| required(OPERATION, "ImageId", output.image_id.as_deref())
);
