//! Recycle Bin `GetRule` and `ListRules`.

use std::ops::Bound;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;
use serde_json::{Value, json};

use super::rule_input as input;
use super::rule_json::{summary, whole};
use crate::ops::{Ctx, Op, Route};
use crate::page;
use crate::wire::{Body, Json, Params, Reply};
use crate::world::{ResourceKind, ResourceTag, RetentionRule};
use crate::{Fault, World};

pub(crate) struct GetRule;

impl Op for GetRule {
    const SPEC: OperationSpec = OperationSpec::read(Service::Rbin, "GetRule");
    const ROUTE: Option<Route> = Some(Route { method: "GET", path: "/rules/{identifier}" });
    type Input = CompactString;
    type Output = Json;

    fn decode(params: &Params) -> Result<CompactString, Fault> {
        input::identifier(params)
    }

    fn run(world: &mut World, ctx: &Ctx, id: CompactString) -> Result<Json, Fault> {
        Ok(Json::ok(whole(ctx, &*input::rule(world, ctx, &id)?).into()))
    }
}

pub(crate) struct ListRules;

pub(crate) struct ListRulesInput {
    kind: ResourceKind,
    resource_tags: Vec<ResourceTag>,
    exclude_tags: Vec<ResourceTag>,
    lock_state: Option<String>,
    limit: usize,
    token: Option<String>,
}

pub(crate) struct ListRulesOutput {
    rules: Vec<Value>,
    next_token: Option<String>,
}

impl Op for ListRules {
    const SPEC: OperationSpec = OperationSpec::read(Service::Rbin, "ListRules");
    const ROUTE: Option<Route> = Some(Route { method: "POST", path: "/list-rules" });
    type Input = ListRulesInput;
    type Output = ListRulesOutput;
    crate::ops::paged!();

    fn decode(params: &Params) -> Result<ListRulesInput, Fault> {
        let lock_state = params.string("LockState");
        if let Some(state) = &lock_state
            && !["locked", "pending_unlock", "unlocked"].contains(&state.as_str())
        {
            return Err(Fault::invalid_value("LockState", state));
        }
        Ok(ListRulesInput {
            kind: input::kind(params)?.ok_or_else(|| Fault::missing("ResourceType"))?,
            resource_tags: input::resource_tags(params, "ResourceTags")?.unwrap_or_default(),
            exclude_tags: input::resource_tags(params, "ExcludeResourceTags")?.unwrap_or_default(),
            lock_state,
            limit: page::limit("MaxResults", params.integer("MaxResults")?, 1..=1000)?.unwrap_or(1000),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ListRulesInput) -> Result<ListRulesOutput, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose();
        let after = after.map_err(|fault| input::invalid(fault.message))?;
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(CompactString::from(id)));
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let rules = scope.retention_rules.range((start, Bound::Unbounded));
        let page = page::fill(rules, Some(input.limit), |_, rule| {
            matches(&input, rule, ctx).then(|| Value::from(summary(ctx, rule)))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id));
        Ok(ListRulesOutput { rules: page.items, next_token })
    }
}

/// Whether a rule is of the kind, has all of the tags and is in the state that were asked for.
fn matches(input: &ListRulesInput, rule: &RetentionRule, ctx: &Ctx) -> bool {
    let has_all = |wanted: &[ResourceTag], have: &[ResourceTag]| {
        wanted.iter().all(|wanted| {
            have.iter().any(|tag| tag.key == wanted.key && (wanted.value.is_none() || wanted.value == tag.value))
        })
    };
    let state = rule.lock.map(|lock| lock.state(ctx.now));
    rule.kind == input.kind
        && has_all(&input.resource_tags, &rule.resource_tags)
        && has_all(&input.exclude_tags, &rule.exclude_tags)
        && input.lock_state.as_deref().is_none_or(|wanted| state == Some(wanted))
}

impl Reply for ListRulesOutput {
    fn into_body(self) -> Body {
        let mut reply = json!({"Rules": self.rules});
        if let Some(token) = self.next_token {
            reply["NextToken"] = token.into();
        }
        Json::ok(reply).into_body()
    }
}
