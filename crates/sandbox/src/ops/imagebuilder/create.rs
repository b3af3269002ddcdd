//! Making recipes, configurations and pipelines: `Create…`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use serde_json::{Map, Value, json};

use super::document::json_of;
use super::kinds::{CONTAINER_RECIPE, DISTRIBUTION, IMAGE_RECIPE, INFRASTRUCTURE, Kind, PIPELINE};
use super::select::{find, invalid, request_id};
use crate::ops::{Ctx, Op, Route};
use crate::wire::{Json, Params, wire_time};
use crate::world::BuilderResource;
use crate::{Fault, World};

pub(crate) struct CreateInput {
    pub(super) value: Map<String, Value>,
    version: Option<String>,
    pub(super) client_token: Option<String>,
}

pub(super) fn decode(params: &Params, kind: &Kind) -> Result<CreateInput, Fault> {
    for name in kind.required {
        if params.structure(name).is_none() {
            return Err(invalid(format!("The required parameter '{name}' is missing.")));
        }
    }
    let version = params.string("semanticVersion");
    let is_version = |text: &str| {
        text.split('.').count() == 3
            && text.split('.').all(|part| part.parse::<u32>().is_ok_and(|number| number.to_string() == part))
    };
    if let Some(version) = version.as_deref().filter(|version| !is_version(version)) {
        let version: String = version.chars().take(128).collect();
        let message = format!("The semantic version '{version}' is not valid: it must be <major>.<minor>.<patch>.");
        return Err(Fault::new("InvalidVersionNumberException", message));
    }
    if let Some(name) = params.text("name") {
        let is_name = (1..=128).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_ ".contains(&byte));
        if !is_name {
            return Err(invalid("The value supplied for parameter 'name' is not valid."));
        }
    }
    let given =
        kind.given.iter().filter_map(|name| Some(((*name).to_owned(), json_of(name, params.structure(name)?)?)));
    Ok(CreateInput { value: given.collect(), version, client_token: params.string("clientToken") })
}

/// A name as ARNs have it.
pub(super) fn arn_name(name: &str) -> String {
    name.to_ascii_lowercase().replace(' ', "-")
}

/// An ARN of Image Builder.
pub(super) fn arn(ctx: &Ctx, path: &str, rest: &str) -> String {
    format!("arn:aws:imagebuilder:{}:{}:{path}/{rest}", ctx.region, ctx.account)
}

fn text<'a>(value: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

/// Whether a parent image is Windows: known for images of this world only.
fn platform(world: &World, ctx: &Ctx, parent: Option<&str>) -> &'static str {
    let image = parent.and_then(|parent| parent.parse().ok()).and_then(|id| world.find_image(&ctx.region, &id));
    let is_windows = image.is_some_and(|image| image.traits.platform.is_some())
        || parent.is_some_and(|parent| parent.to_ascii_lowercase().contains("windows"));
    if is_windows { "Windows" } else { "Linux" }
}

/// Completes the document of a new resource by what AWS says about it.
fn complete(world: &World, ctx: &Ctx, kind: &Kind, value: &mut Map<String, Value>) -> Result<(), Fault> {
    let created = wire_time(ctx.now);
    value.insert("dateCreated".to_owned(), created.clone().into());
    match kind.path {
        "image-recipe" | "container-recipe" => {
            value.insert("owner".to_owned(), ctx.account.to_string().into());
            let platform = platform(world, ctx, text(value, "parentImage"));
            value.insert("platform".to_owned(), platform.into());
            if kind.path == "image-recipe" {
                value.insert("type".to_owned(), "AMI".into());
            } else {
                value.insert("encrypted".to_owned(), true.into());
                let image = value.get("instanceConfiguration").and_then(|configuration| configuration.get("image"));
                if let Some(image) = image.cloned() {
                    value.insert("instanceImage".to_owned(), image);
                }
            }
        }
        "distribution-configuration" => {
            value.insert("dateUpdated".to_owned(), created.into());
            let distributions = value.get("distributions").and_then(Value::as_array).cloned().unwrap_or_default();
            let regions: Vec<Value> =
                distributions.iter().filter_map(|distribution| distribution.get("region").cloned()).collect();
            if regions.is_empty() || regions.len() != distributions.len() {
                return Err(invalid("Every distribution must name a region."));
            }
            value.insert("regions".to_owned(), regions.into());
            value.insert("timeoutMinutes".to_owned(), 360.into());
        }
        "image-pipeline" => {
            value.insert("dateUpdated".to_owned(), created.into());
            value.entry("status").or_insert_with(|| "ENABLED".into());
            value.insert("platform".to_owned(), "Linux".into());
            for (other, name) in [
                (&IMAGE_RECIPE, "imageRecipeArn"),
                (&CONTAINER_RECIPE, "containerRecipeArn"),
                (&INFRASTRUCTURE, "infrastructureConfigurationArn"),
                (&DISTRIBUTION, "distributionConfigurationArn"),
            ] {
                if let Some(arn) = text(value, name) {
                    find(world, ctx, other, arn)?;
                }
            }
            if text(value, "imageRecipeArn").is_some() == text(value, "containerRecipeArn").is_some() {
                return Err(invalid("Exactly one of 'imageRecipeArn' and 'containerRecipeArn' must be supplied."));
            }
        }
        _ => {
            value.insert("dateUpdated".to_owned(), created.into());
        }
    }
    Ok(())
}

fn create(world: &mut World, ctx: &Ctx, kind: &Kind, input: CreateInput) -> Result<Json, Fault> {
    let mut value = input.value;
    let asked = format!("{} {:?}", Value::Object(value.clone()), input.version);
    let name = arn_name(text(&value, "name").unwrap_or_default());
    let arn = match &input.version {
        Some(version) if kind.is_versioned => arn(ctx, kind.path, &format!("{name}/{version}")),
        _ => arn(ctx, kind.path, &name),
    };
    let reply = json!({"requestId": request_id(ctx), "clientToken": input.client_token, kind.arn: arn});
    let scope = world.scope_mut(ctx.account, &ctx.region);
    if let Some(existing) = scope.builder.get(arn.as_str()) {
        if existing.client_token.as_ref().map(|(token, _)| token) == input.client_token.as_ref() {
            if existing.client_token.as_ref().is_some_and(|(_, known)| *known != asked) {
                let message = "You have specified a client token for an operation using parameter values that differ from a \
                               previous request that used the same client token.";
                return Err(Fault::new("IdempotentParameterMismatchException", message));
            }
            return Ok(Json::ok(reply));
        }
        let message = format!("The following resource '{}' already exists: '{arn}'.", kind.name);
        return Err(Fault::new("ResourceAlreadyExistsException", message));
    }
    if let Some(version) = input.version.filter(|_| kind.is_versioned) {
        value.insert("version".to_owned(), version.into());
    }
    value.insert("arn".to_owned(), arn.clone().into());
    complete(world, ctx, kind, &mut value)?;
    let resource = BuilderResource {
        kind: kind.path.to_owned(),
        arn: arn.clone(),
        client_token: input.client_token.map(|token| (token, asked)),
        value: Value::Object(value),
        ready_at: None,
    };
    world.scope_mut(ctx.account, &ctx.region).builder.insert(arn.into(), Arc::new(resource));
    Ok(Json::ok(reply))
}

/// Declares `Create…`.
macro_rules! creates {
    ($($name:ident of $kind:ident),+ $(,)?) => {$(
        pub(crate) struct $name;

        impl Op for $name {
            const SPEC: OperationSpec = OperationSpec::mutating(Service::ImageBuilder, stringify!($name));
            const ROUTE: Option<Route> = Some(Route { method: "PUT", path: concat!("/", stringify!($name)) });
            type Input = CreateInput;
            type Output = Json;

            fn decode(params: &Params) -> Result<CreateInput, Fault> {
                decode(params, &$kind)
            }

            fn run(world: &mut World, ctx: &Ctx, input: CreateInput) -> Result<Json, Fault> {
                create(world, ctx, &$kind, input)
            }
        }
    )+};
}

creates! {
    CreateContainerRecipe of CONTAINER_RECIPE,
    CreateDistributionConfiguration of DISTRIBUTION,
    CreateImagePipeline of PIPELINE,
    CreateImageRecipe of IMAGE_RECIPE,
    CreateInfrastructureConfiguration of INFRASTRUCTURE,
}
