//! EC2 `CreateSnapshot`; it is complete at once.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{SnapshotState, StorageTier, Tags};
use compact_str::CompactString;

use super::snapshot_xml::write_snapshot;
use crate::ops::input::{resource_id, tag_specification};
use crate::ops::volumes::volumes::no_volume;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{Snapshot, Volume};
use crate::{Fault, World};

pub(crate) struct CreateSnapshot;

pub(crate) struct CreateSnapshotInput {
    volume: CompactString,
    description: Option<String>,
    tags: Tags,
}

pub(crate) struct CreateSnapshotOutput(Snapshot);

impl Op for CreateSnapshot {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateSnapshot");
    type Input = CreateSnapshotInput;
    type Output = CreateSnapshotOutput;

    fn decode(params: &Params) -> Result<CreateSnapshotInput, Fault> {
        Ok(CreateSnapshotInput {
            volume: resource_id(params.required("VolumeId")?, "vol-", "InvalidVolumeID.Malformed")?,
            description: params.string("Description"),
            tags: tag_specification(params, "snapshot")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateSnapshotInput) -> Result<CreateSnapshotOutput, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let volume = scope.volumes.get(&input.volume).map(Arc::clone).ok_or_else(|| no_volume(&input.volume))?;
        ctx.commit()?;
        let mut snapshot = snapshot_of(world, ctx, &volume);
        snapshot.description = input.description.map(String::into_boxed_str);
        snapshot.tags = input.tags;
        world.scope_mut(ctx.account, &ctx.region).put_snapshot(snapshot.clone());
        Ok(CreateSnapshotOutput(snapshot))
    }
}

/// A snapshot of a volume, not put into the world yet.
pub(crate) fn snapshot_of(world: &mut World, ctx: &Ctx, volume: &Volume) -> Snapshot {
    Snapshot {
        id: world.new_snapshot_id(),
        owner: ctx.account,
        volume: volume.id.clone(),
        size_gib: volume.size_gib,
        // As if half of the volume were written.
        full_size_bytes: u64::from(volume.size_gib) << 29,
        state: SnapshotState::Completed,
        tier: StorageTier::Standard,
        encrypted: volume.encrypted,
        kms_key: volume.kms_key.clone(),
        started_at: ctx.now,
        description: None,
        tags: Tags::default(),
    }
}

impl Encode for CreateSnapshotOutput {
    fn encode(&self, xml: &mut Xml) {
        write_snapshot(xml, &self.0);
    }
}
