use amictl_cloud::ops::SelectAggregateResourceConfigReply;

super::over_sdk!(
    SelectAggregateResourceConfig,
    |clients, request| clients
        .config_service()
        .select_aggregate_resource_config()
        .configuration_aggregator_name(&request.aggregator)
        .expression(&request.expression)
        .set_next_token(request.next_token.clone()),
    |output| Ok(SelectAggregateResourceConfigReply {
        results: output.results.unwrap_or_default(),
        next_token: output.next_token,
    })
);
