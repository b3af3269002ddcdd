//! EC2 `DescribeLockedSnapshots`: also those whose lock has expired.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Moment, SnapshotId};

use super::lock_xml::write_lock;
use crate::filter::Filters;
use crate::ops::input::snapshot_id;
use crate::ops::{Ctx, Op, paged};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::Snapshot;
use crate::{Fault, World};

pub(crate) struct DescribeLockedSnapshots;

pub(crate) struct DescribeLockedSnapshotsInput {
    snapshots: Vec<SnapshotId>,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeLockedSnapshotsOutput {
    snapshots: Vec<Arc<Snapshot>>,
    now: Moment,
    next_token: Option<String>,
}

impl Op for DescribeLockedSnapshots {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeLockedSnapshots");
    type Input = DescribeLockedSnapshotsInput;
    type Output = DescribeLockedSnapshotsOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DescribeLockedSnapshotsInput {
            snapshots: params.texts("SnapshotId")?.iter().map(|id| snapshot_id(id)).collect::<Result<_, _>>()?,
            filters: Filters::decode(params, &["lock-state"])?,
            limit: page::limit("maxResults", params.integer("MaxResults")?, 5..=1000)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let after: Option<SnapshotId> = super::page_start(ctx, Self::SPEC.name, input.token.as_deref())?;
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if let Some(id) = input.snapshots.iter().find(|id| !scope.snapshots.contains_key(*id)) {
            return Err(Fault::no_snapshot(id.as_str()));
        }
        let snapshots = scope.snapshots.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
        let page = page::fill(snapshots, input.limit, |id, snapshot| {
            let state = snapshot.lock_state(ctx.now)?;
            let takes = input.filters.matches(&snapshot.tags, |_, filter| filter.takes(state.as_str()));
            let is_asked_for = input.snapshots.is_empty() || input.snapshots.contains(id);
            (takes && is_asked_for).then(|| Arc::clone(snapshot))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id.as_str()));
        Ok(DescribeLockedSnapshotsOutput { snapshots: page.items, now: ctx.now, next_token })
    }
}

impl Encode for DescribeLockedSnapshotsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("snapshotSet", "item", &self.snapshots, |xml, snapshot| {
            xml.value("ownerId", snapshot.owner);
            xml.text("snapshotId", &snapshot.id);
            if let Some(lock) = snapshot.more.as_ref().and_then(|more| more.lock.as_ref()) {
                write_lock(xml, lock, self.now);
            }
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
