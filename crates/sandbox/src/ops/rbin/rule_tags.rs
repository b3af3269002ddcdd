//! Recycle Bin `TagResource`, `UntagResource` and `ListTagsForResource`: the tags of a rule itself.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Tags;
use compact_str::CompactString;
use serde_json::{Value, json};

use super::rule_input as input;
use crate::ops::{Ctx, Op, Route};
use crate::wire::{Json, Params};
use crate::world::RetentionRule;
use crate::{Fault, World};

/// Tags that a rule may have.
const TAGS_MAX: usize = 50;

pub(crate) struct ListTagsForResource;

impl Op for ListTagsForResource {
    const SPEC: OperationSpec = OperationSpec::read(Service::Rbin, "ListTagsForResource");
    const ROUTE: Option<Route> = Some(Route { method: "GET", path: "/tags/{resourceArn}" });
    type Input = CompactString;
    type Output = Json;

    fn decode(params: &Params) -> Result<CompactString, Fault> {
        Ok(params.required("resourceArn")?.into())
    }

    fn run(world: &mut World, ctx: &Ctx, arn: CompactString) -> Result<Json, Fault> {
        let rule = input::rule(world, ctx, &id_of(ctx, &arn)?)?;
        let tags: Value = rule.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        Ok(Json::ok(json!({"Tags": tags})))
    }
}

pub(crate) struct TagResource;

pub(crate) struct TagResourceInput {
    arn: CompactString,
    tags: Tags,
}

impl Op for TagResource {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Rbin, "TagResource");
    const ROUTE: Option<Route> = Some(Route { method: "POST", path: "/tags/{resourceArn}" });
    type Input = TagResourceInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<TagResourceInput, Fault> {
        Ok(TagResourceInput { arn: params.required("resourceArn")?.into(), tags: input::own_tags(params)? })
    }

    fn run(world: &mut World, ctx: &Ctx, input: TagResourceInput) -> Result<Json, Fault> {
        let rule = input::rule(world, ctx, &id_of(ctx, &input.arn)?)?;
        let pairs = rule.tags.iter().chain(input.tags.iter()).map(|(key, value)| (key.to_owned(), value.to_owned()));
        let tags: Tags = pairs.collect();
        if tags.len() > TAGS_MAX {
            return Err(input::quota("The number of tags of this retention rule has reached its quota."));
        }
        input::put(world, ctx, RetentionRule { tags, ..RetentionRule::clone(&rule) });
        Ok(Json { status: 201, value: json!({}) })
    }
}

pub(crate) struct UntagResource;

pub(crate) struct UntagResourceInput {
    arn: CompactString,
    keys: Vec<String>,
}

impl Op for UntagResource {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Rbin, "UntagResource");
    const ROUTE: Option<Route> = Some(Route { method: "DELETE", path: "/tags/{resourceArn}" });
    type Input = UntagResourceInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<UntagResourceInput, Fault> {
        Ok(UntagResourceInput { arn: params.required("resourceArn")?.into(), keys: params.texts("tagKeys")? })
    }

    fn run(world: &mut World, ctx: &Ctx, input: UntagResourceInput) -> Result<Json, Fault> {
        let rule = input::rule(world, ctx, &id_of(ctx, &input.arn)?)?;
        let kept = rule.tags.iter().filter(|(key, _)| !input.keys.iter().any(|gone| gone == key));
        let tags: Tags = kept.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        input::put(world, ctx, RetentionRule { tags, ..RetentionRule::clone(&rule) });
        Ok(Json { status: 204, value: json!({}) })
    }
}

/// The identifier in the ARN of one of the caller's rules.
fn id_of(ctx: &Ctx, arn: &str) -> Result<CompactString, Fault> {
    let rest = arn.strip_prefix("arn:aws:rbin:").ok_or_else(|| Fault::invalid_value("resourceArn", arn))?;
    let own = format!("{}:{}:rule/", ctx.region, ctx.account);
    match rest.split_once(":rule/") {
        None => Err(Fault::invalid_value("resourceArn", arn)),
        Some((_, id)) => rest.strip_prefix(&own).map(CompactString::from).ok_or_else(|| input::no_rule(id)),
    }
}
