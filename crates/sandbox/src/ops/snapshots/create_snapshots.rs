//! EC2 `CreateSnapshots`: of all volumes of an instance at one moment.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Moment, Tags};
use compact_str::CompactString;

use super::create_snapshot::{description, refuse_local, snapshot_of};
use super::snapshot_xml::write_snapshot_info;
use crate::ops::input::{resource_id, tag_specification, tags_of};
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{Instance, InstanceState, Scope, Snapshot, Volume};
use crate::{Fault, World};

pub(crate) struct CreateSnapshots;

pub(crate) struct CreateSnapshotsInput {
    instance: CompactString,
    excludes_boot: bool,
    excluded: Vec<CompactString>,
    copies_tags: bool,
    description: Option<Box<str>>,
    tags: Tags,
}

pub(crate) struct CreateSnapshotsOutput {
    snapshots: Vec<Snapshot>,
    now: Moment,
}

impl Op for CreateSnapshots {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateSnapshots");
    type Input = CreateSnapshotsInput;
    type Output = CreateSnapshotsOutput;

    fn decode(params: &Params) -> Result<CreateSnapshotsInput, Fault> {
        refuse_local(params)?;
        let of = params.structure("InstanceSpecification").ok_or_else(|| Fault::missing("InstanceSpecification"))?;
        let volume = |id: &String| resource_id(id, "vol-", "InvalidVolumeID.Malformed");
        Ok(CreateSnapshotsInput {
            instance: resource_id(of.required("InstanceId")?, "i-", "InvalidInstanceID.Malformed")?,
            excludes_boot: of.flag("ExcludeBootVolume")?,
            excluded: of.texts("ExcludeDataVolumeId")?.iter().map(volume).collect::<Result<_, _>>()?,
            copies_tags: match params.text("CopyTagsFromSource") {
                None | Some("") => false,
                Some("volume") => true,
                Some(other) => return Err(Fault::invalid_value("CopyTagsFromSource", other)),
            },
            description: description(params)?,
            tags: tag_specification(params, "snapshot")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateSnapshotsInput) -> Result<CreateSnapshotsOutput, Fault> {
        let volumes = volumes(world.scope_mut(ctx.account, &ctx.region), &input)?;
        let tags: Vec<Tags> = volumes.iter().map(|volume| tags(volume, &input)).collect::<Result<_, _>>()?;
        ctx.commit()?;
        let mut snapshots = Vec::new();
        for (volume, tags) in volumes.iter().zip(tags) {
            let mut snapshot = snapshot_of(world, ctx, volume);
            snapshot.description = input.description.clone();
            snapshot.tags = tags;
            world.scope_mut(ctx.account, &ctx.region).put_snapshot(snapshot.clone());
            snapshots.push(snapshot);
        }
        Ok(CreateSnapshotsOutput { snapshots, now: ctx.now })
    }
}

/// The volumes of the instance that are not excluded.
fn volumes(scope: &Scope, input: &CreateSnapshotsInput) -> Result<Vec<Arc<Volume>>, Fault> {
    let id = &input.instance;
    let instance = scope.instances.get(id).filter(|instance| instance.state != InstanceState::Terminated);
    let instance = instance
        .ok_or_else(|| Fault::new("InvalidInstanceID.NotFound", format!("The instance ID '{id}' does not exist")))?;
    let data_volumes: Vec<&CompactString> = instance
        .devices
        .iter()
        .filter(|device| !is_root(instance, &device.name))
        .map(|device| &device.volume)
        .collect();
    if let Some(other) = input.excluded.iter().find(|id| !data_volumes.contains(id)) {
        let message = format!("The volume '{other}' is not a data volume of the instance '{id}'.");
        return Err(Fault::new("InvalidParameterValue", message));
    }
    let taken = instance.devices.iter().filter(|device| {
        let is_excluded_boot = input.excludes_boot && is_root(instance, &device.name);
        !is_excluded_boot && !input.excluded.contains(&device.volume)
    });
    let volumes: Vec<Arc<Volume>> =
        taken.filter_map(|device| scope.volumes.get(&device.volume)).map(Arc::clone).collect();
    if volumes.is_empty() {
        let message = format!("The instance '{id}' has no volumes to create snapshots of.");
        return Err(Fault::new("InvalidParameterValue", message));
    }
    Ok(volumes)
}

fn is_root(instance: &Instance, device: &CompactString) -> bool {
    instance.root_device_name.as_ref() == Some(device)
}

/// The tags of the request, laid over those of the volume if they are to be copied.
fn tags(volume: &Volume, input: &CreateSnapshotsInput) -> Result<Tags, Fault> {
    let copied = volume.tags.iter().filter(|(key, _)| input.copies_tags && !key.starts_with("aws:"));
    tags_of(copied.chain(input.tags.iter()).map(|(key, value)| (key.to_owned(), value.to_owned())))
}

impl Encode for CreateSnapshotsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("snapshotSet", "item", &self.snapshots, |xml, snapshot| write_snapshot_info(xml, snapshot, self.now));
    }
}
