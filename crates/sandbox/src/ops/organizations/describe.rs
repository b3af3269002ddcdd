//! Organizations `DescribeOrganization`, `DescribeAccount` and `DescribeOrganizationalUnit`.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::AccountId;
use serde_json::json;

use super::view::{account, invalid, joined, no_account, readable, unit, whole};
use crate::ops::{Ctx, Op};
use crate::wire::{Json, Params};
use crate::{Fault, World};

pub(crate) struct DescribeOrganization;

impl Op for DescribeOrganization {
    const SPEC: OperationSpec = OperationSpec::read(Service::Organizations, "DescribeOrganization");
    type Input = ();
    type Output = Json;

    fn decode(_: &Params) -> Result<(), Fault> {
        Ok(())
    }

    fn run(world: &mut World, ctx: &Ctx, (): ()) -> Result<Json, Fault> {
        Ok(Json::ok(json!({"Organization": whole(&joined(world, ctx)?)})))
    }
}

/// An account id out of parameters.
pub(super) fn account_id(params: &Params, name: &str) -> Result<AccountId, Fault> {
    params
        .required(name)?
        .parse()
        .map_err(|_| invalid("You provided a value that does not match the required pattern."))
}

pub(crate) struct DescribeAccount;

impl Op for DescribeAccount {
    const SPEC: OperationSpec = OperationSpec::read(Service::Organizations, "DescribeAccount");
    type Input = AccountId;
    type Output = Json;

    fn decode(params: &Params) -> Result<AccountId, Fault> {
        account_id(params, "AccountId")
    }

    fn run(world: &mut World, ctx: &Ctx, id: AccountId) -> Result<Json, Fault> {
        let organization = readable(world, ctx)?;
        let member = organization.accounts.get(&id).ok_or_else(no_account)?;
        Ok(Json::ok(json!({"Account": account(&organization, id, member)})))
    }
}

pub(crate) struct DescribeOrganizationalUnit;

impl Op for DescribeOrganizationalUnit {
    const SPEC: OperationSpec = OperationSpec::read(Service::Organizations, "DescribeOrganizationalUnit");
    type Input = String;
    type Output = Json;

    fn decode(params: &Params) -> Result<String, Fault> {
        params.required("OrganizationalUnitId").map(str::to_owned)
    }

    fn run(world: &mut World, ctx: &Ctx, id: String) -> Result<Json, Fault> {
        let organization = readable(world, ctx)?;
        let found = organization.units.get(&id).ok_or_else(|| {
            let message = "You specified an organizational unit that doesn't exist.";
            Fault::new("OrganizationalUnitNotFoundException", message)
        })?;
        Ok(Json::ok(json!({"OrganizationalUnit": unit(&organization, &id, &found.name)})))
    }
}
