//! SSM `DeleteParameter` and `DeleteParameters`.

use amictl_cloud::{OperationSpec, Service};
use serde_json::json;

use super::get_parameters::names;
use super::lookup::own_name;
use crate::ops::{Ctx, Op};
use crate::wire::{Json, Params};
use crate::{Fault, World};

pub(crate) struct DeleteParameter;

impl Op for DeleteParameter {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ssm, "DeleteParameter");
    type Input = String;
    type Output = Json;

    fn decode(params: &Params) -> Result<String, Fault> {
        params.required("Name").map(str::to_owned)
    }

    fn run(world: &mut World, ctx: &Ctx, name: String) -> Result<Json, Fault> {
        let name = own_name(world, ctx, &name)?;
        world.scope_mut(ctx.account, &ctx.region).parameters.remove(name.as_str());
        Ok(Json::ok(json!({})))
    }
}

pub(crate) struct DeleteParameters;

impl Op for DeleteParameters {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ssm, "DeleteParameters");
    type Input = Vec<String>;
    type Output = Json;

    fn decode(params: &Params) -> Result<Vec<String>, Fault> {
        names(params)
    }

    fn run(world: &mut World, ctx: &Ctx, names: Vec<String>) -> Result<Json, Fault> {
        let (mut deleted, mut missing) = (Vec::new(), Vec::new());
        for name in names {
            match own_name(world, ctx, &name) {
                Ok(own) => {
                    world.scope_mut(ctx.account, &ctx.region).parameters.remove(own.as_str());
                    deleted.push(name);
                }
                Err(_) => missing.push(name),
            }
        }
        Ok(Json::ok(json!({"DeletedParameters": deleted, "InvalidParameters": missing})))
    }
}
