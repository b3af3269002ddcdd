//! Cloud Control `CreateResource`, `UpdateResource`, `DeleteResource` and `GetResourceRequestStatus`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use serde_json::{Value, json};

use super::patch::apply;
use super::types::kind_of;
use crate::ops::{Ctx, Op};
use crate::wire::{Json, Params, epoch_secs};
use crate::world::{CloudResource, ResourceRequest, resource_key};
use crate::{Fault, World};

pub(crate) struct ChangeInput {
    kind: String,
    identifier: String,
    /// The desired state, or the patch document.
    document: String,
    client_token: Option<String>,
}

fn decode(params: &Params, document: Option<&str>, has_identifier: bool) -> Result<ChangeInput, Fault> {
    let identifier = if has_identifier { params.required("Identifier")? } else { "" };
    Ok(ChangeInput {
        kind: params.required("TypeName")?.to_owned(),
        identifier: identifier.to_owned(),
        document: document.map(|name| params.required(name)).transpose()?.unwrap_or_default().to_owned(),
        client_token: params.string("ClientToken"),
    })
}

/// What a request did: the identifier, the properties it left, or why it failed.
type Done = Result<(String, Option<Value>), (String, &'static str, String)>;

fn event(token: &str, request: &ResourceRequest, now: amictl_model::Moment) -> Value {
    let is_done = now >= request.done_at;
    let status = match (&request.failure, is_done) {
        (_, false) => "IN_PROGRESS",
        (None, true) => "SUCCESS",
        (Some(_), true) => "FAILED",
    };
    let mut event = json!({
        "TypeName": request.kind,
        "RequestToken": token,
        "Operation": request.operation,
        "OperationStatus": status,
        "EventTime": epoch_secs(if is_done { request.done_at } else { request.requested_at }),
    });
    if let Some(identifier) = &request.identifier {
        event["Identifier"] = identifier.as_str().into();
    }
    if let Some((code, message)) = request.failure.as_ref().filter(|_| is_done) {
        event["ErrorCode"] = code.as_str().into();
        event["StatusMessage"] = message.as_str().into();
    }
    if let Some(properties) = request.properties.as_ref().filter(|_| is_done) {
        event["ResourceModel"] = properties.to_string().into();
    }
    json!({"ProgressEvent": event})
}

/// Carries out a request, or finds that it was made before under its token.
fn request(
    world: &mut World,
    ctx: &Ctx,
    operation: &str,
    input: ChangeInput,
    act: impl FnOnce(&mut World, &ChangeInput) -> Result<Done, Fault>,
) -> Result<Json, Fault> {
    let asked = format!("{operation} {} {} {}", input.kind, input.identifier, input.document);
    if let Some(client_token) = &input.client_token {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let known = scope
            .resource_requests
            .iter()
            .find(|(_, request)| request.client_token.as_ref().is_some_and(|(token, _)| token == client_token));
        if let Some((token, request)) = known {
            if request.client_token.as_ref().is_some_and(|(_, known)| *known != asked) {
                let message = "The specified client token has already been used in another resource request.";
                return Err(Fault::new("ClientTokenConflictException", message));
            }
            return Ok(Json::ok(event(token, request, ctx.now)));
        }
    }
    let done = act(world, &input)?;
    let number = world.new_number();
    let token = format!("{:08x}-{:04x}-4000-8000-{:012x}", number >> 32, number >> 16 & 0xffff, number & 0xffff_ffff);
    let (identifier, properties, failure) = match done {
        Ok((identifier, properties)) => (Some(identifier), properties, None),
        Err((identifier, code, message)) => (Some(identifier), None, Some((code.to_owned(), message))),
    };
    let request = ResourceRequest {
        kind: input.kind,
        identifier: identifier.filter(|text| !text.is_empty()),
        operation: operation.to_owned(),
        failure,
        requested_at: ctx.now,
        done_at: ctx.now.plus_secs(world.pace.task_secs.into()),
        client_token: input.client_token.map(|token| (token, asked)),
        properties,
    };
    let shown = event(&token, &request, ctx.now);
    let scope = world.scope_mut(ctx.account, &ctx.region);
    scope.resource_requests.insert(token.as_str().into(), Arc::new(request));
    Ok(Json::ok(shown))
}

fn not_found(kind: &str, identifier: &str) -> (String, &'static str, String) {
    let message = format!("Resource of type '{kind}' with identifier '{identifier}' was not found.");
    (identifier.to_owned(), "NotFound", message)
}

pub(crate) struct CreateResource;

impl Op for CreateResource {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::CloudControl, "CreateResource");
    type Input = ChangeInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<ChangeInput, Fault> {
        decode(params, Some("DesiredState"), false)
    }

    fn run(world: &mut World, ctx: &Ctx, input: ChangeInput) -> Result<Json, Fault> {
        let kind = kind_of(&input.kind, "CREATE")?;
        request(world, ctx, "CREATE", input, |world, input| {
            let Ok(Value::Object(mut properties)) = serde_json::from_str(&input.document) else {
                return Err(Fault::new("InvalidRequestException", "The DesiredState is not a JSON object."));
            };
            if let Some(missing) = kind.parents.iter().find(|name| !properties.contains_key(**name)) {
                let message = format!("Model validation failed (#: required key [{missing}] not found)");
                return Ok(Err((String::new(), "InvalidRequest", message)));
            }
            let number = world.new_number();
            let identifier = kind.identify(&mut properties, ctx.account, &ctx.region, number);
            let scope = world.scope_mut(ctx.account, &ctx.region);
            if scope.resources.contains_key(&resource_key(kind.name, &identifier)) {
                let message =
                    format!("Resource of type '{}' with identifier '{identifier}' already exists.", kind.name);
                return Ok(Err((identifier, "AlreadyExists", message)));
            }
            let properties = Value::Object(properties);
            scope.put_resource(CloudResource {
                kind: kind.name.to_owned(),
                identifier: identifier.clone(),
                properties: properties.clone(),
            });
            Ok(Ok((identifier, Some(properties))))
        })
    }
}

pub(crate) struct UpdateResource;

impl Op for UpdateResource {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::CloudControl, "UpdateResource");
    type Input = ChangeInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<ChangeInput, Fault> {
        decode(params, Some("PatchDocument"), true)
    }

    fn run(world: &mut World, ctx: &Ctx, input: ChangeInput) -> Result<Json, Fault> {
        let kind = kind_of(&input.kind, "UPDATE")?;
        request(world, ctx, "UPDATE", input, |world, input| {
            let scope = world.scope_mut(ctx.account, &ctx.region);
            let Some(resource) = scope.resources.get_mut(&resource_key(kind.name, &input.identifier)) else {
                return Ok(Err(not_found(kind.name, &input.identifier)));
            };
            let mut properties = resource.properties.clone();
            apply(&input.document, &mut properties)?;
            if kind.identifier.iter().any(|name| properties.get(*name) != resource.properties.get(*name)) {
                let message = "createOnlyProperties cannot be updated".to_owned();
                return Ok(Err((input.identifier.clone(), "NotUpdatable", message)));
            }
            Arc::make_mut(resource).properties = properties.clone();
            Ok(Ok((input.identifier.clone(), Some(properties))))
        })
    }
}

pub(crate) struct DeleteResource;

impl Op for DeleteResource {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::CloudControl, "DeleteResource");
    type Input = ChangeInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<ChangeInput, Fault> {
        decode(params, None, true)
    }

    fn run(world: &mut World, ctx: &Ctx, input: ChangeInput) -> Result<Json, Fault> {
        let kind = kind_of(&input.kind, "DELETE")?;
        request(world, ctx, "DELETE", input, |world, input| {
            let scope = world.scope_mut(ctx.account, &ctx.region);
            Ok(match scope.resources.remove(&resource_key(kind.name, &input.identifier)) {
                Some(_) => Ok((input.identifier.clone(), None)),
                None => Err(not_found(kind.name, &input.identifier)),
            })
        })
    }
}

pub(crate) struct GetResourceRequestStatus;

impl Op for GetResourceRequestStatus {
    const SPEC: OperationSpec = OperationSpec::read(Service::CloudControl, "GetResourceRequestStatus");
    type Input = String;
    type Output = Json;

    fn decode(params: &Params) -> Result<String, Fault> {
        params.required("RequestToken").map(str::to_owned)
    }

    fn run(world: &mut World, ctx: &Ctx, token: String) -> Result<Json, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let request = scope.resource_requests.get(token.as_str()).ok_or_else(|| {
            let token: String = token.chars().take(128).collect();
            Fault::new("RequestTokenNotFoundException", format!("Request with token {token} was not found"))
        })?;
        Ok(Json::ok(event(&token, request, ctx.now)))
    }
}
