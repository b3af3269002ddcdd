//! AWS Config `PutConfigurationAggregator`, `DescribeConfigurationAggregators` and `DeleteConfigurationAggregator`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{AccountId, Region};
use serde_json::{Value, json};

use crate::ops::{Ctx, Op, paged};
use crate::page::{fill, key_of_token, token_after};
use crate::wire::{Json, JsonPage, Params, epoch_secs};
use crate::world::{CloudResource, resource_key};
use crate::{Fault, World};

/// What aggregators are kept as, among the resources of services that have no shelf of their own.
const KIND: &str = "AWS::Config::ConfigurationAggregator";

/// Aggregators on a page.
const PAGE_MAX: usize = 50;

/// Where an aggregator collects from.
pub(super) struct Collects {
    accounts: Vec<AccountId>,
    /// `None` for all.
    regions: Option<Vec<String>>,
}

impl Collects {
    /// Whether it collects from this account in this Region.
    pub(super) fn takes(&self, account: AccountId, region: &Region) -> bool {
        let takes_region =
            self.regions.as_ref().is_none_or(|regions| regions.iter().any(|wanted| wanted == region.as_str()));
        takes_region && self.accounts.contains(&account)
    }
}

fn found<'a>(world: &'a World, ctx: &Ctx, name: &str) -> Result<&'a CloudResource, Fault> {
    let scope = world.scope(ctx.account, &ctx.region);
    let found = scope.and_then(|scope| scope.resources.get(&resource_key(KIND, name)));
    found.map(|found| &**found).ok_or_else(|| {
        let name: String = name.chars().take(256).collect();
        let message =
            format!("The configuration aggregator does not exist. Check the configuration aggregator name: {name}");
        Fault::new("NoSuchConfigurationAggregatorException", message)
    })
}

/// Where the aggregator of this name collects from.
pub(super) fn collects(world: &World, ctx: &Ctx, name: &str) -> Result<Collects, Fault> {
    let aggregator = &found(world, ctx, name)?.properties;
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let organization = &aggregator["OrganizationAggregationSource"];
    let source = if organization.is_object() { organization } else { &aggregator["AccountAggregationSources"][0] };
    let accounts = if organization.is_object() {
        world.organization().map_or_else(Vec::new, |organization| organization.accounts.keys().copied().collect())
    } else {
        texts(&source["AccountIds"]).iter().filter_map(|account| account.parse().ok()).collect()
    };
    let regions = (source["AllAwsRegions"] != true).then(|| texts(&source["AwsRegions"]));
    Ok(Collects { accounts, regions })
}

pub(crate) struct PutConfigurationAggregator;

pub(crate) struct PutConfigurationAggregatorInput {
    name: String,
    source: (&'static str, Value),
}

impl Op for PutConfigurationAggregator {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Config, "PutConfigurationAggregator");
    type Input = PutConfigurationAggregatorInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let name = params.required("ConfigurationAggregatorName")?.to_owned();
        let accounts = params.structures("AccountAggregationSources")?;
        let source = match (accounts.as_slice(), params.structure("OrganizationAggregationSource")) {
            ([source], None) => {
                let mut shown = regions(source)?;
                shown["AccountIds"] = source.texts("AccountIds")?.into();
                ("AccountAggregationSources", json!([shown]))
            }
            ([], Some(source)) => {
                let mut shown = regions(source)?;
                shown["RoleArn"] = source.required("RoleArn")?.into();
                ("OrganizationAggregationSource", shown)
            }
            _ => {
                let message = "Specify either AccountAggregationSources, of which there may be one, or OrganizationAggregationSource.";
                return Err(Fault::new("InvalidParameterValueException", message));
            }
        };
        Ok(PutConfigurationAggregatorInput { name, source })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Json, Fault> {
        let PutConfigurationAggregatorInput { name, source: (member, source) } = input;
        if member == "OrganizationAggregationSource" && world.organization().is_none() {
            let message = "The account is not part of an organization.";
            return Err(Fault::new("NoAvailableOrganizationException", message));
        }
        let arn = format!("arn:aws:config:{}:{}:config-aggregator/config-aggregator-{name}", ctx.region, ctx.account);
        let shown = json!({
            "ConfigurationAggregatorName": name,
            "ConfigurationAggregatorArn": arn,
            member: source,
            "CreationTime": epoch_secs(ctx.now),
            "LastUpdatedTime": epoch_secs(ctx.now),
        });
        let kept = CloudResource { kind: KIND.to_owned(), identifier: name, properties: shown.clone() };
        world.scope_mut(ctx.account, &ctx.region).resources.insert(kept.key(), Arc::new(kept));
        Ok(Json::ok(json!({"ConfigurationAggregator": shown})))
    }
}

/// The Regions of a source.
fn regions(source: &Params) -> Result<Value, Fault> {
    let (all, some) = (source.flag("AllAwsRegions")?, source.texts("AwsRegions")?);
    match (all, some.is_empty()) {
        (true, true) => Ok(json!({"AllAwsRegions": true})),
        (false, false) => Ok(json!({"AllAwsRegions": false, "AwsRegions": some})),
        _ => Err(Fault::new("InvalidParameterValueException", "Specify either AllAwsRegions or AwsRegions.")),
    }
}

pub(crate) struct DescribeConfigurationAggregators;

pub(crate) struct DescribeConfigurationAggregatorsInput {
    names: Vec<String>,
    limit: usize,
    token: Option<String>,
}

impl Op for DescribeConfigurationAggregators {
    const SPEC: OperationSpec = OperationSpec::read(Service::Config, "DescribeConfigurationAggregators");
    type Input = DescribeConfigurationAggregatorsInput;
    type Output = JsonPage;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let limit = params.unsigned("Limit")?.filter(|limit| *limit > 0).map_or(PAGE_MAX, |limit| limit as usize);
        Ok(DescribeConfigurationAggregatorsInput {
            names: params.texts("ConfigurationAggregatorNames")?,
            limit: limit.min(100),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<JsonPage, Fault> {
        let Self::Input { names, limit, token } = input;
        let after = token.as_deref().map(|token| key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        for name in &names {
            found(world, ctx, name)?;
        }
        let all = world.scope(ctx.account, &ctx.region).into_iter().flat_map(|scope| scope.resources.iter());
        let all = all.filter(|(key, aggregator)| {
            aggregator.kind == KIND && after.as_deref().is_none_or(|after| key.as_str() > after)
        });
        let page = fill(all, Some(limit), |_, aggregator| {
            let is_meant = names.is_empty() || names.contains(&aggregator.identifier);
            is_meant.then(|| aggregator.properties.clone())
        });
        let next_token = page.next.map(|key| token_after(ctx, Self::SPEC.name, key));
        Ok(JsonPage::new(json!({"ConfigurationAggregators": page.items}), next_token).called("NextToken"))
    }
}

pub(crate) struct DeleteConfigurationAggregator;

impl Op for DeleteConfigurationAggregator {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Config, "DeleteConfigurationAggregator");
    type Input = String;
    type Output = Json;

    fn decode(params: &Params) -> Result<String, Fault> {
        params.required("ConfigurationAggregatorName").map(str::to_owned)
    }

    fn run(world: &mut World, ctx: &Ctx, name: String) -> Result<Json, Fault> {
        found(world, ctx, &name)?;
        world.scope_mut(ctx.account, &ctx.region).resources.remove(&resource_key(KIND, &name));
        Ok(Json::ok(json!({})))
    }
}
