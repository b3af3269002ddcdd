//! A retention rule as Recycle Bin writes it.

use amictl_model::Moment;
use serde_json::{Map, Value, json};

use crate::ops::Ctx;
use crate::world::{ResourceTag, RetentionRule};

/// The ARN of a rule.
pub(super) fn arn(ctx: &Ctx, id: &str) -> String {
    format!("arn:aws:rbin:{}:{}:rule/{id}", ctx.region, ctx.account)
}

/// What listings show of a rule.
pub(super) fn summary(ctx: &Ctx, rule: &RetentionRule) -> Map<String, Value> {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("Identifier", rule.id.as_str().into());
    put("RetentionPeriod", json!({"RetentionPeriodValue": rule.days, "RetentionPeriodUnit": "DAYS"}));
    if let Some(description) = &rule.description {
        put("Description", description.as_ref().into());
    }
    if let Some(lock) = rule.lock {
        put("LockState", lock.state(ctx.now).into());
    }
    put("RuleArn", arn(ctx, &rule.id).into());
    members
}

/// All that is shown of a rule.
pub(super) fn whole(ctx: &Ctx, rule: &RetentionRule) -> Map<String, Value> {
    let mut members = summary(ctx, rule);
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("ResourceType", rule.kind.as_str().into());
    put("ResourceTags", tags(&rule.resource_tags));
    put("ExcludeResourceTags", tags(&rule.exclude_tags));
    put("Status", if rule.available_at <= ctx.now { "available" } else { "pending" }.into());
    if let Some(lock) = rule.lock {
        put(
            "LockConfiguration",
            json!({"UnlockDelay": {"UnlockDelayValue": lock.delay_days, "UnlockDelayUnit": "DAYS"}}),
        );
        if let Some(end) = lock.ends_at.filter(|end| ctx.now < *end) {
            put("LockEndTime", epoch(end));
        }
    }
    members
}

fn tags(tags: &[ResourceTag]) -> Value {
    let tag = |tag: &ResourceTag| match &tag.value {
        Some(value) => json!({"ResourceTagKey": tag.key, "ResourceTagValue": value}),
        None => json!({"ResourceTagKey": tag.key}),
    };
    tags.iter().map(tag).collect()
}

/// A time in seconds since the Unix epoch, as the JSON services write it.
pub(crate) fn epoch(moment: Moment) -> Value {
    let millis = moment.as_millis();
    // Times of this world are far from where a double gets coarse.
    if millis % 1000 == 0 { json!(millis / 1000) } else { json!(millis as f64 / 1000.0) }
}
