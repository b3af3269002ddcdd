//! SSM `LabelParameterVersion` and `UnlabelParameterVersion`.

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;
use serde_json::json;

use super::lookup::{no_version, own_mut, own_name};
use super::names::invalid;
use crate::ops::{Ctx, Op};
use crate::wire::{Json, Params};
use crate::world::Parameter;
use crate::{Fault, World};

/// Labels that a version may have.
const LABELS_MAX: usize = 10;

pub(crate) struct LabelsInput {
    name: String,
    version: Option<u64>,
    labels: Vec<CompactString>,
}

fn decode(params: &Params) -> Result<LabelsInput, Fault> {
    let labels = params.texts("Labels")?;
    if labels.is_empty() || labels.len() > LABELS_MAX {
        return Err(invalid(format!(
            "1 validation error detected: labels must have between 1 and {LABELS_MAX} members"
        )));
    }
    if labels.iter().any(|label| label.is_empty() || label.len() > 100) {
        return Err(invalid("A label must have a minimum of 1 and a maximum of 100 characters."));
    }
    let version = params.integer("ParameterVersion")?;
    let version = version.map(|number| u64::try_from(number).map_err(|_| invalid("The version must be positive.")));
    Ok(LabelsInput {
        name: params.required("Name")?.to_owned(),
        version: version.transpose()?,
        labels: labels.into_iter().map(CompactString::from).collect(),
    })
}

/// What AWS takes as a label: letters, digits, `.`, `-` and `_`, not beginning with a digit, `aws` or `ssm`.
fn is_label(label: &str) -> bool {
    let lower = label.to_ascii_lowercase();
    label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        && !label.starts_with(|first: char| first.is_ascii_digit())
        && !lower.starts_with("aws")
        && !lower.starts_with("ssm")
}

/// Where a version stands in the list; without a number, the newest.
fn position(parameter: &Parameter, name: &str, number: Option<u64>) -> Result<usize, Fault> {
    let newest = parameter.versions.len().checked_sub(1);
    let at = match number {
        None => newest,
        Some(number) => parameter.versions.iter().position(|version| version.version == number),
    };
    at.ok_or_else(|| no_version(name, &number.unwrap_or(0).to_string()))
}

pub(crate) struct LabelParameterVersion;

impl Op for LabelParameterVersion {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ssm, "LabelParameterVersion");
    type Input = LabelsInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<LabelsInput, Fault> {
        decode(params)
    }

    fn run(world: &mut World, ctx: &Ctx, input: LabelsInput) -> Result<Json, Fault> {
        let name = own_name(world, ctx, &input.name)?;
        let parameter = own_mut(world, ctx, &name)?;
        let at = position(parameter, &name, input.version)?;
        let (valid, refused): (Vec<_>, Vec<_>) = input.labels.into_iter().partition(|label| is_label(label));
        let mut labels = parameter.versions[at].labels.clone();
        labels.extend(valid.iter().filter(|label| !parameter.versions[at].labels.contains(label)).cloned());
        if labels.len() > LABELS_MAX {
            let message = format!(
                "A parameter version can have maximum {LABELS_MAX} labels. Move one or more labels to another version and try \
                 again."
            );
            return Err(Fault::new("ParameterVersionLabelLimitExceeded", message));
        }
        // A label stands at one version only: it moves.
        for version in &mut parameter.versions {
            version.labels.retain(|label| !valid.contains(label));
        }
        let version = &mut parameter.versions[at];
        version.labels = labels;
        version.labels.dedup();
        Ok(Json::ok(json!({"InvalidLabels": refused, "ParameterVersion": version.version})))
    }
}

pub(crate) struct UnlabelParameterVersion;

impl Op for UnlabelParameterVersion {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ssm, "UnlabelParameterVersion");
    type Input = LabelsInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<LabelsInput, Fault> {
        params.required("ParameterVersion")?;
        decode(params)
    }

    fn run(world: &mut World, ctx: &Ctx, input: LabelsInput) -> Result<Json, Fault> {
        let name = own_name(world, ctx, &input.name)?;
        let parameter = own_mut(world, ctx, &name)?;
        let at = position(parameter, &name, input.version)?;
        let version = &mut parameter.versions[at];
        let (removed, unknown): (Vec<_>, Vec<_>) =
            input.labels.into_iter().partition(|label| version.labels.contains(label));
        version.labels.retain(|label| !removed.contains(label));
        Ok(Json::ok(json!({"RemovedLabels": removed, "InvalidLabels": unknown})))
    }
}
