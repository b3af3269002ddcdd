//! Recycle Bin `LockRule` and `UnlockRule`: an unlocked rule stays locked for its delay.

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::rule_input as input;
use super::rule_json::whole;
use crate::ops::{Ctx, Op, Route};
use crate::wire::{Json, Params};
use crate::world::{RetentionRule, RuleLock};
use crate::{Fault, World};

pub(crate) struct LockRule;

pub(crate) struct LockRuleInput {
    id: CompactString,
    delay_days: u32,
}

impl Op for LockRule {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Rbin, "LockRule");
    const ROUTE: Option<Route> = Some(Route { method: "PATCH", path: "/rules/{identifier}/lock" });
    type Input = LockRuleInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<LockRuleInput, Fault> {
        Ok(LockRuleInput {
            id: input::identifier(params)?,
            delay_days: input::unlock_delay(params)?.ok_or_else(|| Fault::missing("LockConfiguration"))?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: LockRuleInput) -> Result<Json, Fault> {
        let rule = input::rule(world, ctx, &input.id)?;
        if !rule.resource_tags.is_empty() {
            return Err(input::invalid("Only Region-level retention rules can be locked."));
        }
        if rule.lock.is_some_and(|lock| lock.ends_at.is_none()) {
            return Err(input::conflict(format!("The retention rule {} is already locked.", rule.id)));
        }
        let lock = Some(RuleLock { delay_days: input.delay_days, ends_at: None });
        let rule = RetentionRule { lock, ..RetentionRule::clone(&rule) };
        Ok(Json::ok(whole(ctx, &input::put(world, ctx, rule)).into()))
    }
}

pub(crate) struct UnlockRule;

impl Op for UnlockRule {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Rbin, "UnlockRule");
    const ROUTE: Option<Route> = Some(Route { method: "PATCH", path: "/rules/{identifier}/unlock" });
    type Input = CompactString;
    type Output = Json;

    fn decode(params: &Params) -> Result<CompactString, Fault> {
        input::identifier(params)
    }

    fn run(world: &mut World, ctx: &Ctx, id: CompactString) -> Result<Json, Fault> {
        let rule = input::rule(world, ctx, &id)?;
        match rule.lock {
            Some(lock) if lock.ends_at.is_none() => {
                let rule = RetentionRule { lock: Some(lock.unlocked(ctx.now)), ..RetentionRule::clone(&rule) };
                Ok(Json::ok(whole(ctx, &input::put(world, ctx, rule)).into()))
            }
            _ => Err(input::conflict(format!("The retention rule {id} is not locked."))),
        }
    }
}
