use amictl_cloud::ops::{GetParameterHistoryReply, ParameterVersion};

super::over_sdk!(
    GetParameterHistory,
    |clients, request| clients
        .ssm()
        .get_parameter_history()
        .name(&request.name)
        .max_results(50)
        .set_next_token(request.next_token.clone()),
    |output| Ok(GetParameterHistoryReply {
        versions: output
            .parameters
            .unwrap_or_default()
            .into_iter()
            .map(|version| ParameterVersion {
                version: u64::try_from(version.version).unwrap_or_default(),
                value: version.value.unwrap_or_default(),
            })
            .collect(),
        next_token: output.next_token,
    })
);
