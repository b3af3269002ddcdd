use amictl_cloud::ops::{ListObjectsV2Reply, ListedObject};

super::over_sdk!(
    ListObjectsV2,
    |clients, request| clients
        .s3()
        .list_objects_v2()
        .bucket(&request.bucket)
        .prefix(&request.prefix)
        .set_continuation_token(request.next_token.clone()),
    |output| Ok(ListObjectsV2Reply {
        objects: output
            .contents
            .unwrap_or_default()
            .into_iter()
            .map(|object| ListedObject {
                key: object.key.unwrap_or_default(),
                bytes: object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
            })
            .collect(),
        next_token: output.next_continuation_token,
    })
);
