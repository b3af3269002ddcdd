use amictl_cloud::ops::{RetentionRule, RuleTag};
use aws_sdk_rbin::types::ResourceTag;

super::over_sdk!(GetRule, |clients, request| clients.rbin().get_rule().identifier(&request.id), |output| Ok(
    RetentionRule {
        id: output.identifier.unwrap_or_default(),
        days: output.retention_period.and_then(|period| u64::try_from(period.retention_period_value).ok()).unwrap_or(0),
        is_available: output.status.is_some_and(|status| status.as_str() == "available"),
        tags: tags(output.resource_tags),
        exclude_tags: tags(output.exclude_resource_tags),
        lock_state: output.lock_state.map(|state| state.as_str().to_owned()),
    }
));

fn tags(tags: Option<Vec<ResourceTag>>) -> Vec<RuleTag> {
    let tag = |tag: ResourceTag| RuleTag { key: tag.resource_tag_key, value: tag.resource_tag_value };
    tags.unwrap_or_default().into_iter().map(tag).collect()
}
