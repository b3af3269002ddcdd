//! Who an image may be shared with: reading grantees, and the rules about them.

use std::collections::BTreeSet;

use amictl_model::{Grantee, ImageId};

use crate::ops::Ctx;
use crate::wire::Params;
use crate::world::Image;
use crate::{Fault, World};

/// `LaunchPermission.Add.N` or `LaunchPermission.Remove.N`.
pub(crate) fn grantees(params: &Params, list: &str) -> Result<Vec<Grantee>, Fault> {
    params.structures(list)?.into_iter().map(grantee).collect()
}

fn grantee(params: &Params) -> Result<Grantee, Fault> {
    if let Some(user) = params.text("UserId") {
        return account(user);
    }
    if let Some(group) = params.text("Group") {
        return group_all(group);
    }
    if let Some(arn) = params.text("OrganizationArn") {
        return organization(arn);
    }
    if let Some(arn) = params.text("OrganizationalUnitArn") {
        return organizational_unit(arn);
    }
    Err(Fault::missing("UserId"))
}

/// How a grantee of one kind is read.
type ReadGrantee = fn(&str) -> Result<Grantee, Fault>;

/// The older form's lists: `UserId.N`, `UserGroup.N`, `OrganizationArn.N`, `OrganizationalUnitArn.N`.
pub(crate) fn listed_grantees(params: &Params) -> Result<Vec<Grantee>, Fault> {
    let mut grantees = Vec::new();
    let kinds: [(&str, ReadGrantee); 4] = [
        ("UserId", account),
        ("UserGroup", group_all),
        ("OrganizationArn", organization),
        ("OrganizationalUnitArn", organizational_unit),
    ];
    for (list, read) in kinds {
        for text in params.texts(list)? {
            grantees.push(read(&text)?);
        }
    }
    Ok(grantees)
}

fn account(text: &str) -> Result<Grantee, Fault> {
    text.parse().map(Grantee::Account).map_err(|_| invalid_item(text, "userId"))
}

fn group_all(text: &str) -> Result<Grantee, Fault> {
    if text == "all" { Ok(Grantee::Group("all".into())) } else { Err(invalid_item(text, "group")) }
}

fn organization(text: &str) -> Result<Grantee, Fault> {
    if is_arn(text, ":organization/o-") {
        Ok(Grantee::Organization(text.into()))
    } else {
        Err(invalid_item(text, "organizationArn"))
    }
}

fn organizational_unit(text: &str) -> Result<Grantee, Fault> {
    if is_arn(text, ":ou/o-") {
        Ok(Grantee::OrganizationalUnit(text.into()))
    } else {
        Err(invalid_item(text, "organizationalUnitArn"))
    }
}

fn is_arn(text: &str, kind: &str) -> bool {
    let rest = text.strip_prefix("arn:aws").and_then(|rest| rest.split_once(":organizations::"));
    rest.is_some_and(|(_, rest)| rest.get(12..).is_some_and(|rest| rest.starts_with(kind) && text.len() <= 256))
}

fn invalid_item(text: &str, kind: &str) -> Fault {
    let text: String = text.chars().take(100).collect();
    let message = format!("Invalid attribute item value \"{text}\" for {kind} item type.");
    Fault::new("InvalidAMIAttributeItemValue", message)
}

/// The permissions of an image after a change, if the rules about sharing allow it.
pub(crate) fn changed_permissions(
    world: &World,
    ctx: &Ctx,
    image: &Image,
    add: Vec<Grantee>,
    remove: &[Grantee],
) -> Result<BTreeSet<Grantee>, Fault> {
    if add.iter().any(|grantee| matches!(grantee, Grantee::Group(_))) {
        require_publishable(world, ctx, image)?;
    }
    let mut permissions = image.permissions.clone();
    permissions.extend(add);
    permissions.retain(|grantee| !remove.contains(grantee));
    let max = world.limits.image_sharing_max;
    if permissions.len() > max {
        let message = format!("An image can be shared with at most {max} entities");
        return Err(Fault::new("ResourceLimitExceeded", message));
    }
    Ok(permissions)
}

fn require_publishable(world: &World, ctx: &Ctx, image: &Image) -> Result<(), Fault> {
    let refuse = |message: String| Err(Fault::new("OperationNotPermitted", message));
    let Some(scope) = world.scope(ctx.account, &ctx.region) else { return Ok(()) };
    if scope.image_settings.block_public_access.is_blocked(ctx.now) {
        return refuse(format!("The image '{}' cannot be made public: block public access for AMIs is on.", image.id));
    }
    if !image.product_codes().is_empty() {
        return refuse(format!("The image '{}' has a product code and cannot be made public.", image.id));
    }
    if image.mappings.iter().any(|mapping| mapping.ebs.as_ref().is_some_and(|ebs| ebs.encrypted)) {
        return refuse(format!("The image '{}' has encrypted snapshots and cannot be made public.", image.id));
    }
    let max = world.limits.public_images_max;
    if !image.is_public() && scope.images().filter(|image| image.is_public()).count() >= max {
        let message = format!("The maximum number of {max} public AMIs in this Region is reached.");
        return Err(Fault::new("ResourceLimitExceeded", message));
    }
    Ok(())
}

/// The permissions without the account that gives up what was shared with it.
pub(crate) fn without_account(ctx: &Ctx, id: &ImageId, image: &Image) -> Result<BTreeSet<Grantee>, Fault> {
    let mut permissions = image.permissions.clone();
    if permissions.remove(&Grantee::Account(ctx.account)) {
        return Ok(permissions);
    }
    let message = format!("The image '{id}' is not shared with account {} directly.", ctx.account);
    Err(Fault::new("OperationNotPermitted", message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode_form;

    #[test]
    fn grantees_are_read_strictly() {
        let arn = "arn:aws:organizations::123456789012:organization/o-abc123";
        let unit = "arn:aws:organizations::123456789012:ou/o-abc123/ou-1a2b-3c4d";
        let read = |form: &str| grantees(&decode_form(form.as_bytes()).unwrap(), "Add");
        for form in [
            "Add.1.UserId=123456789012".to_owned(),
            "Add.1.Group=all".to_owned(),
            format!("Add.1.OrganizationArn={arn}"),
            format!("Add.1.OrganizationalUnitArn={unit}"),
        ] {
            assert_eq!(read(&form).unwrap().len(), 1, "{form}");
        }
        for form in [
            "Add.1.UserId=12345".to_owned(),
            "Add.1.Group=everyone".to_owned(),
            format!("Add.1.OrganizationArn={unit}"),
            format!("Add.1.OrganizationalUnitArn={arn}"),
        ] {
            assert_eq!(read(&form).unwrap_err().code, "InvalidAMIAttributeItemValue", "{form}");
        }
        assert_eq!(read("Add.1.Nobody=1").unwrap_err().code, "MissingParameter");
    }
}
