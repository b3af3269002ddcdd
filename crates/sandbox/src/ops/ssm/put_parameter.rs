//! SSM `PutParameter`.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageId, ImageState};
use regex::Regex;
use serde_json::json;

use super::lookup::own_name;
use super::names::{check_new, invalid, short};
use super::tags::{tags, within_limit};
use crate::ops::{Ctx, Op};
use crate::wire::{Json, Params};
use crate::world::{Parameter, ParameterType, ParameterVersion};
use crate::{Fault, World};

/// Versions that a parameter keeps.
const VERSIONS_MAX: usize = 100;

/// Parameters that an account may have in a Region: standard ones, advanced ones.
const PARAMETERS_MAX: [usize; 2] = [10_000, 100_000];

/// Bytes that a value may have: of a standard parameter, of an advanced one.
const VALUE_MAX: [usize; 2] = [4096, 8192];

pub(crate) struct PutParameter;

pub(crate) struct PutInput {
    name: String,
    value: String,
    kind: Option<ParameterType>,
    data_type: Option<String>,
    description: Option<String>,
    key: Option<String>,
    allowed_pattern: Option<String>,
    tier: Option<String>,
    overwrite: bool,
    tags: Vec<(String, String)>,
}

impl Op for PutParameter {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ssm, "PutParameter");
    type Input = PutInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<PutInput, Fault> {
        let value = params.required("Value").map_err(|_| {
            invalid("1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length \
                     greater than or equal to 1.")
        })?;
        let kind = params.string("Type").map(|text| {
            ParameterType::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
                invalid(format!(
                    "1 validation error detected: Value '{}' at 'type' failed to satisfy constraint: Member must satisfy \
                     enum value set: [SecureString, StringList, String]",
                    short(&text)
                ))
            })
        });
        let tier = params.string("Tier");
        if let Some(tier) =
            tier.as_deref().filter(|tier| !["Standard", "Advanced", "Intelligent-Tiering"].contains(tier))
        {
            return Err(invalid(format!(
                "1 validation error detected: Value '{}' at 'tier' failed to satisfy constraint: Member must satisfy enum \
                 value set: [Standard, Advanced, Intelligent-Tiering]",
                short(tier)
            )));
        }
        let data_type = params.string("DataType");
        if let Some(other) = data_type
            .as_deref()
            .filter(|data_type| !["text", "aws:ec2:image", "aws:ssm:integration"].contains(data_type))
        {
            return Err(invalid(format!(
                "The following data type is not supported: {} (Data type names are all lowercase.)",
                short(other)
            )));
        }
        Ok(PutInput {
            name: params.required("Name")?.to_owned(),
            value: value.to_owned(),
            kind: kind.transpose()?,
            data_type,
            description: params.string("Description"),
            key: params.string("KeyId"),
            allowed_pattern: params.string("AllowedPattern"),
            tier,
            overwrite: params.flag("Overwrite")?,
            tags: tags(params)?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, mut input: PutInput) -> Result<Json, Fault> {
        if input.name.starts_with("arn:") {
            input.name = own_name(world, ctx, &input.name)?;
        }
        check_new(&input.name)?;
        if input.overwrite && !input.tags.is_empty() {
            return Err(invalid(
                "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove \
                 overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
                 RemoveTagsFromResource.",
            ));
        }
        let scope = world.scope(ctx.account, &ctx.region);
        let existing = scope.and_then(|scope| scope.parameters.get(input.name.as_str()));
        let newest = existing.and_then(|parameter| parameter.versions.last());
        if newest.is_some() && !input.overwrite {
            let message = "The parameter already exists. To overwrite this value, set the overwrite option in the request \
                           to true.";
            return Err(Fault::new("ParameterAlreadyExists", message));
        }
        let version = new_version(ctx, &input, newest)?;
        let is_advanced = version.is_advanced;
        if newest.is_none() {
            let count = scope.map_or(0, |scope| {
                let of_tier = |parameter: &&Parameter| {
                    parameter.versions.last().is_some_and(|newest| newest.is_advanced == is_advanced)
                };
                scope.parameters.values().filter(of_tier).count()
            });
            if count >= PARAMETERS_MAX[usize::from(is_advanced)] {
                let message = "You have exceeded the number of parameters for this AWS account.";
                return Err(Fault::new("ParameterLimitExceeded", message));
            }
        }
        let mut parameter = match existing {
            Some(parameter) => parameter.clone(),
            None => Parameter { tags: within_limit(input.tags.into_iter())?, ..Parameter::default() },
        };
        if parameter.versions.len() >= VERSIONS_MAX {
            drop_oldest(&input.name, &mut parameter)?;
        }
        let reply = json!({"Version": version.version, "Tier": version.tier()});
        // AWS looks for the image after it has answered, and drops the version if there is none.
        if version.data_type == "aws:ec2:image" && !is_usable_image(world, ctx, &version.value) {
            return Ok(Json::ok(reply));
        }
        parameter.versions.push(version);
        world.scope_mut(ctx.account, &ctx.region).parameters.insert(input.name.as_str().into(), parameter);
        Ok(Json::ok(reply))
    }
}

/// The version that is asked for, after the newest one there is.
fn new_version(ctx: &Ctx, input: &PutInput, newest: Option<&ParameterVersion>) -> Result<ParameterVersion, Fault> {
    let kind = match (input.kind, newest) {
        (None, None) => return Err(invalid("A parameter type is required when you create a parameter.")),
        (None, Some(newest)) => newest.kind,
        (Some(kind), Some(newest)) if kind != newest.kind => {
            let message = format!(
                "The parameter type {} can't be changed to {}. You must create a new, unique parameter.",
                newest.kind.as_str(),
                kind.as_str()
            );
            return Err(Fault::new("HierarchyTypeMismatchException", message));
        }
        (Some(kind), _) => kind,
    };
    let data_type = match (&input.data_type, newest) {
        (Some(data_type), _) => data_type.as_str(),
        (None, Some(newest)) => newest.data_type.as_str(),
        (None, None) => "text",
    };
    if data_type == "aws:ec2:image" {
        if kind != ParameterType::String {
            return Err(invalid(format!(
                "The data type aws:ec2:image is not supported for the parameter type {}.",
                kind.as_str()
            )));
        }
        if input.value.parse::<ImageId>().is_err() {
            let message = "The parameter value doesn't match the format of the data type aws:ec2:image: ami-<8 or 17 \
                           hexadecimal digits>";
            return Err(invalid(message));
        }
    }
    let was_advanced = newest.is_some_and(|newest| newest.is_advanced);
    let is_advanced = match input.tier.as_deref() {
        Some("Advanced") => true,
        Some("Intelligent-Tiering") => was_advanced || input.value.len() > VALUE_MAX[0],
        Some(_) if was_advanced => {
            return Err(invalid(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter \
                 tier to the standard-parameter tier.",
            ));
        }
        _ => was_advanced,
    };
    let bytes_max = VALUE_MAX[usize::from(is_advanced)];
    if input.value.len() > bytes_max {
        let (tier, hint) = if is_advanced {
            ("Advanced", "")
        } else {
            (
                "Standard",
                " To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.",
            )
        };
        let message =
            format!("{tier} tier parameters support a maximum parameter value of {bytes_max} characters.{hint}");
        return Err(invalid(message));
    }
    let pattern = input.allowed_pattern.as_deref();
    if let Some(pattern) = pattern {
        let message = || format!("The request does not meet the regular expression requirement: {}", short(pattern));
        let whole = Regex::new(&format!("^(?:{pattern})$"))
            .map_err(|_| Fault::new("InvalidAllowedPatternException", message()))?;
        if !whole.is_match(&input.value) {
            let message = format!("Parameter value, cannot be validated against allowedPattern: {}", short(pattern));
            return Err(Fault::new("ParameterPatternMismatchException", message));
        }
    }
    let key =
        (kind == ParameterType::SecureString).then(|| input.key.clone().unwrap_or_else(|| "alias/aws/ssm".to_owned()));
    if key.is_none() && input.key.is_some() {
        return Err(invalid("KeyId is not supported for parameter types other than SecureString."));
    }
    Ok(ParameterVersion {
        version: newest.map_or(1, |newest| newest.version + 1),
        value: input.value.as_str().into(),
        kind,
        data_type: data_type.into(),
        description: input.description.clone().or_else(|| newest.and_then(|newest| newest.description.clone())),
        key,
        allowed_pattern: input.allowed_pattern.clone(),
        is_advanced,
        modified_at: ctx.now,
        modified_by: ctx.user_arn(),
        labels: Vec::new(),
    })
}

/// Makes room for a version: the oldest goes, unless it has a label.
fn drop_oldest(name: &str, parameter: &mut Parameter) -> Result<(), Fault> {
    let oldest = &parameter.versions[0];
    if !oldest.labels.is_empty() {
        let message = format!(
            "You attempted to create a new version of {name} by calling the PutParameter API with the overwrite flag. Version \
             {}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another \
             version of the parameter, and try again.",
            oldest.version
        );
        return Err(Fault::new("ParameterMaxVersionLimitExceeded", message));
    }
    parameter.versions.remove(0);
    Ok(())
}

/// Whether the caller can launch from an image.
fn is_usable_image(world: &World, ctx: &Ctx, id: &str) -> bool {
    let image = id.parse().ok().and_then(|id| world.find_image(&ctx.region, &id));
    image.is_some_and(|image| image.is_visible_to(ctx.account) && image.state == ImageState::Available)
}

#[cfg(test)]
mod tests {
    use amictl_model::Moment;
    use serde_json::Value;

    use super::*;
    use crate::wire::decode_json;

    fn put(world: &mut World, request: &Value) -> Result<Value, Fault> {
        let ctx = Ctx::at("123456789012".parse().unwrap(), "us-east-1".parse().unwrap(), Moment::from_secs(1));
        let input = PutParameter::decode(&decode_json(request.to_string().as_bytes()).unwrap())?;
        PutParameter::run(world, &ctx, input).map(|reply| reply.value)
    }

    #[test]
    fn the_oldest_version_makes_room_unless_it_has_a_label() {
        let mut world = World::new(1);
        for _ in 0..101 {
            put(&mut world, &json!({"Name": "x", "Value": "v", "Type": "String", "Overwrite": true})).unwrap();
        }
        let scope = world.scope_mut("123456789012".parse().unwrap(), &"us-east-1".parse().unwrap());
        let parameter = scope.parameters.get_mut("x").unwrap();
        assert_eq!((parameter.versions.len(), parameter.versions[0].version), (100, 2));
        parameter.versions[0].labels.push("keep".into());
        let fault = put(&mut world, &json!({"Name": "x", "Value": "v", "Overwrite": true})).unwrap_err();
        assert_eq!(fault.code, "ParameterMaxVersionLimitExceeded");
    }

    #[test]
    fn what_aws_does_not_take_is_refused() {
        let mut world = World::new(1);
        put(&mut world, &json!({"Name": "x", "Value": "v", "Type": "String"})).unwrap();
        let long = "v".repeat(4097);
        for (request, code) in [
            (json!({"Name": "x", "Value": "v", "Type": "String"}), "ParameterAlreadyExists"),
            (
                json!({"Name": "x", "Value": "v", "Type": "SecureString", "Overwrite": true}),
                "HierarchyTypeMismatchException",
            ),
            (json!({"Name": "y", "Value": "v"}), "ValidationException"),
            (json!({"Name": "y", "Value": "v", "Type": "Text"}), "ValidationException"),
            (json!({"Name": "y", "Value": long, "Type": "String"}), "ValidationException"),
            (json!({"Name": "y", "Value": "v", "Type": "String", "DataType": "image"}), "ValidationException"),
            (json!({"Name": "y", "Value": "x", "Type": "String", "DataType": "aws:ec2:image"}), "ValidationException"),
            (
                json!({"Name": "y", "Value": "v", "Type": "String", "AllowedPattern": "("}),
                "InvalidAllowedPatternException",
            ),
            (
                json!({"Name": "y", "Value": "v", "Type": "String", "AllowedPattern": "[0-9]+"}),
                "ParameterPatternMismatchException",
            ),
            (
                json!({"Name": "y", "Value": "v", "Type": "String", "Overwrite": true, "Tags": [{"Key": "a", "Value": "b"}]}),
                "ValidationException",
            ),
            (json!({"Name": "/aws/x", "Value": "v", "Type": "String"}), "AccessDeniedException"),
        ] {
            assert_eq!(put(&mut world, &request).unwrap_err().code, code, "{request}");
        }
        let larger = json!({"Name": "y", "Value": long, "Type": "String", "Tier": "Intelligent-Tiering"});
        assert_eq!(put(&mut world, &larger).unwrap()["Tier"], "Advanced");
    }

    #[test]
    fn an_image_that_nobody_sees_leaves_no_version() {
        let mut world = World::new(1);
        let image =
            json!({"Name": "i", "Value": "ami-0123456789abcdef0", "Type": "String", "DataType": "aws:ec2:image"});
        assert_eq!(put(&mut world, &image).unwrap()["Version"], 1);
        assert!(world.scope_mut("123456789012".parse().unwrap(), &"us-east-1".parse().unwrap()).parameters.is_empty());
    }
}
