//! Cloud Control `ListResources` and `GetResource`.

use std::borrow::Cow;
use std::ops::Bound;

use amictl_cloud::{OperationSpec, Service};
use compact_str::{CompactString, format_compact};
use serde_json::{Map, Value, json};

use super::built::built_resources;
use super::handlers;
use super::types::kind_of;
use crate::ops::{Ctx, Op, paged};
use crate::page::{fill, key_of_token, limit, token_after};
use crate::wire::{Json, JsonPage, Params};
use crate::world::{CloudResource, resource_key};
use crate::{Fault, World};

pub(crate) struct ListResources;

pub(crate) struct ListInput {
    kind: String,
    model: Option<Map<String, Value>>,
    limit: usize,
    token: Option<String>,
}

impl Op for ListResources {
    const SPEC: OperationSpec = OperationSpec::read(Service::CloudControl, "ListResources");
    type Input = ListInput;
    type Output = JsonPage;
    paged!();

    fn resource_type(input: &ListInput) -> Option<&str> {
        Some(&input.kind)
    }

    fn further_actions(input: &ListInput) -> Vec<&'static str> {
        handlers::to_list(&input.kind).to_vec()
    }

    fn decode(params: &Params) -> Result<ListInput, Fault> {
        let model = params.string("ResourceModel").map(|text| match serde_json::from_str(&text) {
            Ok(Value::Object(model)) => Ok(model),
            _ => Err(Fault::new("InvalidRequestException", "The ResourceModel is not a JSON object.")),
        });
        Ok(ListInput {
            kind: params.required("TypeName")?.to_owned(),
            model: model.transpose()?,
            limit: limit("maxResults", params.integer("MaxResults")?, 1..=100)?.unwrap_or(100),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ListInput) -> Result<JsonPage, Fault> {
        let kind = kind_of(&input.kind, "LIST")?;
        let model = input.model.unwrap_or_default();
        if let Some(missing) = kind.parents.iter().find(|name| !model.contains_key(**name)) {
            let message = format!(
                "Missing Or Invalid ResourceModel property in {} list handler request input. Required property: ({missing})",
                kind.name
            );
            return Err(Fault::new("InvalidRequestException", message));
        }
        let operation = format!("ListResources {}", kind.name);
        let after = input.token.as_deref().map(|token| key_of_token(ctx, &operation, token));
        let after = after.transpose().map_err(|fault| Fault::new("InvalidRequestException", fault.message))?;
        let first = format_compact!("{} ", kind.name);
        let from = match after.as_deref() {
            Some(after) => Bound::Excluded(after),
            None => Bound::Included(first.as_str()),
        };
        let scope = world.scope(ctx.account, &ctx.region);
        let stored = scope.into_iter().flat_map(|scope| scope.resources.range::<str, _>((from, Bound::Unbounded)));
        let stored = stored.take_while(|(key, _)| key.starts_with(first.as_str()));
        let stored = stored.map(|(key, resource)| (key.clone(), Cow::Borrowed(&**resource)));
        let built = scope.map(|scope| built_resources(scope, kind)).unwrap_or_default().into_iter();
        let built = built.map(|resource| (resource.key(), Cow::Owned(resource)));
        let mut built: Vec<_> =
            built.filter(|(key, _)| after.as_deref().is_none_or(|after| key.as_str() > after)).collect();
        // Only Image Builder's own resources are not in the order of the shelf yet.
        let entries: Box<dyn Iterator<Item = (CompactString, Cow<'_, CloudResource>)>> = if built.is_empty() {
            Box::new(stored)
        } else {
            built.extend(stored);
            built.sort_unstable_by(|one, other| one.0.cmp(&other.0));
            Box::new(built.into_iter())
        };
        let page = fill(entries, Some(input.limit), |_, resource| {
            let is_in = |name: &str| resource.properties.get(name) == model.get(name);
            if !kind.parents.iter().all(|name| is_in(name)) {
                return None;
            }
            // A list shows what identifies a resource; the rest is to be got.
            let mut shown = Map::new();
            for name in kind.identifier.iter().chain(kind.parents) {
                if let Some(value) = resource.properties.get(*name) {
                    shown.insert((*name).to_owned(), value.clone());
                }
            }
            Some(json!({"Identifier": resource.identifier, "Properties": Value::Object(shown).to_string()}))
        });
        let next_token = page.next.map(|key| token_after(ctx, &operation, &key));
        Ok(JsonPage::new(json!({"TypeName": kind.name, "ResourceDescriptions": page.items}), next_token))
    }
}

pub(crate) struct GetResource;

/// `ResourceNotFoundException`.
pub(super) fn not_found(kind: &str, identifier: &str) -> Fault {
    let identifier: String = identifier.chars().take(200).collect();
    let message = format!("Resource of type '{kind}' with identifier '{identifier}' was not found.");
    Fault::new("ResourceNotFoundException", message)
}

impl Op for GetResource {
    const SPEC: OperationSpec = OperationSpec::read(Service::CloudControl, "GetResource");
    type Input = (String, String);
    type Output = Json;

    fn resource_type((kind, _): &(String, String)) -> Option<&str> {
        Some(kind)
    }

    fn further_actions((kind, _): &(String, String)) -> Vec<&'static str> {
        handlers::to_read(kind).to_vec()
    }

    fn decode(params: &Params) -> Result<(String, String), Fault> {
        Ok((params.required("TypeName")?.to_owned(), params.required("Identifier")?.to_owned()))
    }

    fn run(world: &mut World, ctx: &Ctx, (name, identifier): (String, String)) -> Result<Json, Fault> {
        let kind = kind_of(&name, "READ")?;
        let scope = world.scope(ctx.account, &ctx.region).ok_or_else(|| not_found(kind.name, &identifier))?;
        let stored = scope.resources.get(&resource_key(kind.name, &identifier)).map(|stored| Cow::Borrowed(&**stored));
        let built = || {
            let mut built = built_resources(scope, kind).into_iter();
            built.find(|resource| resource.identifier == identifier).map(Cow::Owned)
        };
        let mut resource = stored.or_else(built).ok_or_else(|| not_found(kind.name, &identifier))?;
        if !kind.write_only.is_empty()
            && let Some(properties) = resource.to_mut().properties.as_object_mut()
        {
            properties.retain(|name, _| !kind.write_only.contains(&name.as_str()));
        }
        Ok(Json::ok(json!({
            "TypeName": kind.name,
            "ResourceDescription": {
                "Identifier": resource.identifier,
                "Properties": resource.properties.to_string(),
            },
        })))
    }
}
