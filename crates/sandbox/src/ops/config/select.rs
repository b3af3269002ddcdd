//! AWS Config `SelectAggregateResourceConfig`, over instances and launch configurations.

use std::collections::BTreeMap;

use amictl_cloud::{Operation, OperationSpec, ops};
use amictl_model::AccountId;
use serde_json::{Value, json};

use super::aggregator::collects;
use super::expression::{COUNT, Expression};
use crate::ops::{Ctx, Op, paged};
use crate::page::{fill, key_of_token, token_after};
use crate::wire::{JsonPage, Params};
use crate::world::{Scope, ShownState};
use crate::{Fault, World};

/// Results on a page of an aggregation, unless asked for otherwise.
const GROUPS_PER_PAGE: usize = 500;
/// Results on a page of any other query.
const ITEMS_PER_PAGE: usize = 25;

pub(crate) struct SelectAggregateResourceConfig;

pub(crate) struct SelectAggregateResourceConfigInput {
    aggregator: String,
    expression: Expression,
    limit: Option<usize>,
    token: Option<String>,
}

/// A resource as it can be asked about.
struct Item<'a> {
    account: String,
    region: &'a str,
    kind: &'static str,
    id: &'a str,
    image: &'a str,
}

impl Item<'_> {
    fn field(&self, name: &str) -> &str {
        match name {
            "accountId" => &self.account,
            "awsRegion" => self.region,
            "resourceType" => self.kind,
            "resourceId" => self.id,
            _ => self.image,
        }
    }
}

impl Op for SelectAggregateResourceConfig {
    const SPEC: OperationSpec = <ops::SelectAggregateResourceConfig as Operation>::SPEC;
    type Input = SelectAggregateResourceConfigInput;
    type Output = JsonPage;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let limit = params.unsigned("MaxResults")?.or(params.unsigned("Limit")?);
        Ok(SelectAggregateResourceConfigInput {
            aggregator: params.required("ConfigurationAggregatorName")?.to_owned(),
            expression: Expression::parse(params.required("Expression")?)?,
            limit: limit.filter(|limit| *limit > 0).map(|limit| limit.min(100) as usize),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<JsonPage, Fault> {
        let collects = collects(world, ctx, &input.aggregator)?;
        let after = input.token.as_deref().map(|token| key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let scopes = world.scopes().filter(|(region, account, _)| collects.takes(*account, region));
        let items = scopes.flat_map(|(region, account, scope)| items(account, region.as_str(), scope, ctx));
        let items = items.filter(|item| {
            let holds = |(field, values): &(String, Vec<String>)| values.iter().any(|value| value == item.field(field));
            input.expression.conditions.iter().all(holds)
        });
        // By what tells a result from the others, which is its place in the pages as well.
        let fields = ["accountId", "awsRegion", "resourceType", "resourceId"].map(str::to_owned);
        let by = if input.expression.is_grouped() { &input.expression.group_by[..] } else { &fields[..] };
        let mut results: BTreeMap<String, (u64, Value)> = BTreeMap::new();
        for item in items {
            let key = by.iter().map(|field| item.field(field)).collect::<Vec<_>>().join("\n");
            results.entry(key).or_insert_with(|| (0, shown(&input.expression, &item))).0 += 1;
        }
        let least = if input.expression.is_grouped() { GROUPS_PER_PAGE } else { ITEMS_PER_PAGE };
        let counts = input.expression.select.iter().any(|column| column == COUNT);
        let results = results.iter().filter(|(key, _)| after.as_ref().is_none_or(|after| *key > after));
        let page = fill(results, Some(input.limit.unwrap_or(least)), |_, (count, shown)| {
            let mut shown = shown.clone();
            if counts {
                shown[COUNT] = (*count).into();
            }
            Some(shown.to_string())
        });
        let next_token = page.next.map(|key| token_after(ctx, Self::SPEC.name, key));
        let select: Vec<Value> = input.expression.select.iter().map(|name| json!({"Name": name})).collect();
        let reply = json!({"Results": page.items, "QueryInfo": {"SelectFields": select}});
        Ok(JsonPage::new(reply, next_token).called("NextToken"))
    }
}

/// What Config records of an account and Region.
fn items<'a>(account: AccountId, region: &'a str, scope: &'a Scope, ctx: &Ctx) -> Vec<Item<'a>> {
    let item = |kind, id, image| Item { account: account.to_string(), region, kind, id, image };
    let instances =
        scope.instances.iter().filter(|(_, instance)| instance.shown_state(ctx.now) != ShownState::Terminated);
    let instances = instances.map(|(id, instance)| item("AWS::EC2::Instance", id.as_str(), instance.image.as_str()));
    let configurations = scope.configurations.iter().map(|(name, configuration)| {
        item("AWS::AutoScaling::LaunchConfiguration", name.as_str(), configuration.image.as_str())
    });
    instances.chain(configurations).collect()
}

/// The columns of a result but the count; properties within the configuration are nested.
fn shown(expression: &Expression, item: &Item<'_>) -> Value {
    let mut shown = json!({});
    for column in expression.select.iter().filter(|column| *column != COUNT) {
        match column.split_once('.') {
            Some((outer, inner)) => shown[outer][inner] = item.field(column).into(),
            None => shown[column.as_str()] = item.field(column).into(),
        }
    }
    shown
}
