use crate::convert::required;

super::over_sdk!(
    CreateStoreImageTask,
    |clients, request| clients.ec2().create_store_image_task().image_id(request.image.as_str()).bucket(&request.bucket),
    |output| required(OPERATION, "ObjectKey", output.object_key.as_deref())
);
