//! SSM `AddTagsToResource`, `RemoveTagsFromResource` and `ListTagsForResource`, for parameters.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Tags;
use serde_json::json;

use super::lookup::{own_mut, own_name};
use crate::ops::{Ctx, Op};
use crate::wire::{Json, Params};
use crate::{Fault, World};

/// Tags that a parameter may have.
const TAGS_MAX: usize = 50;

/// `Tags`, checked.
pub(super) fn tags(params: &Params) -> Result<Vec<(String, String)>, Fault> {
    params
        .structures("Tags")?
        .into_iter()
        .map(|tag| {
            let key = tag.required("Key")?;
            let value = tag.text("Value").unwrap_or_default();
            if key.to_ascii_lowercase().starts_with("aws:") {
                let message = "Aws internal tags cannot be modified by the customer.";
                return Err(Fault::new("ValidationException", message));
            }
            if key.chars().count() > 128 || value.chars().count() > 256 {
                let message = "Tag keys are at most 128 characters long and tag values at most 256.";
                return Err(Fault::new("ValidationException", message));
            }
            Ok((key.to_owned(), value.to_owned()))
        })
        .collect()
}

/// Tags out of pairs, within their limit.
pub(super) fn within_limit(pairs: impl Iterator<Item = (String, String)>) -> Result<Tags, Fault> {
    let tags: Tags = pairs.collect();
    if tags.len() > TAGS_MAX {
        let message = format!("The number of tags exceeds the limit of {TAGS_MAX} for this resource.");
        return Err(Fault::new("TooManyTagsError", message));
    }
    Ok(tags)
}

/// `ResourceId` of a parameter.
fn resource(params: &Params) -> Result<String, Fault> {
    match params.required("ResourceType")? {
        "Parameter" => params.required("ResourceId").map(str::to_owned),
        other => {
            let other: String = other.chars().take(100).collect();
            Err(Fault::new("InvalidResourceType", format!("{other} is not a valid resource type.")))
        }
    }
}

/// The name of the caller's parameter.
fn name(world: &World, ctx: &Ctx, id: &str) -> Result<String, Fault> {
    own_name(world, ctx, id).map_err(|_| Fault::new("InvalidResourceId", ""))
}

pub(crate) struct AddTagsToResource;

pub(crate) struct AddInput {
    id: String,
    tags: Vec<(String, String)>,
}

impl Op for AddTagsToResource {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ssm, "AddTagsToResource");
    type Input = AddInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<AddInput, Fault> {
        Ok(AddInput { id: resource(params)?, tags: tags(params)? })
    }

    fn run(world: &mut World, ctx: &Ctx, input: AddInput) -> Result<Json, Fault> {
        let name = name(world, ctx, &input.id)?;
        let parameter = own_mut(world, ctx, &name)?;
        let kept = parameter.tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
        parameter.tags = within_limit(kept.chain(input.tags).collect::<Vec<_>>().into_iter())?;
        Ok(Json::ok(json!({})))
    }
}

pub(crate) struct RemoveTagsFromResource;

pub(crate) struct RemoveInput {
    id: String,
    keys: Vec<String>,
}

impl Op for RemoveTagsFromResource {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ssm, "RemoveTagsFromResource");
    type Input = RemoveInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<RemoveInput, Fault> {
        Ok(RemoveInput { id: resource(params)?, keys: params.texts("TagKeys")? })
    }

    fn run(world: &mut World, ctx: &Ctx, input: RemoveInput) -> Result<Json, Fault> {
        let name = name(world, ctx, &input.id)?;
        let parameter = own_mut(world, ctx, &name)?;
        let kept: Vec<(String, String)> = parameter
            .tags
            .iter()
            .filter(|(key, _)| !input.keys.iter().any(|gone| gone == key))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        parameter.tags = kept.into_iter().collect();
        Ok(Json::ok(json!({})))
    }
}

pub(crate) struct ListTagsForResource;

impl Op for ListTagsForResource {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ssm, "ListTagsForResource");
    type Input = String;
    type Output = Json;

    fn decode(params: &Params) -> Result<String, Fault> {
        resource(params)
    }

    fn run(world: &mut World, ctx: &Ctx, id: String) -> Result<Json, Fault> {
        let name = name(world, ctx, &id)?;
        let parameter = own_mut(world, ctx, &name)?;
        let tags: Vec<_> = parameter.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        Ok(Json::ok(json!({"TagList": tags})))
    }
}
