//! Removing what Image Builder has: `Delete…`. AMIs that an image put out stay.

use amictl_cloud::{OperationSpec, Service};
use serde_json::{Value, json};

use super::kinds::{CONTAINER_RECIPE, DISTRIBUTION, IMAGE, IMAGE_RECIPE, INFRASTRUCTURE, Kind, PIPELINE};
use super::select::{check_arn, not_found, request_id};
use crate::ops::{Ctx, Op, Route};
use crate::wire::{Json, Params};
use crate::{Fault, World};

fn delete(world: &mut World, ctx: &Ctx, kind: &Kind, arn: &str) -> Result<Json, Fault> {
    check_arn(kind, arn)?;
    let scope = world.scope_mut(ctx.account, &ctx.region);
    if !scope.builder.contains_key(arn) {
        return Err(not_found(arn));
    }
    let uses = |value: &Value| {
        value.get(kind.arn).and_then(Value::as_str) == Some(arn)
            || value.get(kind.member).and_then(|inner| inner.get("arn")).and_then(Value::as_str) == Some(arn)
    };
    if scope.builder.values().any(|other| other.arn != arn && uses(&other.value)) {
        let message =
            format!("Resource dependency error: The resource ARN '{arn}' has other resources depended on it.");
        return Err(Fault::new("ResourceDependencyException", message));
    }
    scope.builder.remove(arn);
    Ok(Json::ok(json!({"requestId": request_id(ctx), kind.arn: arn})))
}

/// Declares `Delete…`.
macro_rules! deletes {
    ($($name:ident of $kind:ident),+ $(,)?) => {$(
        pub(crate) struct $name;

        impl Op for $name {
            const SPEC: OperationSpec = OperationSpec::mutating(Service::ImageBuilder, stringify!($name));
            const ROUTE: Option<Route> = Some(Route { method: "DELETE", path: concat!("/", stringify!($name)) });
            type Input = String;
            type Output = Json;

            fn decode(params: &Params) -> Result<String, Fault> {
                params.required($kind.arn).map(str::to_owned)
            }

            fn run(world: &mut World, ctx: &Ctx, arn: String) -> Result<Json, Fault> {
                delete(world, ctx, &$kind, &arn)
            }
        }
    )+};
}

deletes! {
    DeleteContainerRecipe of CONTAINER_RECIPE,
    DeleteDistributionConfiguration of DISTRIBUTION,
    DeleteImage of IMAGE,
    DeleteImagePipeline of PIPELINE,
    DeleteImageRecipe of IMAGE_RECIPE,
    DeleteInfrastructureConfiguration of INFRASTRUCTURE,
}
