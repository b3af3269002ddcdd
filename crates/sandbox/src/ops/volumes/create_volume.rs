//! EC2 `CreateVolume`: empty, or of a snapshot that the caller may create volumes of.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{SnapshotId, Tags};
use compact_str::CompactString;

use super::shape_rules::require_possible;
use super::volume_xml::write_volume;
use crate::ops::input::{snapshot_id, tag_specification};
use crate::ops::snapshots::encryption::{default_key, wanted_key};
use crate::ops::snapshots::fast_restores;
use crate::ops::snapshots::own_snapshot::{require_usable, restorable_snapshot};
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::zone_of_id;
use crate::world::{Shape, Snapshot, Volume, zones};
use crate::{Fault, World};

pub(crate) struct CreateVolume;

pub(crate) struct CreateVolumeInput {
    zone: Option<CompactString>,
    zone_id: Option<String>,
    size_gib: Option<u32>,
    snapshot: Option<SnapshotId>,
    volume_type: CompactString,
    iops: Option<u32>,
    throughput: Option<u32>,
    multi_attach: bool,
    initialization_rate: Option<u32>,
    encrypted: Option<bool>,
    kms_key: Option<String>,
    tags: Tags,
}

pub(crate) struct CreateVolumeOutput {
    volume: Volume,
    ctx: Ctx,
}

impl Op for CreateVolume {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateVolume");
    type Input = CreateVolumeInput;
    type Output = CreateVolumeOutput;

    fn decode(params: &Params) -> Result<CreateVolumeInput, Fault> {
        if let Some(arn) = params.string("OutpostArn") {
            return Err(Fault::invalid_value("OutpostArn", &arn));
        }
        let initialization_rate = params.unsigned("VolumeInitializationRate")?;
        if let Some(rate) = initialization_rate.filter(|rate| !(100..=300).contains(rate)) {
            return Err(Fault::invalid_value("VolumeInitializationRate", &rate.to_string()));
        }
        Ok(CreateVolumeInput {
            zone: params.string("AvailabilityZone").map(CompactString::from),
            zone_id: params.string("AvailabilityZoneId"),
            size_gib: params.unsigned("Size")?,
            snapshot: params.string("SnapshotId").map(|id| snapshot_id(&id)).transpose()?,
            volume_type: params.string("VolumeType").map_or_else(|| "gp2".into(), CompactString::from),
            iops: params.unsigned("Iops")?,
            throughput: params.unsigned("Throughput")?,
            multi_attach: params.flag("MultiAttachEnabled")?,
            initialization_rate,
            encrypted: params.boolean("Encrypted")?,
            kms_key: params.string("KmsKeyId"),
            tags: tag_specification(params, "volume")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateVolumeInput) -> Result<CreateVolumeOutput, Fault> {
        let zone = zone(ctx, &input)?;
        let snapshot = snapshot(world, ctx, &input)?;
        let size_gib = input
            .size_gib
            .or(snapshot.as_ref().map(|snapshot| snapshot.size_gib))
            .ok_or_else(|| Fault::new("MissingParameter", "The request must contain the parameter size/snapshot"))?;
        if let Some(snapshot) = snapshot.as_ref().filter(|snapshot| size_gib < snapshot.size_gib) {
            let (id, least) = (&snapshot.id, snapshot.size_gib);
            let message = format!("The volume size is invalid for snapshot '{id}': expect size >= {least}GiB.");
            return Err(Fault::new("InvalidParameterValue", message));
        }
        let (volume_type, multi_attach) = (input.volume_type.clone(), input.multi_attach);
        let shape = Shape { size_gib, volume_type, iops: input.iops, throughput: input.throughput, multi_attach };
        require_possible(&shape)?;
        let kms_key = key(ctx, &input, snapshot.as_deref())?;
        ctx.commit()?;
        let is_fast = input.initialization_rate.is_none();
        let fast_restored =
            is_fast && input.snapshot.as_ref().is_some_and(|id| fast_restores::is_enabled(world, ctx, id, &zone));
        let mut volume = Volume {
            id: world.new_id("vol-"),
            size_gib,
            snapshot: input.snapshot,
            zone,
            volume_type: shape.volume_type,
            iops: shape.iops,
            throughput: shape.throughput,
            encrypted: kms_key.is_some(),
            kms_key,
            created_at: ctx.now,
            attachment: None,
            tags: input.tags,
            more: None,
        };
        let available_at = ctx.now.plus_secs(world.pace.instance_secs.into());
        let more = volume.more_mut();
        more.available_at = Some(available_at).filter(|at| ctx.now < *at);
        more.multi_attach = multi_attach;
        more.initialization_rate = input.initialization_rate;
        more.fast_restored = fast_restored;
        more.base = snapshot.as_ref().map(|snapshot| snapshot.lineage());
        if *more == crate::world::VolumeMore::default() {
            volume.more = None;
        }
        world.scope_mut(ctx.account, &ctx.region).put_volume(volume.clone());
        Ok(CreateVolumeOutput { volume, ctx: ctx.clone() })
    }
}

fn zone(ctx: &Ctx, input: &CreateVolumeInput) -> Result<CompactString, Fault> {
    let unknown = |name: &str| {
        let message = format!("The zone '{}' does not exist.", name.chars().take(60).collect::<String>());
        Fault::new("InvalidZone.NotFound", message)
    };
    match (&input.zone, &input.zone_id) {
        (None, None) => Err(Fault::missing("AvailabilityZone")),
        (Some(_), Some(_)) => {
            Err(Fault::new("InvalidParameterCombination", "AvailabilityZone cannot be used with AvailabilityZoneId"))
        }
        (Some(zone), None) if zones(&ctx.region).iter().any(|known| known == zone.as_str()) => Ok(zone.clone()),
        (Some(zone), None) => Err(unknown(zone)),
        (None, Some(id)) => zone_of_id(&ctx.region, id).map(CompactString::from).ok_or_else(|| unknown(id)),
    }
}

fn snapshot(world: &World, ctx: &Ctx, input: &CreateVolumeInput) -> Result<Option<Arc<Snapshot>>, Fault> {
    let Some(id) = &input.snapshot else {
        return match input.initialization_rate {
            None => Ok(None),
            Some(_) => Err(Fault::new(
                "InvalidParameterDependency",
                "The parameter VolumeInitializationRate requires the parameter SnapshotId to be set.",
            )),
        };
    };
    let snapshot = restorable_snapshot(world, ctx, &ctx.region, id).ok_or_else(|| Fault::no_snapshot(id.as_str()))?;
    require_usable(&snapshot, ctx)?;
    Ok(Some(snapshot))
}

/// The key of the volume; one of an encrypted snapshot is encrypted in any case.
fn key(ctx: &Ctx, input: &CreateVolumeInput, snapshot: Option<&Snapshot>) -> Result<Option<Box<str>>, Fault> {
    let source = snapshot.filter(|snapshot| snapshot.encrypted);
    if source.is_some() && input.encrypted == Some(false) {
        let message = "A volume of an encrypted snapshot cannot be unencrypted.";
        return Err(Fault::new("InvalidParameterCombination", message));
    }
    match (source, input.kms_key.as_deref()) {
        (Some(source), None) => Ok(Some(match &source.kms_key {
            Some(key) if source.owner == ctx.account => key.clone(),
            _ => default_key(ctx.account, &ctx.region),
        })),
        (source, key) => wanted_key(ctx, source.is_some() || input.encrypted == Some(true), key),
    }
}

impl Encode for CreateVolumeOutput {
    fn encode(&self, xml: &mut Xml) {
        write_volume(xml, &self.volume, None, &self.ctx);
    }
}
