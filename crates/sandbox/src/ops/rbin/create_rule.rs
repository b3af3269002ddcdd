//! Recycle Bin `CreateRule`.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Tags;
use compact_str::CompactString;
use serde_json::{Value, json};

use super::rule_input as input;
use super::rule_json::whole;
use crate::ops::{Ctx, Op, Route};
use crate::wire::{Json, Params};
use crate::world::{ResourceKind, ResourceTag, RetentionRule, RuleLock};
use crate::{Fault, World};

/// Rules that an account may have in a Region.
const RULES_MAX: usize = 250;

pub(crate) struct CreateRule;

pub(crate) struct CreateRuleInput {
    kind: ResourceKind,
    days: u32,
    description: Option<Box<str>>,
    resource_tags: Vec<ResourceTag>,
    exclude_tags: Vec<ResourceTag>,
    unlock_delay_days: Option<u32>,
    tags: Tags,
}

impl Op for CreateRule {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Rbin, "CreateRule");
    const ROUTE: Option<Route> = Some(Route { method: "POST", path: "/rules" });
    type Input = CreateRuleInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<CreateRuleInput, Fault> {
        let kind = input::kind(params)?.ok_or_else(|| Fault::missing("ResourceType"))?;
        let days = input::days(params)?.ok_or_else(|| Fault::missing("RetentionPeriod"))?;
        let resource_tags = input::resource_tags(params, "ResourceTags")?.unwrap_or_default();
        let exclude_tags = input::resource_tags(params, "ExcludeResourceTags")?.unwrap_or_default();
        let unlock_delay_days = input::unlock_delay(params)?;
        input::check_days(kind, days)?;
        input::check_tags(&resource_tags, &exclude_tags)?;
        if unlock_delay_days.is_some() && !resource_tags.is_empty() {
            return Err(input::invalid("Only Region-level retention rules can be locked."));
        }
        Ok(CreateRuleInput {
            kind,
            days,
            description: input::description(params)?,
            resource_tags,
            exclude_tags,
            unlock_delay_days,
            tags: input::own_tags(params)?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateRuleInput) -> Result<Json, Fault> {
        let rules = world.scope(ctx.account, &ctx.region).map_or(0, |scope| scope.retention_rules.len());
        if rules >= RULES_MAX {
            return Err(input::quota("The number of retention rules in this Region has reached its quota."));
        }
        let rule = RetentionRule {
            id: new_identifier(world),
            description: input.description,
            kind: input.kind,
            days: input.days,
            resource_tags: input.resource_tags,
            exclude_tags: input.exclude_tags,
            available_at: ctx.now.plus_secs(world.pace.task_secs.into()),
            lock: input.unlock_delay_days.map(|delay_days| RuleLock { delay_days, ends_at: None }),
            tags: input.tags,
        };
        let rule = input::put(world, ctx, rule);
        let mut members = whole(ctx, &rule);
        let tags: Value = rule.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        members.insert("Tags".to_owned(), tags);
        Ok(Json { status: 201, value: members.into() })
    }
}

/// Eleven letters and digits: a number that has not come before, to the base of 62.
fn new_identifier(world: &mut World) -> CompactString {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut number = world.new_number();
    (0..11)
        .map(|_| {
            let digit = char::from(DIGITS[(number % 62) as usize]);
            number /= 62;
            digit
        })
        .collect()
}
