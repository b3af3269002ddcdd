super::over_sdk!(DeleteBucket, |clients, request| clients.s3().delete_bucket().bucket(&request.bucket), |_output| Ok(
    ()
));
