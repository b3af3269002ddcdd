//! EC2 `CreateSnapshot`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Moment, Tags};
use compact_str::CompactString;

use super::snapshot_xml::write_snapshot;
use crate::ops::input::{resource_id, tag_specification};
use crate::ops::volumes::own_volume::{own_volume, require_created};
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{BLOCK_BYTES, Snapshot, Volume};
use crate::{Fault, World};

pub(crate) struct CreateSnapshot;

pub(crate) struct CreateSnapshotInput {
    volume: CompactString,
    description: Option<Box<str>>,
    tags: Tags,
}

pub(crate) struct CreateSnapshotOutput {
    snapshot: Snapshot,
    now: Moment,
}

impl Op for CreateSnapshot {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateSnapshot");
    type Input = CreateSnapshotInput;
    type Output = CreateSnapshotOutput;

    fn decode(params: &Params) -> Result<CreateSnapshotInput, Fault> {
        refuse_local(params)?;
        Ok(CreateSnapshotInput {
            volume: resource_id(params.required("VolumeId")?, "vol-", "InvalidVolumeID.Malformed")?,
            description: description(params)?,
            tags: tag_specification(params, "snapshot")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateSnapshotInput) -> Result<CreateSnapshotOutput, Fault> {
        let volume = own_volume(world, ctx, &input.volume)?;
        require_created(&volume, ctx)?;
        ctx.commit()?;
        let mut snapshot = snapshot_of(world, ctx, &volume);
        snapshot.description = input.description;
        snapshot.tags = input.tags;
        world.scope_mut(ctx.account, &ctx.region).put_snapshot(snapshot.clone());
        Ok(CreateSnapshotOutput { snapshot, now: ctx.now })
    }
}

/// `Description`, which may have 255 characters.
pub(super) fn description(params: &Params) -> Result<Option<Box<str>>, Fault> {
    match params.string("Description") {
        Some(text) if text.chars().count() > 255 => Err(Fault::new(
            "InvalidParameterValue",
            "Invalid value for the parameter description: it may have at most 255 characters.",
        )),
        text => Ok(text.map(String::into_boxed_str)),
    }
}

/// Refuses what belongs to Outposts and Local Zones, of which this world has none.
pub(super) fn refuse_local(params: &Params) -> Result<(), Fault> {
    for name in ["OutpostArn", "DestinationOutpostArn", "DestinationAvailabilityZone"] {
        if let Some(value) = params.string(name) {
            return Err(Fault::invalid_value(name, &value));
        }
    }
    match params.text("Location") {
        None | Some("" | "regional") => Ok(()),
        Some(other) => Err(Fault::invalid_value("Location", other)),
    }
}

/// A snapshot of a volume, pending as long as this world takes, and not put into the world yet.
pub(crate) fn snapshot_of(world: &mut World, ctx: &Ctx, volume: &Volume) -> Snapshot {
    let id = world.new_snapshot_id();
    let mut snapshot = Snapshot::new(id, ctx.account, volume.id.clone(), volume.size_gib, ctx.now);
    if let Some(lineage) = volume.lineage(ctx.now) {
        snapshot.full_size_bytes = lineage.count() * BLOCK_BYTES;
        snapshot.more_mut().lineage = Some(Arc::new(lineage));
    }
    snapshot.encrypted = volume.encrypted;
    snapshot.kms_key = volume.kms_key.clone();
    snapshot.complete_at(ctx.now.plus_secs(world.pace.snapshot_secs.into()));
    snapshot
}

impl Encode for CreateSnapshotOutput {
    fn encode(&self, xml: &mut Xml) {
        write_snapshot(xml, &self.snapshot, self.now);
    }
}
