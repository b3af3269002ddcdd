//! What is read of Image Builder: `Get…` and `List…`.

use amictl_cloud::{OperationSpec, Service};
use serde_json::{Value, json};

use super::images::shown_image;
use super::kinds::{CONTAINER_RECIPE, DISTRIBUTION, IMAGE, IMAGE_RECIPE, INFRASTRUCTURE, Kind, PIPELINE};
use super::select::{ListInput, decode_list, find, only, request_id};
use crate::ops::{Ctx, Op, Route, paged};
use crate::wire::{Json, JsonPage, Params};
use crate::{Fault, World};

fn list(world: &World, ctx: &Ctx, kind: &Kind, input: &ListInput, operation: &str) -> Result<JsonPage, Fault> {
    let scope = world.scope(ctx.account, &ctx.region);
    let resources = scope.into_iter().flat_map(|scope| scope.builder.iter());
    let entries = resources
        .filter(|(_, resource)| resource.kind == kind.path)
        .map(|(arn, resource)| (arn.to_string(), only(&resource.value, kind.summary)));
    input.page(ctx, operation, kind.list, entries)
}

fn get(world: &World, ctx: &Ctx, kind: &Kind, arn: &str) -> Result<Json, Fault> {
    let found = find(world, ctx, kind, arn)?;
    let mut value: Value = if kind.path == IMAGE.path { shown_image(found, ctx.now) } else { found.value.clone() };
    hide(kind, &mut value);
    // An image shows what it was made of.
    for part in [&CONTAINER_RECIPE, &DISTRIBUTION] {
        if let Some(inner) = value.get_mut(part.member) {
            hide(part, inner);
        }
    }
    Ok(Json::ok(json!({"requestId": request_id(ctx), kind.member: value})))
}

/// Takes out what only a list shows.
fn hide(kind: &Kind, value: &mut Value) {
    if let Some(members) = value.as_object_mut() {
        members.retain(|name, _| !kind.listed_only.contains(&name.as_str()));
    }
}

/// Declares `Get…`.
macro_rules! gets {
    ($($name:ident of $kind:ident),+ $(,)?) => {$(
        pub(crate) struct $name;

        impl Op for $name {
            const SPEC: OperationSpec = OperationSpec::read(Service::ImageBuilder, stringify!($name));
            const ROUTE: Option<Route> = Some(Route { method: "GET", path: concat!("/", stringify!($name)) });
            type Input = String;
            type Output = Json;

            fn decode(params: &Params) -> Result<String, Fault> {
                params.required($kind.arn).map(str::to_owned)
            }

            fn run(world: &mut World, ctx: &Ctx, arn: String) -> Result<Json, Fault> {
                get(world, ctx, &$kind, &arn)
            }
        }
    )+};
}

/// Declares `List…`.
macro_rules! lists {
    ($($name:ident of $kind:ident),+ $(,)?) => {$(
        pub(crate) struct $name;

        impl Op for $name {
            const SPEC: OperationSpec = OperationSpec::read(Service::ImageBuilder, stringify!($name));
            const ROUTE: Option<Route> = Some(Route { method: "POST", path: concat!("/", stringify!($name)) });
            type Input = ListInput;
            type Output = JsonPage;
            paged!();

            fn decode(params: &Params) -> Result<ListInput, Fault> {
                decode_list(params, &$kind, None)
            }

            fn run(world: &mut World, ctx: &Ctx, input: ListInput) -> Result<JsonPage, Fault> {
                list(world, ctx, &$kind, &input, stringify!($name))
            }
        }
    )+};
}

gets! {
    GetContainerRecipe of CONTAINER_RECIPE,
    GetDistributionConfiguration of DISTRIBUTION,
    GetImage of IMAGE,
    GetImagePipeline of PIPELINE,
    GetImageRecipe of IMAGE_RECIPE,
    GetInfrastructureConfiguration of INFRASTRUCTURE,
}

lists! {
    ListContainerRecipes of CONTAINER_RECIPE,
    ListDistributionConfigurations of DISTRIBUTION,
    ListImagePipelines of PIPELINE,
    ListImageRecipes of IMAGE_RECIPE,
    ListInfrastructureConfigurations of INFRASTRUCTURE,
}
