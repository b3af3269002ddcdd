//! EC2 `ListSnapshotsInRecycleBin` and `RestoreSnapshotFromRecycleBin`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Moment, SnapshotId};

use crate::ops::input::snapshot_id;
use crate::ops::{Ctx, Op, paged};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{BinnedSnapshot, Snapshot};
use crate::{Fault, World};

pub(crate) struct ListSnapshotsInRecycleBin;

pub(crate) struct ListSnapshotsInRecycleBinInput {
    snapshots: Vec<SnapshotId>,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct ListSnapshotsInRecycleBinOutput {
    binned: Vec<Arc<BinnedSnapshot>>,
    next_token: Option<String>,
}

impl Op for ListSnapshotsInRecycleBin {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "ListSnapshotsInRecycleBin");
    type Input = ListSnapshotsInRecycleBinInput;
    type Output = ListSnapshotsInRecycleBinOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(ListSnapshotsInRecycleBinInput {
            snapshots: params.texts("SnapshotId")?.iter().map(|id| snapshot_id(id)).collect::<Result<_, _>>()?,
            limit: page::limit("maxResults", params.integer("MaxResults")?, 5..=1000)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let after: Option<SnapshotId> = super::page_start(ctx, Self::SPEC.name, input.token.as_deref())?;
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if let Some(id) = input.snapshots.iter().find(|id| scope.binned_snapshot(id, ctx.now).is_none()) {
            return Err(Fault::no_snapshot(id.as_str()));
        }
        let bin = scope.snapshot_shelves.bin.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
        let page = page::fill(bin, input.limit, |id, binned| {
            let is_asked_for = input.snapshots.is_empty() || input.snapshots.contains(id);
            (is_asked_for && ctx.now < binned.exits_at).then(|| Arc::clone(binned))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id.as_str()));
        Ok(ListSnapshotsInRecycleBinOutput { binned: page.items, next_token })
    }
}

impl Encode for ListSnapshotsInRecycleBinOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("snapshotSet", "item", &self.binned, |xml, binned| {
            xml.text("snapshotId", &binned.snapshot.id);
            xml.time("recycleBinEnterTime", binned.entered_at);
            xml.time("recycleBinExitTime", binned.exits_at);
            xml.text("description", binned.snapshot.description.as_deref().unwrap_or_default());
            xml.text("volumeId", &binned.snapshot.volume);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

pub(crate) struct RestoreSnapshotFromRecycleBin;

pub(crate) struct RestoreSnapshotFromRecycleBinOutput {
    snapshot: Snapshot,
    now: Moment,
}

impl Op for RestoreSnapshotFromRecycleBin {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RestoreSnapshotFromRecycleBin");
    type Input = SnapshotId;
    type Output = RestoreSnapshotFromRecycleBinOutput;

    fn decode(params: &Params) -> Result<SnapshotId, Fault> {
        snapshot_id(params.required("SnapshotId")?)
    }

    fn run(world: &mut World, ctx: &Ctx, id: SnapshotId) -> Result<Self::Output, Fault> {
        let completed_at = ctx.now.plus_secs(world.pace.snapshot_secs.into());
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if scope.binned_snapshot(&id, ctx.now).is_none() {
            return Err(Fault::no_snapshot(id.as_str()));
        }
        ctx.commit()?;
        let mut snapshot = scope.unbin_snapshot(&id).ok_or_else(|| Fault::no_snapshot(id.as_str()))?;
        if completed_at > ctx.now {
            snapshot.complete_at(completed_at);
        }
        scope.put_snapshot(snapshot.clone());
        Ok(RestoreSnapshotFromRecycleBinOutput { snapshot, now: ctx.now })
    }
}

impl Encode for RestoreSnapshotFromRecycleBinOutput {
    fn encode(&self, xml: &mut Xml) {
        let (snapshot, now) = (&self.snapshot, self.now);
        xml.text("snapshotId", &snapshot.id);
        xml.text("description", snapshot.description.as_deref().unwrap_or_default());
        xml.value("encrypted", snapshot.encrypted);
        xml.value("ownerId", snapshot.owner);
        xml.text("progress", snapshot.progress(now));
        xml.time("startTime", snapshot.started_at);
        xml.text("status", snapshot.status(now));
        xml.text("volumeId", &snapshot.volume);
        xml.value("volumeSize", snapshot.size_gib);
        if snapshot.encrypted {
            xml.text("sseType", "sse-kms");
        }
    }
}
