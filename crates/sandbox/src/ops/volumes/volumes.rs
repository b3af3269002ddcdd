//! EC2 `CreateVolume` and `DeleteVolume`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{SnapshotId, Tags};
use compact_str::CompactString;

use super::volume_xml::write_volume;
use crate::ops::input::{resource_id, snapshot_id, tag_specification};
use crate::ops::{Ctx, Done, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{Volume, zones};
use crate::{Fault, World};

pub(crate) struct CreateVolume;

pub(crate) struct CreateVolumeInput {
    zone: CompactString,
    size_gib: Option<u32>,
    snapshot: Option<SnapshotId>,
    volume_type: CompactString,
    iops: Option<u32>,
    throughput: Option<u32>,
    encrypted: bool,
    kms_key: Option<Box<str>>,
    tags: Tags,
}

pub(crate) struct CreateVolumeOutput(Arc<Volume>);

impl Op for CreateVolume {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateVolume");
    type Input = CreateVolumeInput;
    type Output = CreateVolumeOutput;

    fn decode(params: &Params) -> Result<CreateVolumeInput, Fault> {
        Ok(CreateVolumeInput {
            zone: params.required("AvailabilityZone")?.into(),
            size_gib: params.unsigned("Size")?,
            snapshot: params.string("SnapshotId").map(|id| snapshot_id(&id)).transpose()?,
            volume_type: params.string("VolumeType").map_or_else(|| "gp2".into(), CompactString::from),
            iops: params.unsigned("Iops")?,
            throughput: params.unsigned("Throughput")?,
            encrypted: params.flag("Encrypted")?,
            kms_key: params.string("KmsKeyId").map(String::into_boxed_str),
            tags: tag_specification(params, "volume")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateVolumeInput) -> Result<CreateVolumeOutput, Fault> {
        if !zones(&ctx.region).iter().any(|zone| zone == input.zone.as_str()) {
            let message = format!("The zone '{}' does not exist.", input.zone.chars().take(60).collect::<String>());
            return Err(Fault::new("InvalidZone.NotFound", message));
        }
        let snapshot = match &input.snapshot {
            Some(id) => {
                let scope = world.scope_mut(ctx.account, &ctx.region);
                Some(scope.snapshots.get(id).ok_or_else(|| Fault::no_snapshot(id.as_str()))?)
            }
            None => None,
        };
        let least = snapshot.map_or(1, |snapshot| snapshot.size_gib);
        let size_gib = input
            .size_gib
            .or(snapshot.map(|snapshot| snapshot.size_gib))
            .ok_or_else(|| Fault::new("MissingParameter", "The request must contain the parameter size/snapshot"))?;
        if !(least..=65_536).contains(&size_gib) {
            return Err(Fault::invalid_value("size", &size_gib.to_string()));
        }
        let encrypted = input.encrypted || snapshot.is_some_and(|snapshot| snapshot.encrypted);
        ctx.commit()?;
        let volume = Volume {
            id: world.new_id("vol-"),
            size_gib,
            snapshot: input.snapshot,
            zone: input.zone,
            volume_type: input.volume_type,
            iops: input.iops,
            throughput: input.throughput,
            encrypted,
            kms_key: input.kms_key,
            created_at: ctx.now,
            attachment: None,
            tags: input.tags,
        };
        world.scope_mut(ctx.account, &ctx.region).put_volume(volume.clone());
        Ok(CreateVolumeOutput(Arc::new(volume)))
    }
}

impl Encode for CreateVolumeOutput {
    fn encode(&self, xml: &mut Xml) {
        write_volume(xml, &self.0);
    }
}

pub(crate) struct DeleteVolume;

impl Op for DeleteVolume {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DeleteVolume");
    type Input = CompactString;
    type Output = Done;

    fn decode(params: &Params) -> Result<CompactString, Fault> {
        resource_id(params.required("VolumeId")?, "vol-", "InvalidVolumeID.Malformed")
    }

    fn run(world: &mut World, ctx: &Ctx, id: CompactString) -> Result<Done, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let volume = scope.volumes.get(&id).ok_or_else(|| no_volume(&id))?;
        if let Some((instance, _)) = &volume.attachment {
            let message = format!("Volume {id} is currently attached to {instance}");
            return Err(Fault::new("VolumeInUse", message));
        }
        ctx.commit()?;
        scope.volumes.remove(&id);
        Ok(Done)
    }
}

/// A volume that is not there.
pub(crate) fn no_volume(id: &str) -> Fault {
    Fault::new("InvalidVolume.NotFound", format!("The volume '{id}' does not exist."))
}
