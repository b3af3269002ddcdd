//! SSM `DescribeParameters`.

use std::ops::Bound;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::AccountId;
use serde_json::{Value, json};

use super::filters::{Filtered, ParameterFilters};
use super::names::{arn, invalid};
use crate::ops::{Ctx, Op, paged};
use crate::page::{fill, key_of_token, limit, token_after};
use crate::wire::{JsonPage, Params, epoch_secs};
use crate::world::Parameter;
use crate::{Fault, World};

pub(crate) struct DescribeParameters;

pub(crate) struct DescribeInput {
    filters: ParameterFilters,
    is_shared: bool,
    limit: usize,
    token: Option<String>,
}

impl Op for DescribeParameters {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ssm, "DescribeParameters");
    type Input = DescribeInput;
    type Output = JsonPage;
    paged!();

    fn decode(params: &Params) -> Result<DescribeInput, Fault> {
        let keys = ["Name", "Type", "KeyId", "Path", "DataType", "Tier"];
        let (old, new) = (ParameterFilters::decode_old(params)?, ParameterFilters::decode(params, &keys, true)?);
        if !old.is_empty() && !new.is_empty() {
            return Err(invalid("You can use either Filters or ParameterFilters in a single request."));
        }
        Ok(DescribeInput {
            filters: if old.is_empty() { new } else { old },
            is_shared: params.flag("Shared")?,
            limit: limit("maxResults", params.integer("MaxResults")?, 1..=50)?.unwrap_or(50),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: DescribeInput) -> Result<JsonPage, Fault> {
        let operation = if input.is_shared { "DescribeParameters shared" } else { "DescribeParameters" };
        let after = input.token.as_deref().map(|token| key_of_token(ctx, operation, token)).transpose()?;
        if input.is_shared {
            return Ok(shared(world, ctx, &input, after.as_deref()));
        }
        let from = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let scope = world.scope(ctx.account, &ctx.region);
        let entries = scope.into_iter().flat_map(|scope| scope.parameters.range::<str, _>((from, Bound::Unbounded)));
        let page = fill(entries, Some(input.limit), |name, parameter| {
            shown(ctx, ctx.account, name, parameter, &input.filters)
        });
        let next_token = page.next.map(|name| token_after(ctx, operation, name));
        Ok(JsonPage::new(json!({"Parameters": page.items}), next_token))
    }
}

/// Parameters that other accounts share with the caller, by ARN.
fn shared(world: &World, ctx: &Ctx, input: &DescribeInput, after: Option<&str>) -> JsonPage {
    let others = world.in_region(&ctx.region, None).filter(|(account, _)| *account != ctx.account);
    let entries = others
        .flat_map(|(account, scope)| scope.parameters.iter().map(move |(name, parameter)| (account, name, parameter)))
        .filter(|(_, _, parameter)| parameter.shared_with.contains(&ctx.account))
        .map(|(account, name, parameter)| (arn(Some(account), &ctx.region, name), (account, name, parameter)))
        .filter(|(arn, _)| after.is_none_or(|after| arn.as_str() > after));
    let mut entries: Vec<_> = entries.collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    let page = fill(entries.into_iter(), Some(input.limit), |_, (account, name, parameter)| {
        shown(ctx, account, name, parameter, &input.filters)
    });
    let next_token = page.next.map(|arn| token_after(ctx, "DescribeParameters shared", &arn));
    JsonPage::new(json!({"Parameters": page.items}), next_token)
}

fn shown(ctx: &Ctx, owner: AccountId, name: &str, parameter: &Parameter, filters: &ParameterFilters) -> Option<Value> {
    let newest = parameter.versions.last()?;
    if !filters.take(&Filtered { name, newest, labels: &[], tags: &parameter.tags }) {
        return None;
    }
    let mut shown = json!({
        "Name": name,
        "ARN": arn(Some(owner), &ctx.region, name),
        "Type": newest.kind.as_str(),
        "LastModifiedDate": epoch_secs(newest.modified_at),
        "LastModifiedUser": newest.modified_by,
        "Version": newest.version,
        "Tier": newest.tier(),
        "Policies": [],
        "DataType": newest.data_type,
    });
    for (name, text) in
        [("KeyId", &newest.key), ("Description", &newest.description), ("AllowedPattern", &newest.allowed_pattern)]
    {
        if let Some(text) = text {
            shown[name] = text.as_str().into();
        }
    }
    Some(shown)
}
