super::over_sdk!(
    Publish,
    |clients, request| clients
        .sns()
        .publish()
        .topic_arn(&request.topic_arn)
        .subject(&request.subject)
        .message(&request.message),
    |_output| Ok(())
);
