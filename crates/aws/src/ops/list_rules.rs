use amictl_cloud::ops::ListRulesReply;
use aws_sdk_rbin::types::ResourceType;

super::over_sdk!(
    ListRules,
    |clients, request| clients
        .rbin()
        .list_rules()
        .resource_type(ResourceType::from(request.resource_type.as_str()))
        .max_results(1000)
        .set_next_token(request.next_token.clone()),
    |output| Ok(ListRulesReply {
        rules: output.rules.unwrap_or_default().into_iter().filter_map(|rule| rule.identifier).collect(),
        next_token: output.next_token,
    })
);
