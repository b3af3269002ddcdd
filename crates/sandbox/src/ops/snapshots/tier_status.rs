//! EC2 `DescribeSnapshotTierStatus`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Moment, SnapshotId};

use crate::filter::Filters;
use crate::ops::{Ctx, Op, paged};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{Snapshot, Tiering};
use crate::{Fault, World};

pub(crate) struct DescribeSnapshotTierStatus;

pub(crate) struct DescribeSnapshotTierStatusInput {
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeSnapshotTierStatusOutput {
    snapshots: Vec<Arc<Snapshot>>,
    now: Moment,
    next_token: Option<String>,
}

impl Op for DescribeSnapshotTierStatus {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeSnapshotTierStatus");
    type Input = DescribeSnapshotTierStatusInput;
    type Output = DescribeSnapshotTierStatusOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let names = ["snapshot-id", "volume-id", "last-tiering-operation", "tag-key"];
        Ok(DescribeSnapshotTierStatusInput {
            filters: Filters::decode(params, &names)?,
            limit: page::limit("maxResults", params.integer("MaxResults")?, 5..=1000)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let after: Option<SnapshotId> = super::page_start(ctx, Self::SPEC.name, input.token.as_deref())?;
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let snapshots = scope.snapshots.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
        let page = page::fill(snapshots, input.limit, |_, snapshot| {
            let takes = input.filters.matches(&snapshot.tags, |name, filter| match name {
                "snapshot-id" => filter.takes(snapshot.id.as_str()),
                "volume-id" => filter.takes(&snapshot.volume),
                _ => filter.takes_some(tiering(snapshot).map(|tiering| tiering.status(ctx.now))),
            });
            takes.then(|| Arc::clone(snapshot))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id.as_str()));
        Ok(DescribeSnapshotTierStatusOutput { snapshots: page.items, now: ctx.now, next_token })
    }
}

fn tiering(snapshot: &Snapshot) -> Option<&Tiering> {
    snapshot.more.as_ref()?.tiering.as_ref()
}

impl Encode for DescribeSnapshotTierStatusOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("snapshotTierStatusSet", "item", &self.snapshots, |xml, snapshot| {
            xml.text("snapshotId", &snapshot.id);
            xml.text("volumeId", &snapshot.volume);
            xml.text("status", snapshot.status(self.now));
            xml.value("ownerId", snapshot.owner);
            xml.tag_set(&snapshot.tags);
            xml.text("storageTier", snapshot.storage_tier(self.now));
            if let Some(tiering) = tiering(snapshot) {
                write_tiering(xml, tiering, self.now);
            }
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

fn write_tiering(xml: &mut Xml, tiering: &Tiering, now: Moment) {
    xml.time("lastTieringStartTime", tiering.started_at);
    xml.value("lastTieringProgress", tiering.progress(now));
    xml.text("lastTieringOperationStatus", tiering.status(now));
    if let Some(at) = tiering.archival_complete(now) {
        xml.time("archivalCompleteTime", at);
    }
    if let Some(at) = tiering.restore_expiry(now) {
        xml.time("restoreExpiryTime", at);
    }
}
