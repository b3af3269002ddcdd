//! The lists of Organizations: accounts, units, roots, children, parents.

use amictl_cloud::{OperationSpec, Service};
use serde_json::{Value, json};

use super::view::{account, invalid, no_parent, readable, unit};
use crate::ops::{Ctx, Op, paged};
use crate::page::{fill, key_of_token, limit, token_after};
use crate::wire::{JsonPage, Params};
use crate::world::Organization;
use crate::{Fault, World};

/// Entries that a page has at most.
const PAGE_MAX: i64 = 20;

pub(crate) struct ListInput {
    /// `ParentId` or `ChildId`.
    of: String,
    kind: String,
    limit: usize,
    token: Option<String>,
}

fn decode(params: &Params, of: Option<&str>) -> Result<ListInput, Fault> {
    let limit = limit("MaxResults", params.integer("MaxResults")?, 1..=PAGE_MAX)?;
    Ok(ListInput {
        of: of.map(|name| params.required(name).map(str::to_owned)).transpose()?.unwrap_or_default(),
        kind: params.string("ChildType").unwrap_or_default(),
        limit: limit.unwrap_or(usize::try_from(PAGE_MAX).unwrap_or(20)),
        token: params.string("NextToken"),
    })
}

/// A page of entries with their keys, in the order of the keys.
fn page(
    ctx: &Ctx,
    operation: &str,
    input: &ListInput,
    name: &str,
    mut entries: Vec<(String, Value)>,
) -> Result<JsonPage, Fault> {
    let operation = format!("{operation} {} {}", input.of, input.kind);
    let after = input.token.as_deref().map(|token| key_of_token(ctx, &operation, token));
    let after = after.transpose().map_err(|_| invalid("You provided an invalid pagination token."))?;
    entries.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    let later = entries.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    let page = fill(later, Some(input.limit), |_, value| Some(value));
    let next_token = page.next.map(|key| token_after(ctx, &operation, &key));
    Ok(JsonPage::new(json!({name: page.items}), next_token))
}

fn accounts(organization: &Organization, parent: Option<&str>) -> Vec<(String, Value)> {
    let members = organization.accounts.iter();
    let members = members.filter(|(_, member)| parent.is_none_or(|parent| member.parent == parent));
    members.map(|(id, member)| (id.to_string(), account(organization, *id, member))).collect()
}

fn units(organization: &Organization, parent: &str) -> Vec<(String, Value)> {
    let units = organization.units.iter().filter(|(_, unit)| unit.parent == parent);
    units.map(|(id, found)| (id.clone(), unit(organization, id, &found.name))).collect()
}

/// Declares an operation that lists something.
macro_rules! lists {
    ($name:ident of $of:expr => $member:literal: |$organization:ident, $input:ident| $entries:expr) => {
        pub(crate) struct $name;

        impl Op for $name {
            const SPEC: OperationSpec = OperationSpec::read(Service::Organizations, stringify!($name));
            type Input = ListInput;
            type Output = JsonPage;
            paged!();

            fn decode(params: &Params) -> Result<ListInput, Fault> {
                decode(params, $of)
            }

            fn run(world: &mut World, ctx: &Ctx, input: ListInput) -> Result<JsonPage, Fault> {
                let $organization = readable(world, ctx)?;
                let $input = &input;
                page(ctx, stringify!($name), &input, $member, $entries?)
            }
        }
    };
}

fn of_parent(
    organization: &Organization,
    input: &ListInput,
    entries: impl FnOnce(&Organization, &str) -> Vec<(String, Value)>,
) -> Result<Vec<(String, Value)>, Fault> {
    if organization.has_parent(&input.of) { Ok(entries(organization, &input.of)) } else { Err(no_parent()) }
}

fn children(organization: &Organization, input: &ListInput) -> Result<Vec<(String, Value)>, Fault> {
    let found = of_parent(organization, input, |organization, parent| match input.kind.as_str() {
        "ACCOUNT" => accounts(organization, Some(parent)),
        _ => units(organization, parent),
    })?;
    if !["ACCOUNT", "ORGANIZATIONAL_UNIT"].contains(&input.kind.as_str()) {
        return Err(invalid("You specified an invalid value for ChildType."));
    }
    Ok(found.into_iter().map(|(id, _)| (id.clone(), json!({"Id": id, "Type": input.kind}))).collect())
}

fn parents(organization: &Organization, input: &ListInput) -> Result<Vec<(String, Value)>, Fault> {
    let member = input.of.parse().ok().and_then(|id| organization.accounts.get(&id)).map(|member| &member.parent);
    let parent = member.or_else(|| organization.units.get(&input.of).map(|unit| &unit.parent));
    let parent =
        parent.ok_or_else(|| Fault::new("ChildNotFoundException", "You specified child that doesn't exist."))?;
    let kind = if *parent == organization.root { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    Ok(vec![(parent.clone(), json!({"Id": parent, "Type": kind}))])
}

fn roots(organization: &Organization) -> Vec<(String, Value)> {
    let root = &organization.root;
    let value = json!({
        "Id": root,
        "Arn": organization.arn_of(root),
        "Name": "Root",
        "PolicyTypes": [],
    });
    vec![(root.clone(), value)]
}

lists!(ListAccounts of None => "Accounts": |organization, _input| Ok::<_, Fault>(accounts(&organization, None)));
lists!(ListRoots of None => "Roots": |organization, _input| Ok::<_, Fault>(roots(&organization)));
lists!(ListAccountsForParent of Some("ParentId") => "Accounts": |organization, input| {
    of_parent(&organization, input, |organization, parent| accounts(organization, Some(parent)))
});
lists!(ListOrganizationalUnitsForParent of Some("ParentId") => "OrganizationalUnits": |organization, input| {
    of_parent(&organization, input, units)
});
lists!(ListChildren of Some("ParentId") => "Children": |organization, input| children(&organization, input));
lists!(ListParents of Some("ChildId") => "Parents": |organization, input| parents(&organization, input));
