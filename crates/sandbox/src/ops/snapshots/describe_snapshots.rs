//! EC2 `DescribeSnapshots`: the caller's, those that are shared with it, and public ones.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{Operation, OperationSpec, ops};
use amictl_model::{AccountId, Moment, SnapshotId};

use super::own_snapshot::{is_public, is_restorable};
use super::snapshot_xml::{owner_alias, transfer_type, write_snapshot};
use crate::filter::Filters;
use crate::ops::input::{snapshot_id, user_id};
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::{Scope, Snapshot};
use crate::{Fault, World};

const SNAPSHOT_FILTERS: &[&str] = &[
    "description",
    "encrypted",
    "owner-alias",
    "owner-id",
    "progress",
    "snapshot-id",
    "start-time",
    "status",
    "storage-tier",
    "tag-key",
    "transfer-type",
    "volume-id",
    "volume-size",
];

pub(crate) struct DescribeSnapshots;

#[derive(Default)]
pub(crate) struct DescribeSnapshotsInput {
    pub(crate) snapshots: Vec<SnapshotId>,
    pub(crate) owners: Vec<String>,
    pub(crate) restorable_by: Vec<String>,
    pub(crate) filters: Filters,
    pub(crate) limit: Option<usize>,
    pub(crate) token: Option<String>,
}

pub(crate) struct DescribeSnapshotsOutput {
    pub(crate) snapshots: Vec<Arc<Snapshot>>,
    pub(crate) now: Moment,
    pub(crate) next_token: Option<String>,
}

impl Op for DescribeSnapshots {
    const SPEC: OperationSpec = <ops::DescribeSnapshots as Operation>::SPEC;
    type Input = DescribeSnapshotsInput;
    type Output = DescribeSnapshotsOutput;
    paged!();

    fn is_unbounded(input: &DescribeSnapshotsInput) -> bool {
        input.snapshots.is_empty() && input.filters.is_empty() && input.limit.is_none()
    }

    fn decode(params: &Params) -> Result<DescribeSnapshotsInput, Fault> {
        let snapshots: Vec<SnapshotId> =
            params.texts("SnapshotId")?.iter().map(|id| snapshot_id(id)).collect::<Result<_, _>>()?;
        // Larger pages are asked for in vain, as AWS documents.
        let limit = page::limit("maxResults", params.integer("MaxResults")?, 5..=i64::MAX)?;
        if !snapshots.is_empty() && limit.is_some() {
            let message = "The parameter snapshotIds cannot be used with the parameter maxResults";
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        Ok(DescribeSnapshotsInput {
            snapshots,
            owners: params.texts("Owner")?,
            restorable_by: params.texts("RestorableBy")?,
            filters: Filters::decode(params, SNAPSHOT_FILTERS)?,
            limit: limit.map(|limit| limit.min(1000)),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: DescribeSnapshotsInput) -> Result<DescribeSnapshotsOutput, Fault> {
        let owners = Owners::read(ctx, &input.owners)?;
        let restorers = Restorers::read(ctx, &input.restorable_by)?;
        require_all(world, ctx, &input.snapshots)?;
        let after = input.token.as_deref().map(|token| cursor_of(ctx, token)).transpose()?;
        let pick = |_: &(AccountId, &SnapshotId), (scope, snapshot): (&Scope, &Arc<Snapshot>)| {
            let is_seen = restorers.take(ctx, scope, snapshot) && matches(&input.filters, snapshot, ctx.now);
            is_seen.then(|| Arc::clone(snapshot))
        };
        let scopes = world
            .in_region(&ctx.region, after.as_ref().map(|(account, _)| *account))
            .filter(|(account, _)| owners.take(ctx, *account));
        let entries = scopes.flat_map(|(account, scope)| {
            let after = after.as_ref().filter(|(at, _)| *at == account).map(|(_, id)| id);
            let ids = named(&input);
            let every = if ids.is_none() {
                Some(scope.snapshots.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)))
            } else {
                None
            };
            let after = after.cloned();
            let some = ids
                .unwrap_or_default()
                .into_iter()
                .filter(move |id| after.as_ref().is_none_or(|after| id > after))
                .filter_map(|id| scope.snapshots.get_key_value(&id));
            every.into_iter().flatten().chain(some).map(move |(id, snapshot)| ((account, id), (scope, snapshot)))
        });
        let page = page::fill(entries, input.limit, pick);
        let next_token =
            page.next.map(|(account, id)| page::token_after(ctx, Self::SPEC.name, &format!("{account}/{id}")));
        Ok(DescribeSnapshotsOutput { snapshots: page.items, now: ctx.now, next_token })
    }
}

/// The ids that the request or its `snapshot-id` filter names, in their order.
fn named(input: &DescribeSnapshotsInput) -> Option<Vec<SnapshotId>> {
    let mut ids: Vec<SnapshotId> = if input.snapshots.is_empty() {
        input.filters.exact("snapshot-id")?.iter().filter_map(|id| id.parse().ok()).collect()
    } else {
        input.snapshots.clone()
    };
    ids.sort_unstable();
    ids.dedup();
    Some(ids)
}

/// Refuses ids that nobody has; those that the caller may not see are left out instead.
fn require_all(world: &World, ctx: &Ctx, ids: &[SnapshotId]) -> Result<(), Fault> {
    let is_there =
        |id: &SnapshotId| world.in_region(&ctx.region, None).any(|(_, scope)| scope.snapshots.contains_key(id));
    match ids.iter().find(|id| !is_there(id)) {
        Some(id) => Err(Fault::no_snapshot(id.as_str())),
        None => Ok(()),
    }
}

/// Whose snapshots are asked for.
struct Owners {
    accounts: Vec<AccountId>,
    amazon: bool,
    anyone: bool,
}

impl Owners {
    fn read(ctx: &Ctx, names: &[String]) -> Result<Self, Fault> {
        let mut owners = Self { accounts: Vec::new(), amazon: false, anyone: names.is_empty() };
        for name in names {
            match name.as_str() {
                "self" => owners.accounts.push(ctx.account),
                "amazon" => owners.amazon = true,
                account => owners.accounts.push(user_id(account)?),
            }
        }
        Ok(owners)
    }

    fn take(&self, _: &Ctx, owner: AccountId) -> bool {
        self.anyone
            || self.accounts.contains(&owner)
            || (self.amazon && crate::world::owner_alias(owner) == Some("amazon"))
    }
}

/// Who must be able to create volumes of the snapshots that are asked for.
struct Restorers {
    accounts: Vec<AccountId>,
    everyone: bool,
    is_given: bool,
}

impl Restorers {
    fn read(ctx: &Ctx, names: &[String]) -> Result<Self, Fault> {
        let mut restorers = Self { accounts: Vec::new(), everyone: false, is_given: !names.is_empty() };
        for name in names {
            match name.as_str() {
                "self" => restorers.accounts.push(ctx.account),
                "all" => restorers.everyone = true,
                account => {
                    let account = user_id(account)?;
                    restorers.accounts.push(account);
                }
            }
        }
        Ok(restorers)
    }

    /// Whether the caller may see a snapshot, and one of these may create volumes of it.
    fn take(&self, ctx: &Ctx, scope: &Scope, snapshot: &Snapshot) -> bool {
        let is_for = |account: &AccountId| {
            snapshot.is_shared_with(*account) || (*account == ctx.account && snapshot.owner == ctx.account)
        };
        let is_asked_for =
            !self.is_given || (self.everyone && is_public(scope, snapshot)) || self.accounts.iter().any(is_for);
        is_asked_for && is_restorable(ctx, scope, snapshot)
    }
}

fn cursor_of(ctx: &Ctx, token: &str) -> Result<(AccountId, SnapshotId), Fault> {
    let key = page::key_of_token(ctx, DescribeSnapshots::SPEC.name, token)?;
    let (account, id) = key.split_once('/').unwrap_or_default();
    match (account.parse(), id.parse()) {
        (Ok(account), Ok(id)) => Ok((account, id)),
        _ => Err(Fault::invalid_value("NextToken", token)),
    }
}

fn matches(filters: &Filters, snapshot: &Snapshot, now: Moment) -> bool {
    filters.matches(&snapshot.tags, |name, filter| match name {
        "description" => filter.takes(snapshot.description.as_deref().unwrap_or_default()),
        "encrypted" => filter.takes_value(snapshot.encrypted),
        "owner-alias" => filter.takes_some(owner_alias(snapshot)),
        "owner-id" => filter.takes_value(snapshot.owner),
        "progress" => filter.takes(&snapshot.progress(now)),
        "snapshot-id" => filter.takes(snapshot.id.as_str()),
        "start-time" => filter.takes(&wire_time(snapshot.started_at)),
        "status" => filter.takes(snapshot.status(now)),
        "storage-tier" => filter.takes(snapshot.storage_tier(now)),
        "transfer-type" => filter.takes(transfer_type(snapshot)),
        "volume-id" => filter.takes(&snapshot.volume),
        "volume-size" => filter.takes_value(snapshot.size_gib),
        _ => false,
    })
}

impl Encode for DescribeSnapshotsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("snapshotSet", "item", &self.snapshots, |xml, snapshot| write_snapshot(xml, snapshot, self.now));
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
