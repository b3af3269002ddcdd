//! EC2 `ListVolumesInRecycleBin` and `RestoreVolumeFromRecycleBin`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::own_volume::no_volume;
use crate::ops::input::resource_id;
use crate::ops::{Ctx, Done, Op, paged};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{BinnedVolume, Volume, zone_id};
use crate::{Fault, World};

pub(crate) struct ListVolumesInRecycleBin;

pub(crate) struct ListVolumesInRecycleBinInput {
    volumes: Vec<CompactString>,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct ListVolumesInRecycleBinOutput {
    binned: Vec<Arc<BinnedVolume>>,
    ctx: Ctx,
    next_token: Option<String>,
}

fn volume_id(id: &str) -> Result<CompactString, Fault> {
    resource_id(id, "vol-", "InvalidVolumeID.Malformed")
}

impl Op for ListVolumesInRecycleBin {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "ListVolumesInRecycleBin");
    type Input = ListVolumesInRecycleBinInput;
    type Output = ListVolumesInRecycleBinOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(ListVolumesInRecycleBinInput {
            volumes: params.texts("VolumeId")?.iter().map(|id| volume_id(id)).collect::<Result<_, _>>()?,
            limit: page::limit("maxResults", params.integer("MaxResults")?, 5..=500)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(CompactString::from(id)));
        let bin = &world.scope_mut(ctx.account, &ctx.region).snapshot_shelves.volume_bin;
        let is_there = |id: &&CompactString| bin.get(*id).is_some_and(|binned| ctx.now < binned.exits_at);
        if let Some(id) = input.volumes.iter().find(|id| !is_there(id)) {
            return Err(no_volume(id));
        }
        let page = page::fill(bin.range((start, Bound::Unbounded)), input.limit, |id, binned| {
            let is_asked_for = input.volumes.is_empty() || input.volumes.contains(id);
            (is_asked_for && ctx.now < binned.exits_at).then(|| Arc::clone(binned))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id));
        Ok(ListVolumesInRecycleBinOutput { binned: page.items, ctx: ctx.clone(), next_token })
    }
}

impl Encode for ListVolumesInRecycleBinOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("volumeSet", "item", &self.binned, |xml, binned| {
            write_volume(xml, &binned.volume, &self.ctx);
            xml.time("recycleBinEnterTime", binned.entered_at);
            xml.time("recycleBinExitTime", binned.exits_at);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

/// The members of `VolumeRecycleBinInfo` that tell of the volume.
fn write_volume(xml: &mut Xml, volume: &Volume, ctx: &Ctx) {
    let shape = volume.shape();
    xml.text("volumeId", &volume.id);
    xml.text("volumeType", &volume.volume_type);
    xml.text("state", volume.status(ctx.now));
    xml.value("size", volume.size_gib);
    if let Some(iops) = shape.iops {
        xml.value("iops", iops);
    }
    if let Some(throughput) = shape.throughput {
        xml.value("throughput", throughput);
    }
    xml.text("availabilityZone", &volume.zone);
    xml.text("availabilityZoneId", zone_id(&ctx.region, &volume.zone));
    xml.optional("snapshotId", volume.snapshot.as_ref());
    xml.time("createTime", volume.created_at);
}

pub(crate) struct RestoreVolumeFromRecycleBin;

impl Op for RestoreVolumeFromRecycleBin {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RestoreVolumeFromRecycleBin");
    type Input = CompactString;
    type Output = Done;

    fn decode(params: &Params) -> Result<CompactString, Fault> {
        volume_id(params.required("VolumeId")?)
    }

    fn run(world: &mut World, ctx: &Ctx, id: CompactString) -> Result<Done, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let binned = scope.snapshot_shelves.volume_bin.get(&id).filter(|binned| ctx.now < binned.exits_at);
        let volume = binned.map(|binned| Volume::clone(&binned.volume)).ok_or_else(|| no_volume(&id))?;
        ctx.commit()?;
        scope.snapshot_shelves.volume_bin.remove(&id);
        scope.put_volume(volume);
        Ok(Done)
    }
}
