//! SSM `GetParameter` and `GetParameters`.

use amictl_cloud::{OperationSpec, Service};
use serde_json::{Value, json};

use super::lookup::{find, no_version, not_found, shown};
use super::names::{Named, invalid, short};
use crate::ops::{Ctx, Op};
use crate::wire::{Json, Params};
use crate::{Fault, World};

pub(crate) struct GetParameter;

pub(crate) struct GetParameterInput {
    name: String,
    decrypts: bool,
}

fn get(world: &World, ctx: &Ctx, text: &str, decrypts: bool) -> Result<Value, Fault> {
    let named = Named::read(ctx, text).ok_or_else(not_found)?;
    let found = find(world, ctx, &named).ok_or_else(not_found)?;
    let version = found.parameter.version(named.selector);
    let version = version.ok_or_else(|| no_version(&found.name, named.selector.unwrap_or_default()))?;
    Ok(shown(ctx, &found, version, named.selector, decrypts))
}

impl Op for GetParameter {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ssm, "GetParameter");
    type Input = GetParameterInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<GetParameterInput, Fault> {
        Ok(GetParameterInput { name: params.required("Name")?.to_owned(), decrypts: params.flag("WithDecryption")? })
    }

    fn run(world: &mut World, ctx: &Ctx, input: GetParameterInput) -> Result<Json, Fault> {
        Ok(Json::ok(json!({"Parameter": get(world, ctx, &input.name, input.decrypts)?})))
    }
}

/// Names that one call may ask for.
const NAMES_MAX: usize = 10;

/// `Names`, between one and ten.
pub(super) fn names(params: &Params) -> Result<Vec<String>, Fault> {
    let names = params.texts("Names")?;
    if names.is_empty() || names.len() > NAMES_MAX {
        return Err(invalid(format!(
            "1 validation error detected: Value '[{}]' at 'names' failed to satisfy constraint: Member must have length \
             {} than or equal to {}",
            short(&names.join(", ")),
            if names.is_empty() { "greater" } else { "less" },
            if names.is_empty() { 1 } else { NAMES_MAX },
        )));
    }
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            return Err(invalid("Duplicate parameter names are not allowed in a single request."));
        }
    }
    Ok(names)
}

pub(crate) struct GetParameters;

pub(crate) struct GetParametersInput {
    names: Vec<String>,
    decrypts: bool,
}

impl Op for GetParameters {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ssm, "GetParameters");
    type Input = GetParametersInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<GetParametersInput, Fault> {
        Ok(GetParametersInput { names: names(params)?, decrypts: params.flag("WithDecryption")? })
    }

    fn run(world: &mut World, ctx: &Ctx, input: GetParametersInput) -> Result<Json, Fault> {
        let (mut parameters, mut missing) = (Vec::new(), Vec::new());
        for name in input.names {
            match get(world, ctx, &name, input.decrypts) {
                Ok(parameter) => parameters.push(parameter),
                Err(_) => missing.push(name),
            }
        }
        Ok(Json::ok(json!({"Parameters": parameters, "InvalidParameters": missing})))
    }
}
