//! Changing the organization: founding it, units, where accounts are, who may read it.

use std::collections::BTreeSet;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::AccountId;
use serde_json::json;

use super::describe::account_id;
use super::view::{invalid, managed, no_account, no_parent, unit, whole};
use crate::ops::{Ctx, Op};
use crate::wire::{Json, Params};
use crate::world::{Membership, Organization, Unit, base36};
use crate::{Fault, World};

/// Levels of units that an organization may have.
const DEPTH_MAX: usize = 5;

pub(crate) struct CreateOrganization;

impl Op for CreateOrganization {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Organizations, "CreateOrganization");
    type Input = ();
    type Output = Json;

    fn decode(params: &Params) -> Result<(), Fault> {
        match params.text("FeatureSet") {
            None | Some("ALL" | "CONSOLIDATED_BILLING") => Ok(()),
            Some(_) => Err(invalid("You specified an invalid value for FeatureSet.")),
        }
    }

    fn run(world: &mut World, ctx: &Ctx, (): ()) -> Result<Json, Fault> {
        if world.membership != Membership::Nobody {
            let message = "The AWS account is already a member of an organization.";
            return Err(Fault::new("AlreadyInOrganizationException", message));
        }
        let organization = Organization::new(ctx.account, &BTreeSet::new(), world.new_number(), ctx.now);
        let shown = whole(&organization);
        world.membership = Membership::In(organization);
        Ok(Json::ok(json!({"Organization": shown})))
    }
}

pub(crate) struct CreateOrganizationalUnit;

pub(crate) struct UnitInput {
    parent: String,
    name: String,
}

impl Op for CreateOrganizationalUnit {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Organizations, "CreateOrganizationalUnit");
    type Input = UnitInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<UnitInput, Fault> {
        let name = params.required("Name")?;
        if name.chars().count() > 128 {
            return Err(invalid("You provided a value that is longer than the maximum of 128 characters."));
        }
        Ok(UnitInput { parent: params.required("ParentId")?.to_owned(), name: name.to_owned() })
    }

    fn run(world: &mut World, ctx: &Ctx, input: UnitInput) -> Result<Json, Fault> {
        let number = world.new_number();
        let organization = managed(world, ctx)?;
        if !organization.has_parent(&input.parent) {
            return Err(no_parent());
        }
        if organization.depth(&input.parent) >= DEPTH_MAX {
            let message = "You have exceeded the maximum depth of the organization.";
            return Err(Fault::new("ConstraintViolationException", message));
        }
        if organization.units.values().any(|unit| unit.parent == input.parent && unit.name == input.name) {
            let message = "An organizational unit with the same name already exists.";
            return Err(Fault::new("DuplicateOrganizationalUnitException", message));
        }
        let id = format!("ou-{}-{}", organization.root.trim_start_matches("r-"), base36(number, 8));
        let shown = unit(organization, &id, &input.name);
        organization.units.insert(id, Unit { name: input.name, parent: input.parent });
        Ok(Json::ok(json!({"OrganizationalUnit": shown})))
    }
}

pub(crate) struct MoveAccount;

pub(crate) struct MoveInput {
    account: AccountId,
    from: String,
    to: String,
}

impl Op for MoveAccount {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Organizations, "MoveAccount");
    type Input = MoveInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<MoveInput, Fault> {
        Ok(MoveInput {
            account: account_id(params, "AccountId")?,
            from: params.required("SourceParentId")?.to_owned(),
            to: params.required("DestinationParentId")?.to_owned(),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: MoveInput) -> Result<Json, Fault> {
        let organization = managed(world, ctx)?;
        if !organization.has_parent(&input.to) {
            let message = "You specified a destination container that doesn't exist.";
            return Err(Fault::new("DestinationParentNotFoundException", message));
        }
        let member = organization.accounts.get_mut(&input.account).ok_or_else(no_account)?;
        if member.parent != input.from {
            let message = "We can't find a source root or OU with the ParentId that you specified.";
            return Err(Fault::new("SourceParentNotFoundException", message));
        }
        member.parent = input.to;
        Ok(Json::ok(json!({})))
    }
}

pub(crate) struct CloseAccount;

impl Op for CloseAccount {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Organizations, "CloseAccount");
    type Input = AccountId;
    type Output = Json;

    fn decode(params: &Params) -> Result<AccountId, Fault> {
        account_id(params, "AccountId")
    }

    fn run(world: &mut World, ctx: &Ctx, account: AccountId) -> Result<Json, Fault> {
        let organization = managed(world, ctx)?;
        if account == organization.management {
            let message = "You cannot close the management account of an organization.";
            return Err(Fault::new("ConstraintViolationException", message));
        }
        let member = organization.accounts.get_mut(&account).ok_or_else(no_account)?;
        if member.is_suspended {
            return Err(Fault::new("AccountAlreadyClosedException", "The account is already closed."));
        }
        member.is_suspended = true;
        Ok(Json::ok(json!({})))
    }
}

pub(crate) struct RegisterDelegatedAdministrator;

impl Op for RegisterDelegatedAdministrator {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Organizations, "RegisterDelegatedAdministrator");
    type Input = AccountId;
    type Output = Json;

    fn decode(params: &Params) -> Result<AccountId, Fault> {
        params.required("ServicePrincipal")?;
        account_id(params, "AccountId")
    }

    fn run(world: &mut World, ctx: &Ctx, account: AccountId) -> Result<Json, Fault> {
        let organization = managed(world, ctx)?;
        if account == organization.management {
            let message = "You cannot register the management account as a delegated administrator.";
            return Err(Fault::new("ConstraintViolationException", message));
        }
        if !organization.accounts.contains_key(&account) {
            return Err(no_account());
        }
        if !organization.delegated.insert(account) {
            let message = "The account is already registered as a delegated administrator.";
            return Err(Fault::new("AccountAlreadyRegisteredException", message));
        }
        Ok(Json::ok(json!({})))
    }
}
