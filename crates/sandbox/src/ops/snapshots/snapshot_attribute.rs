//! EC2 `DescribeSnapshotAttribute`, `ModifySnapshotAttribute` and `ResetSnapshotAttribute`: with whom a snapshot is shared.

use std::collections::BTreeSet;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{AccountId, SnapshotId};

use super::encryption::default_key;
use super::own_snapshot::{change_snapshot, own_snapshot};
use crate::ops::input::{snapshot_id, user_id};
use crate::ops::{Ctx, Done, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{PublicAccess, Snapshot};
use crate::{Fault, World};

/// Accounts that a snapshot may be shared with.
const USERS_MAX: usize = 1000;

/// `SnapshotAttributeName`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attribute {
    Permission,
    ProductCodes,
}

fn attribute(params: &Params) -> Result<Option<Attribute>, Fault> {
    match params.text("Attribute") {
        None | Some("") => Ok(None),
        Some("createVolumePermission") => Ok(Some(Attribute::Permission)),
        Some("productCodes") => Ok(Some(Attribute::ProductCodes)),
        Some(other) => Err(Fault::invalid_value("Attribute", other)),
    }
}

pub(crate) struct DescribeSnapshotAttribute;

pub(crate) struct DescribeSnapshotAttributeOutput {
    snapshot: SnapshotId,
    attribute: Attribute,
    users: BTreeSet<AccountId>,
    is_public: bool,
}

impl Op for DescribeSnapshotAttribute {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeSnapshotAttribute");
    type Input = (SnapshotId, Attribute);
    type Output = DescribeSnapshotAttributeOutput;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let attribute = attribute(params)?.ok_or_else(|| Fault::missing("Attribute"))?;
        Ok((snapshot_id(params.required("SnapshotId")?)?, attribute))
    }

    fn run(world: &mut World, ctx: &Ctx, (id, attribute): Self::Input) -> Result<Self::Output, Fault> {
        let snapshot = own_snapshot(world, ctx, &id)?;
        let users = snapshot.more.as_ref().map(|more| more.users.clone()).unwrap_or_default();
        Ok(DescribeSnapshotAttributeOutput { snapshot: id, attribute, users, is_public: snapshot.is_public() })
    }
}

impl Encode for DescribeSnapshotAttributeOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.text("snapshotId", &self.snapshot);
        match self.attribute {
            Attribute::Permission => xml.element("createVolumePermission", |xml| {
                if self.is_public {
                    xml.element("item", |xml| xml.text("group", "all"));
                }
                for user in &self.users {
                    xml.element("item", |xml| xml.value("userId", user));
                }
            }),
            // Marketplace products do not exist here.
            Attribute::ProductCodes => xml.element("productCodes", |_| {}),
        }
    }
}

pub(crate) struct ModifySnapshotAttribute;

pub(crate) struct ModifySnapshotAttributeInput {
    snapshot: SnapshotId,
    add: Sharing,
    remove: Sharing,
}

#[derive(Default)]
struct Sharing {
    users: Vec<AccountId>,
    everyone: bool,
}

impl Op for ModifySnapshotAttribute {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ModifySnapshotAttribute");
    type Input = ModifySnapshotAttributeInput;
    type Output = Done;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let snapshot = snapshot_id(params.required("SnapshotId")?)?;
        if attribute(params)? == Some(Attribute::ProductCodes) {
            return Err(Fault::invalid_value("Attribute", "productCodes"));
        }
        if let Some(permission) = params.structure("CreateVolumePermission") {
            let (add, remove) = (sharing(permission, "Add")?, sharing(permission, "Remove")?);
            return Ok(ModifySnapshotAttributeInput { snapshot, add, remove });
        }
        let named = named(params)?;
        match params.required("OperationType")? {
            "add" => Ok(ModifySnapshotAttributeInput { snapshot, add: named, remove: Sharing::default() }),
            "remove" => Ok(ModifySnapshotAttributeInput { snapshot, add: Sharing::default(), remove: named }),
            other => Err(Fault::invalid_value("OperationType", other)),
        }
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Done, Fault> {
        let snapshot = own_snapshot(world, ctx, &input.snapshot)?;
        require_shareable(world, ctx, &snapshot, &input.add)?;
        let mut users = snapshot.more.as_ref().map(|more| more.users.clone()).unwrap_or_default();
        users.extend(input.add.users);
        users.retain(|user| !input.remove.users.contains(user));
        if users.len() > USERS_MAX {
            let message = format!("A snapshot can be shared with at most {USERS_MAX} accounts");
            return Err(Fault::new("ResourceLimitExceeded", message));
        }
        let is_public = (snapshot.is_public() || input.add.everyone) && !input.remove.everyone;
        change_snapshot(world, ctx, &input.snapshot, |snapshot| {
            let more = snapshot.more_mut();
            (more.users, more.is_public) = (users, is_public);
        })?;
        Ok(Done)
    }
}

/// Members of `CreateVolumePermission.Add` or `.Remove`.
fn sharing(permission: &Params, name: &str) -> Result<Sharing, Fault> {
    let mut sharing = Sharing::default();
    for grantee in permission.structures(name)? {
        match (grantee.text("UserId"), grantee.text("Group")) {
            (Some(user), _) => sharing.users.push(user_id(user)?),
            (None, Some(group)) => sharing.everyone |= all(group)?,
            (None, None) => return Err(Fault::missing("UserId")),
        }
    }
    Ok(sharing)
}

/// The older form: `UserId.N` and `UserGroup.N`.
fn named(params: &Params) -> Result<Sharing, Fault> {
    let mut sharing = Sharing::default();
    for user in params.texts("UserId")? {
        sharing.users.push(user_id(&user)?);
    }
    for group in params.texts("UserGroup")? {
        sharing.everyone |= all(&group)?;
    }
    if sharing.users.is_empty() && !sharing.everyone {
        return Err(Fault::new("MissingParameter", "The request must contain the parameter userId or group"));
    }
    Ok(sharing)
}

fn all(group: &str) -> Result<bool, Fault> {
    if group == "all" { Ok(true) } else { Err(Fault::invalid_value("group", group)) }
}

/// Refuses to share what must not be shared: public snapshots where they are blocked or encrypted, and any snapshot that
/// is encrypted under the account's default key.
fn require_shareable(world: &World, ctx: &Ctx, snapshot: &Snapshot, add: &Sharing) -> Result<(), Fault> {
    let public_access = world
        .scope(ctx.account, &ctx.region)
        .map_or(PublicAccess::Unblocked, |scope| scope.snapshot_shelves.public_access);
    if add.everyone && public_access != PublicAccess::Unblocked {
        let message = "Public sharing of snapshots is blocked in this Region by block public access for snapshots.";
        return Err(Fault::new("OperationNotPermitted", message));
    }
    let is_of_default_key =
        snapshot.kms_key.as_deref().is_none_or(|key| *key == *default_key(ctx.account, &ctx.region));
    if snapshot.encrypted && is_of_default_key && (add.everyone || !add.users.is_empty()) {
        let message = "Encrypted snapshots with EBS default key cannot be shared";
        return Err(Fault::new("InvalidParameter", message));
    }
    if snapshot.encrypted && add.everyone {
        return Err(Fault::new("InvalidParameter", "Encrypted snapshots cannot be shared publicly"));
    }
    Ok(())
}

pub(crate) struct ResetSnapshotAttribute;

impl Op for ResetSnapshotAttribute {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ResetSnapshotAttribute");
    type Input = SnapshotId;
    type Output = Done;

    fn decode(params: &Params) -> Result<SnapshotId, Fault> {
        match attribute(params)? {
            Some(Attribute::Permission) => snapshot_id(params.required("SnapshotId")?),
            Some(Attribute::ProductCodes) => Err(Fault::invalid_value("Attribute", "productCodes")),
            None => Err(Fault::missing("Attribute")),
        }
    }

    fn run(world: &mut World, ctx: &Ctx, id: SnapshotId) -> Result<Done, Fault> {
        own_snapshot(world, ctx, &id)?;
        change_snapshot(world, ctx, &id, |snapshot| {
            if let Some(more) = &mut snapshot.more {
                more.users.clear();
                more.is_public = false;
            }
        })?;
        Ok(Done)
    }
}
