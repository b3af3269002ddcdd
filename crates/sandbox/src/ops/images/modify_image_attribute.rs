//! EC2 `ModifyImageAttribute`, `ResetImageAttribute` and `CancelImageLaunchPermission`.

use std::collections::BTreeSet;
use std::sync::Arc;

use amictl_cloud::{Operation, OperationSpec, Service, ops};
use amictl_model::{Grantee, ImageId, ImageState};

use super::launch_permissions::{changed_permissions, grantees, listed_grantees, without_account};
use super::own_image::{change_image, own_image, own_image_in};
use super::viewer::Viewer;
use crate::ops::input::image_id;
use crate::ops::{Ctx, Done, Op};
use crate::wire::Params;
use crate::{Fault, World};

/// Characters of a description.
const DESCRIPTION_CHARS_MAX: usize = 255;

pub(crate) struct ModifyImageAttribute;

pub(crate) struct ModifyImageAttributeInput {
    pub(crate) image: ImageId,
    pub(crate) change: Change,
}

/// What is changed; AWS takes one attribute a call.
pub(crate) enum Change {
    /// `LaunchPermission`.
    Permissions { add: Vec<Grantee>, remove: Vec<Grantee> },
    /// `Description`.
    Description(String),
    /// `ImdsSupport=v2.0`, which cannot be taken back.
    ImdsV2,
}

impl Op for ModifyImageAttribute {
    const SPEC: OperationSpec = <ops::ModifyLaunchPermissions as Operation>::SPEC;
    type Input = ModifyImageAttributeInput;
    type Output = Done;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(ModifyImageAttributeInput { image: image_id(params.required("ImageId")?)?, change: change(params)? })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Done, Fault> {
        let id = &input.image;
        match input.change {
            Change::Permissions { add, remove } => {
                let image = own_image_in(world, ctx, id, &[ImageState::Available])?;
                let permissions = changed_permissions(world, ctx, &image, add, &remove)?;
                change_image(world, ctx, id, |image| image.share(permissions))?;
            }
            Change::Description(text) => {
                own_image_in(world, ctx, id, &[ImageState::Available, ImageState::Disabled])?;
                let text = (!text.is_empty()).then(|| text.into_boxed_str());
                change_image(world, ctx, id, |image| image.description = text)?;
            }
            Change::ImdsV2 => {
                own_image_in(world, ctx, id, &[ImageState::Available])?;
                change_image(world, ctx, id, |image| {
                    Arc::make_mut(&mut image.traits).imds_support = Some("v2.0".into());
                })?;
            }
        }
        Ok(Done)
    }
}

/// The one attribute that is changed, by its own parameter or named by `Attribute`.
fn change(params: &Params) -> Result<Change, Fault> {
    let by_own_parameter: Vec<&str> = ["LaunchPermission", "Description", "ImdsSupport", "ProductCode"]
        .into_iter()
        .filter(|name| params.structure(name).is_some())
        .collect();
    match (by_own_parameter.as_slice(), params.text("Attribute")) {
        ([_, _, ..], _) => {
            Err(Fault::new("InvalidParameterCombination", "The request must contain exactly one attribute to modify"))
        }
        (["LaunchPermission"], _) => {
            let permissions = params.structure("LaunchPermission").unwrap_or(params);
            let (add, remove) = (grantees(permissions, "Add")?, grantees(permissions, "Remove")?);
            if add.is_empty() && remove.is_empty() {
                Err(nothing_to_modify())
            } else {
                Ok(Change::Permissions { add, remove })
            }
        }
        (["Description"], _) => description(params.structure("Description").and_then(|value| value.text("Value"))),
        (["ImdsSupport"], _) => imds_support(params.structure("ImdsSupport").and_then(|value| value.text("Value"))),
        (["ProductCode"], _) | (_, Some("productCodes")) => {
            Err(Fault::new("UnsupportedOperation", "Product codes can be attached by AWS Marketplace sellers only."))
        }
        (_, Some("description")) => description(params.text("Value")),
        (_, Some("imdsSupport")) => imds_support(params.text("Value")),
        (_, Some("launchPermission") | None) => by_operation_type(params),
        (_, Some(other)) => Err(Fault::invalid_value("Attribute", other)),
    }
}

fn nothing_to_modify() -> Fault {
    Fault::new("InvalidParameterCombination", "The request must contain exactly one attribute to modify")
}

fn description(text: Option<&str>) -> Result<Change, Fault> {
    let text = text.unwrap_or_default();
    if text.chars().count() > DESCRIPTION_CHARS_MAX {
        return Err(Fault::invalid_value("description", text));
    }
    Ok(Change::Description(text.to_owned()))
}

fn imds_support(value: Option<&str>) -> Result<Change, Fault> {
    match value {
        Some("v2.0") => Ok(Change::ImdsV2),
        other => Err(Fault::invalid_value("imdsSupport", other.unwrap_or_default())),
    }
}

/// The older form: `OperationType` with lists of whom it is about.
fn by_operation_type(params: &Params) -> Result<Change, Fault> {
    let grantees = listed_grantees(params)?;
    if grantees.is_empty() {
        return Err(nothing_to_modify());
    }
    match params.required("OperationType")? {
        "add" => Ok(Change::Permissions { add: grantees, remove: Vec::new() }),
        "remove" => Ok(Change::Permissions { add: Vec::new(), remove: grantees }),
        other => Err(Fault::invalid_value("OperationType", other)),
    }
}

pub(crate) struct ResetImageAttribute;

impl Op for ResetImageAttribute {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ResetImageAttribute");
    type Input = ImageId;
    type Output = Done;

    fn decode(params: &Params) -> Result<ImageId, Fault> {
        match params.required("Attribute")? {
            "launchPermission" => image_id(params.required("ImageId")?),
            other => Err(Fault::invalid_value("Attribute", other)),
        }
    }

    fn run(world: &mut World, ctx: &Ctx, id: ImageId) -> Result<Done, Fault> {
        own_image_in(world, ctx, &id, &[ImageState::Available])?;
        change_image(world, ctx, &id, |image| image.share(BTreeSet::new()))?;
        Ok(Done)
    }
}

pub(crate) struct CancelImageLaunchPermission;

impl Op for CancelImageLaunchPermission {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CancelImageLaunchPermission");
    type Input = ImageId;
    type Output = Done;

    fn decode(params: &Params) -> Result<ImageId, Fault> {
        image_id(params.required("ImageId")?)
    }

    fn run(world: &mut World, ctx: &Ctx, id: ImageId) -> Result<Done, Fault> {
        let image = match world.find_image(&ctx.region, &id) {
            Some(image) if Viewer::new(world, ctx).sees(image) => Arc::clone(image),
            _ => own_image(world, ctx, &id)?,
        };
        let permissions = without_account(ctx, &id, &image)?;
        ctx.commit()?;
        if let Some(image) = world.scope_mut(image.owner, &ctx.region).image_mut(&id) {
            image.share(permissions);
        }
        Ok(Done)
    }
}
