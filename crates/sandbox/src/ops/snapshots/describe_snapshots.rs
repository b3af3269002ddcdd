//! EC2 `DescribeSnapshots`.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{Operation, OperationSpec, ops};
use amictl_model::{AccountId, SnapshotId};

use super::snapshot_xml::write_snapshot;
use crate::filter::Filters;
use crate::ops::input::snapshot_id;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::Snapshot;
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
    pub(crate) filters: Filters,
    pub(crate) limit: Option<usize>,
    pub(crate) token: Option<String>,
}

pub(crate) struct DescribeSnapshotsOutput {
    pub(crate) snapshots: Vec<Arc<Snapshot>>,
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
            filters: Filters::decode(params, SNAPSHOT_FILTERS)?,
            limit: limit.map(|limit| limit.min(1000)),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: DescribeSnapshotsInput) -> Result<DescribeSnapshotsOutput, Fault> {
        let takes_own = owns(ctx, &input.owners)?;
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if let Some(id) = input.snapshots.iter().find(|id| !scope.snapshots.contains_key(*id)) {
            return Err(Fault::no_snapshot(id.as_str()));
        }
        let after = input.token.as_deref().map(|token| cursor_of(ctx, token)).transpose()?;
        let pick = |_: &&SnapshotId, snapshot: &Arc<Snapshot>| {
            (takes_own && matches(&input.filters, snapshot)).then(|| Arc::clone(snapshot))
        };
        let page = match named(&input) {
            Some(ids) => {
                let ids = ids.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
                page::fill(ids.filter_map(|id| scope.snapshots.get_key_value(id)), input.limit, pick)
            }
            None => {
                let start = after.map_or(Bound::Unbounded, Bound::Excluded);
                page::fill(scope.snapshots.range((start, Bound::Unbounded)), input.limit, pick)
            }
        };
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id.as_str()));
        Ok(DescribeSnapshotsOutput { snapshots: page.items, next_token })
    }
}

/// The ids that the request or its `snapshot-id` filter names.
fn named(input: &DescribeSnapshotsInput) -> Option<BTreeSet<SnapshotId>> {
    if !input.snapshots.is_empty() {
        return Some(input.snapshots.iter().cloned().collect());
    }
    let ids = input.filters.exact("snapshot-id")?;
    Some(ids.iter().filter_map(|id| id.parse().ok()).collect())
}

/// Whether the owners include the caller: snapshots of others do not show in this world.
fn owns(ctx: &Ctx, owners: &[String]) -> Result<bool, Fault> {
    let mut takes_own = owners.is_empty();
    for owner in owners {
        takes_own |= match owner.as_str() {
            "self" => true,
            "amazon" => false,
            account => account.parse::<AccountId>().map_err(|_| Fault::invalid_value("Owner", account))? == ctx.account,
        };
    }
    Ok(takes_own)
}

fn cursor_of(ctx: &Ctx, token: &str) -> Result<SnapshotId, Fault> {
    snapshot_id(&page::key_of_token(ctx, DescribeSnapshots::SPEC.name, token)?)
}

fn matches(filters: &Filters, snapshot: &Snapshot) -> bool {
    filters.matches(&snapshot.tags, |name, filter| match name {
        "description" => filter.takes(snapshot.description.as_deref().unwrap_or_default()),
        "encrypted" => filter.takes_value(snapshot.encrypted),
        "owner-id" => filter.takes_value(snapshot.owner),
        "progress" => filter.takes(if snapshot.status() == "completed" { "100%" } else { "0%" }),
        "snapshot-id" => filter.takes(snapshot.id.as_str()),
        "start-time" => filter.takes(&wire_time(snapshot.started_at)),
        "status" => filter.takes(snapshot.status()),
        "storage-tier" => filter.takes(snapshot.storage_tier()),
        "transfer-type" => filter.takes("standard"),
        "volume-id" => filter.takes(&snapshot.volume),
        "volume-size" => filter.takes_value(snapshot.size_gib),
        _ => false,
    })
}

impl Encode for DescribeSnapshotsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("snapshotSet", "item", &self.snapshots, |xml, snapshot| write_snapshot(xml, snapshot));
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
