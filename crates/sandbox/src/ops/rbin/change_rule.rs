//! Recycle Bin `UpdateRule` and `DeleteRule`: refused while the rule is locked. What is in the bin stays as long as it was
//! to stay when it was deleted.

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;
use serde_json::json;

use super::rule_input as input;
use super::rule_json::whole;
use crate::ops::{Ctx, Op, Route};
use crate::wire::{Json, Params};
use crate::world::{ResourceKind, ResourceTag, RetentionRule};
use crate::{Fault, World};

pub(crate) struct UpdateRule;

pub(crate) struct UpdateRuleInput {
    id: CompactString,
    kind: Option<ResourceKind>,
    days: Option<u32>,
    description: Option<Box<str>>,
    resource_tags: Option<Vec<ResourceTag>>,
    exclude_tags: Option<Vec<ResourceTag>>,
}

impl Op for UpdateRule {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Rbin, "UpdateRule");
    const ROUTE: Option<Route> = Some(Route { method: "PATCH", path: "/rules/{identifier}" });
    type Input = UpdateRuleInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<UpdateRuleInput, Fault> {
        Ok(UpdateRuleInput {
            id: input::identifier(params)?,
            kind: input::kind(params)?,
            days: input::days(params)?,
            description: input::description(params)?,
            resource_tags: input::resource_tags(params, "ResourceTags")?,
            exclude_tags: input::resource_tags(params, "ExcludeResourceTags")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: UpdateRuleInput) -> Result<Json, Fault> {
        let rule = input::rule(world, ctx, &input.id)?;
        require_unlocked(&rule, ctx)?;
        if input.kind.is_some_and(|kind| kind != rule.kind) {
            return Err(input::invalid("The resource type of a retention rule can't be changed."));
        }
        let mut rule = RetentionRule::clone(&rule);
        rule.days = input.days.unwrap_or(rule.days);
        rule.description = input.description.or(rule.description);
        rule.resource_tags = input.resource_tags.unwrap_or(rule.resource_tags);
        rule.exclude_tags = input.exclude_tags.unwrap_or(rule.exclude_tags);
        input::check_days(rule.kind, rule.days)?;
        input::check_tags(&rule.resource_tags, &rule.exclude_tags)?;
        let mut members = whole(ctx, &input::put(world, ctx, rule));
        // The one reply on rules that does not repeat the lock's configuration.
        members.remove("LockConfiguration");
        Ok(Json::ok(members.into()))
    }
}

pub(crate) struct DeleteRule;

impl Op for DeleteRule {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Rbin, "DeleteRule");
    const ROUTE: Option<Route> = Some(Route { method: "DELETE", path: "/rules/{identifier}" });
    type Input = CompactString;
    type Output = Json;

    fn decode(params: &Params) -> Result<CompactString, Fault> {
        input::identifier(params)
    }

    fn run(world: &mut World, ctx: &Ctx, id: CompactString) -> Result<Json, Fault> {
        require_unlocked(&*input::rule(world, ctx, &id)?, ctx)?;
        world.scope_mut(ctx.account, &ctx.region).retention_rules.remove(&id);
        Ok(Json { status: 204, value: json!({}) })
    }
}

fn require_unlocked(rule: &RetentionRule, ctx: &Ctx) -> Result<(), Fault> {
    if rule.is_locked(ctx.now) {
        return Err(input::conflict(format!("The retention rule {} is locked.", rule.id)));
    }
    Ok(())
}
