//! EC2 `ModifyImageAttribute` and `ResetImageAttribute`.

use amictl_cloud::{Operation, OperationSpec, Service, ops};
use amictl_model::{Grantee, ImageId};

use super::own_image::{change_image, own_available_image};
use crate::ops::input::image_id;
use crate::ops::{Ctx, Done, Op};
use crate::wire::Params;
use crate::{Fault, World};

/// Launch permissions that an image may have.
const PERMISSIONS_MAX: usize = 1000;

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
        let image = own_available_image(world, ctx, &input.image)?;
        match input.change {
            Change::Permissions { add, remove } => {
                let mut permissions = image.permissions.clone();
                permissions.extend(add);
                remove.iter().for_each(|grantee| {
                    permissions.remove(grantee);
                });
                if permissions.len() > PERMISSIONS_MAX {
                    let message = format!("An image can be shared with at most {PERMISSIONS_MAX} entities");
                    return Err(Fault::new("ResourceLimitExceeded", message));
                }
                change_image(world, ctx, &input.image, |image| image.permissions = permissions)?;
            }
            Change::Description(text) => {
                change_image(world, ctx, &input.image, |image| image.description = Some(text.into_boxed_str()))?;
            }
            Change::ImdsV2 => change_image(world, ctx, &input.image, |image| {
                std::sync::Arc::make_mut(&mut image.traits).imds_support = Some("v2.0".into());
            })?,
        }
        Ok(Done)
    }
}

fn change(params: &Params) -> Result<Change, Fault> {
    if let Some(permissions) = params.structure("LaunchPermission") {
        let list = |name: &str| permissions.structures(name)?.into_iter().map(grantee).collect::<Result<Vec<_>, _>>();
        return Ok(Change::Permissions { add: list("Add")?, remove: list("Remove")? });
    }
    if let Some(description) = params.structure("Description") {
        return Ok(Change::Description(description.text("Value").unwrap_or_default().to_owned()));
    }
    if let Some(imds) = params.structure("ImdsSupport") {
        return match imds.required("Value")? {
            "v2.0" => Ok(Change::ImdsV2),
            other => Err(Fault::invalid_value("imdsSupport", other)),
        };
    }
    match params.text("Attribute") {
        Some("description") => Ok(Change::Description(params.text("Value").unwrap_or_default().to_owned())),
        Some("launchPermission") | None => by_operation_type(params),
        Some(other) => Err(Fault::invalid_value("Attribute", other)),
    }
}

/// The older form: `OperationType` with lists of whom it is about.
fn by_operation_type(params: &Params) -> Result<Change, Fault> {
    let mut grantees = Vec::new();
    for user in params.texts("UserId")? {
        grantees.push(account(&user)?);
    }
    for group in params.texts("UserGroup")? {
        grantees.push(group_all(&group)?);
    }
    grantees.extend(params.texts("OrganizationArn")?.into_iter().map(|arn| Grantee::Organization(arn.into())));
    grantees
        .extend(params.texts("OrganizationalUnitArn")?.into_iter().map(|arn| Grantee::OrganizationalUnit(arn.into())));
    if grantees.is_empty() {
        let message = "The request must contain exactly one attribute to modify";
        return Err(Fault::new("InvalidParameterCombination", message));
    }
    match params.required("OperationType")? {
        "add" => Ok(Change::Permissions { add: grantees, remove: Vec::new() }),
        "remove" => Ok(Change::Permissions { add: Vec::new(), remove: grantees }),
        other => Err(Fault::invalid_value("OperationType", other)),
    }
}

fn grantee(params: &Params) -> Result<Grantee, Fault> {
    if let Some(user) = params.text("UserId") {
        return account(user);
    }
    if let Some(group) = params.text("Group") {
        return group_all(group);
    }
    if let Some(arn) = params.text("OrganizationArn") {
        return Ok(Grantee::Organization(arn.into()));
    }
    if let Some(arn) = params.text("OrganizationalUnitArn") {
        return Ok(Grantee::OrganizationalUnit(arn.into()));
    }
    Err(Fault::missing("UserId"))
}

fn account(text: &str) -> Result<Grantee, Fault> {
    text.parse().map(Grantee::Account).map_err(|_| {
        let text: String = text.chars().take(100).collect();
        Fault::new(
            "InvalidAMIAttributeItemValue",
            format!("Invalid attribute item value \"{text}\" for userId item type."),
        )
    })
}

fn group_all(text: &str) -> Result<Grantee, Fault> {
    if text == "all" {
        return Ok(Grantee::Group("all".into()));
    }
    let text: String = text.chars().take(100).collect();
    let message = format!("Invalid attribute item value \"{text}\" for group item type.");
    Err(Fault::new("InvalidAMIAttributeItemValue", message))
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
        own_available_image(world, ctx, &id)?;
        change_image(world, ctx, &id, |image| image.permissions.clear())?;
        Ok(Done)
    }
}
