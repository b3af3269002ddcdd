use crate::convert::{new_tags, required};

super::over_sdk!(
    CopyImage,
    |clients, request| clients
        .ec2()
        .copy_image()
        .source_image_id(request.source.as_str())
        .source_region(request.source_region.as_str())
        .name(&request.name)
        .set_description(request.description.clone())
        .set_encrypted(request.encrypted.then_some(true))
        .set_kms_key_id(request.kms_key.clone())
        .set_copy_image_tags(request.copy_tags.then_some(true))
        .set_tag_specifications(new_tags(&request.tags))
        .set_snapshot_copy_completion_duration_minutes(request.within_minutes.map(i64::from))
        .client_token(&request.client_token),
    |output| required(OPERATION, "ImageId", output.image_id.as_deref())
);
