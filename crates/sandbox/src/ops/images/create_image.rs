//! EC2 `CreateImage`: of an instance, with a snapshot of each of its volumes.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageId, RootDeviceType, Tags};
use compact_str::CompactString;

use super::billing::billing_of_image;
use super::new_image::{NewImageId, available_at, make_pending, require_free_name, require_room};
use crate::ops::input::{image_name, mappings, resource_id, tag_specification};
use crate::ops::instances::describe_instances::require_all;
use crate::ops::instances::overlay::overlaid;
use crate::ops::snapshots::create_snapshot::snapshot_of;
use crate::ops::{Ctx, Op};
use crate::wire::Params;
use crate::world::{Image, ImageTraits, Instance, InstanceDevice, InstanceState, MappedEbs, Mapping, Scope};
use crate::{Fault, World};

pub(crate) struct CreateImage;

pub(crate) struct CreateImageInput {
    instance: CompactString,
    name: String,
    description: Option<String>,
    mappings: Vec<Mapping>,
    boot_mode: Option<CompactString>,
    image_tags: Tags,
    snapshot_tags: Tags,
}

impl Op for CreateImage {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateImage");
    type Input = CreateImageInput;
    type Output = NewImageId;

    fn decode(params: &Params) -> Result<CreateImageInput, Fault> {
        if let Some(place) = params.text("SnapshotLocation").filter(|place| *place != "regional") {
            // Local snapshots are for Local Zones and Outposts, which do not exist here.
            return Err(Fault::invalid_value("SnapshotLocation", place));
        }
        // An instance is not really rebooted, so `NoReboot` makes no difference.
        params.flag("NoReboot")?;
        Ok(CreateImageInput {
            instance: resource_id(params.required("InstanceId")?, "i-", "InvalidInstanceID.Malformed")?,
            name: image_name(params)?,
            description: params.string("Description"),
            mappings: mappings(params)?,
            boot_mode: params.string("BootModeOverride").map(CompactString::from),
            image_tags: tag_specification(params, "image")?,
            snapshot_tags: tag_specification(params, "snapshot")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateImageInput) -> Result<NewImageId, Fault> {
        let instance = checked_instance(world.scope_mut(ctx.account, &ctx.region), ctx, &input.instance)?;
        require_root(&instance, &input.mappings)?;
        require_free_name(world, ctx, &input.name)?;
        require_room(world, ctx)?;
        ctx.commit()?;
        let id = world.new_image_id();
        let description = format!("Created by CreateImage({}) for {id}", instance.id);
        let base = volume_mappings(world, ctx, &instance, &description, &input);
        let mut image = Image {
            description: input.description.as_deref().map(Into::into),
            mappings: overlaid(&base, &input.mappings).into(),
            tags: input.image_tags,
            source_image: Some(instance.image.clone()),
            source_region: Some(ctx.region.clone()),
            source_instance: Some(instance.id.clone()),
            traits: Arc::new(traits(world, ctx, &instance, input.boot_mode)),
            extras: billing_of_image(world, ctx, &instance.image),
            ..Image::new(id.clone(), ctx.account, &input.name, ctx.now)
        };
        let until = available_at(world, ctx);
        make_pending(&mut image, ctx, until, None);
        world.scope_mut(ctx.account, &ctx.region).put_image(image);
        Ok(NewImageId(id))
    }
}

fn checked_instance(scope: &Scope, ctx: &Ctx, id: &CompactString) -> Result<Arc<Instance>, Fault> {
    require_all(ctx, scope, std::slice::from_ref(id))?;
    match scope.instances.get(id) {
        Some(instance) if instance.state != InstanceState::Terminated => Ok(Arc::clone(instance)),
        _ => Err(Fault::new("IncorrectState", format!("Instance '{id}' is not 'running' or 'stopped'."))),
    }
}

/// Refuses to leave out the root device.
fn require_root(instance: &Instance, mappings: &[Mapping]) -> Result<(), Fault> {
    let root = instance.root_device_name.as_ref();
    match mappings.iter().find(|mapping| mapping.no_device && Some(&mapping.device_name) == root) {
        None => Ok(()),
        Some(mapping) => {
            let message = format!("The root device '{}' cannot be suppressed", mapping.device_name);
            Err(Fault::new("InvalidBlockDeviceMapping", message))
        }
    }
}

/// What the new image has in common with the one that the instance was launched from, also if that is gone.
fn traits(world: &World, ctx: &Ctx, instance: &Instance, boot_mode: Option<CompactString>) -> ImageTraits {
    let origin = find_or_gone(world, ctx, &instance.image);
    let mut traits = origin.map_or_else(ImageTraits::default, |image| ImageTraits::clone(&image.traits));
    traits.architecture = instance.architecture.clone();
    traits.root_device_name = instance.root_device_name.clone();
    traits.root_device_type = RootDeviceType::Ebs;
    if boot_mode.is_some() {
        traits.boot_mode = boot_mode;
    }
    traits
}

/// An image of the Region, also one that was deregistered.
pub(crate) fn find_or_gone<'a>(world: &'a World, ctx: &Ctx, id: &ImageId) -> Option<&'a Arc<Image>> {
    world
        .find_image(&ctx.region, id)
        .or_else(|| world.in_region(&ctx.region, None).find_map(|(_, scope)| scope.gone_images.get(id)))
}

/// Takes a snapshot of every volume of an instance, but of those that the new image leaves out.
fn volume_mappings(
    world: &mut World,
    ctx: &Ctx,
    instance: &Instance,
    description: &str,
    input: &CreateImageInput,
) -> Vec<Mapping> {
    let is_left_out = |device: &InstanceDevice| {
        input.mappings.iter().any(|mapping| mapping.no_device && mapping.device_name == device.name)
    };
    let mut mappings = Vec::new();
    for device in instance.devices.iter().filter(|device| !is_left_out(device)) {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let Some(volume) = scope.volumes.get(&device.volume).map(Arc::clone) else { continue };
        let mut snapshot = snapshot_of(world, ctx, &volume);
        snapshot.description = Some(description.into());
        snapshot.tags = input.snapshot_tags.clone();
        mappings.push(Mapping {
            device_name: device.name.clone(),
            ebs: Some(MappedEbs {
                snapshot: Some(snapshot.id.clone()),
                size_gib: Some(volume.size_gib),
                volume_type: Some(volume.volume_type.clone()),
                encrypted: volume.encrypted,
                delete_on_termination: Some(device.delete_on_termination),
                iops: volume.iops,
                throughput: volume.throughput,
                kms_key: None,
            }),
            ..Mapping::default()
        });
        world.scope_mut(ctx.account, &ctx.region).put_snapshot(snapshot);
    }
    mappings
}
