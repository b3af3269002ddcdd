use amictl_cloud::{CloudError, ErrorClass};

super::over_sdk!(
    GetObject,
    |clients, request| clients
        .s3()
        .get_object()
        .bucket(&request.bucket)
        .key(&request.key)
        .set_range(request.bytes_max.map(|bytes| format!("bytes=0-{}", bytes.saturating_sub(1)))),
    |output| match output.body.collect().await {
        Ok(body) => Ok(body.to_vec()),
        Err(error) => Err(CloudError {
            class: ErrorClass::Ambiguous,
            operation: OPERATION,
            code: None,
            message: format!("the object was not read to its end: {error}"),
            request_id: None,
        }),
    }
);
