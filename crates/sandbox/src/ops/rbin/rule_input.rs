//! What the operations on retention rules have in common: their parameters, and finding the rule they are about.

use std::sync::Arc;

use amictl_model::Tags;
use compact_str::CompactString;

use crate::ops::Ctx;
use crate::wire::Params;
use crate::world::{ResourceKind, ResourceTag, RetentionRule};
use crate::{Fault, World};

/// Tags that a rule may retain by.
const RESOURCE_TAGS_MAX: usize = 50;

/// Tags that a rule of a whole Region may exclude by.
const EXCLUDE_TAGS_MAX: usize = 5;

/// Tags that a rule itself may have.
const TAGS_MAX: usize = 200;

/// `ValidationException`.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", message)
}

/// `ResourceNotFoundException`.
pub(super) fn no_rule(id: &str) -> Fault {
    let id: String = id.chars().take(60).collect();
    Fault { status: 404, ..Fault::new("ResourceNotFoundException", format!("The retention rule {id} does not exist.")) }
}

/// `ServiceQuotaExceededException`.
pub(super) fn quota(message: &str) -> Fault {
    Fault { status: 402, ..Fault::new("ServiceQuotaExceededException", message) }
}

/// `ConflictException`.
pub(super) fn conflict(message: impl Into<String>) -> Fault {
    Fault { status: 409, ..Fault::new("ConflictException", message) }
}

/// `identifier` of the path.
pub(super) fn identifier(params: &Params) -> Result<CompactString, Fault> {
    let id = params.required("identifier")?;
    if id.len() == 11 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(id.into())
    } else {
        Err(invalid("Value at 'identifier' failed to satisfy constraint: [0-9a-zA-Z]{11}"))
    }
}

/// `ResourceType`.
pub(super) fn kind(params: &Params) -> Result<Option<ResourceKind>, Fault> {
    params
        .string("ResourceType")
        .map(|name| ResourceKind::of(&name).ok_or_else(|| Fault::invalid_value("ResourceType", &name)))
        .transpose()
}

/// `RetentionPeriod` in days.
pub(super) fn days(params: &Params) -> Result<Option<u32>, Fault> {
    let Some(period) = params.structure("RetentionPeriod") else { return Ok(None) };
    whole_days(period, "RetentionPeriod").map(Some)
}

/// A structure of `<name>Value` and `<name>Unit`, in days.
pub(super) fn whole_days(period: &Params, name: &str) -> Result<u32, Fault> {
    let (value, unit) = (format!("{name}Value"), format!("{name}Unit"));
    match period.required(&unit)? {
        "DAYS" => period.unsigned(&value)?.ok_or_else(|| Fault::missing(&value)),
        other => Err(Fault::invalid_value(&unit, other)),
    }
}

/// Refuses a period that this kind of resource cannot be retained for.
pub(super) fn check_days(kind: ResourceKind, days: u32) -> Result<(), Fault> {
    let most = if kind == ResourceKind::Volume { 7 } else { 365 };
    if (1..=most).contains(&days) {
        return Ok(());
    }
    Err(invalid(format!("The retention period for {} must be between 1 and {most} days.", kind.as_str())))
}

/// `Description`.
pub(super) fn description(params: &Params) -> Result<Option<Box<str>>, Fault> {
    let Some(text) = params.text("Description") else { return Ok(None) };
    let is_allowed = |character: char| character == ' ' || !character.is_whitespace();
    if text.chars().count() <= 255 && text.chars().all(is_allowed) {
        Ok(Some(text.into()))
    } else {
        Err(invalid("Value at 'description' failed to satisfy constraint: ^[\\S ]{0,255}$"))
    }
}

/// `ResourceTags` or `ExcludeResourceTags`; `None` when it is not there.
pub(super) fn resource_tags(params: &Params, name: &str) -> Result<Option<Vec<ResourceTag>>, Fault> {
    if params.structure(name).is_none() {
        return Ok(None);
    }
    let most = if name == "ExcludeResourceTags" { EXCLUDE_TAGS_MAX } else { RESOURCE_TAGS_MAX };
    let mut tags = Vec::new();
    for tag in params.structures(name)? {
        let (key, value) = (tag.required("ResourceTagKey")?, tag.text("ResourceTagValue"));
        if key.chars().count() > 128 || value.is_some_and(|value| value.chars().count() > 256) {
            return Err(invalid(format!(
                "The tags of '{name}' have keys of at most 128 and values of at most 256 characters"
            )));
        }
        tags.push(ResourceTag { key: key.into(), value: value.map(CompactString::from) });
    }
    if tags.len() > most {
        return Err(invalid(format!("'{name}' has at most {most} members")));
    }
    Ok(Some(tags))
}

/// Refuses a rule that would retain by tags and exclude by tags.
pub(super) fn check_tags(resource_tags: &[ResourceTag], exclude_tags: &[ResourceTag]) -> Result<(), Fault> {
    if resource_tags.is_empty() || exclude_tags.is_empty() {
        return Ok(());
    }
    Err(invalid("Exclusion tags can be specified for Region-level retention rules only."))
}

/// `Tags`: the tags of the rule itself.
pub(super) fn own_tags(params: &Params) -> Result<Tags, Fault> {
    let mut tags = Vec::new();
    for tag in params.structures("Tags")? {
        let (key, value) = (tag.required("Key")?, tag.text("Value").unwrap_or_default());
        if key.starts_with("aws:") || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(invalid(
                "Tag keys have at most 128 characters and do not begin with 'aws:', tag values at most 256",
            ));
        }
        tags.push((key.to_owned(), value.to_owned()));
    }
    if tags.len() > TAGS_MAX {
        return Err(invalid(format!("A rule has at most {TAGS_MAX} tags")));
    }
    Ok(tags.into_iter().collect())
}

/// `LockConfiguration`: the unlock delay in days.
pub(super) fn unlock_delay(params: &Params) -> Result<Option<u32>, Fault> {
    let Some(configuration) = params.structure("LockConfiguration") else { return Ok(None) };
    let delay = configuration.structure("UnlockDelay").ok_or_else(|| Fault::missing("UnlockDelay"))?;
    match whole_days(delay, "UnlockDelay")? {
        days @ 7..=30 => Ok(Some(days)),
        _ => Err(invalid("The unlock delay must be between 7 and 30 days.")),
    }
}

/// The rule of this id.
pub(super) fn rule(world: &World, ctx: &Ctx, id: &str) -> Result<Arc<RetentionRule>, Fault> {
    let rule = world.scope(ctx.account, &ctx.region).and_then(|scope| scope.retention_rules.get(id));
    rule.map(Arc::clone).ok_or_else(|| no_rule(id))
}

/// Puts a rule in, or in place of the one with its id.
pub(super) fn put(world: &mut World, ctx: &Ctx, rule: RetentionRule) -> Arc<RetentionRule> {
    let rule = Arc::new(rule);
    world.scope_mut(ctx.account, &ctx.region).retention_rules.insert(rule.id.clone(), Arc::clone(&rule));
    rule
}
