//! Starting instances, for `RunInstances` and for Auto Scaling groups.

use std::sync::Arc;

use amictl_model::{ImageId, ImageState, Tags};
use compact_str::{CompactString, format_compact};

use crate::ops::Ctx;
use crate::ops::images::own_image::unavailable;
use crate::ops::input::image_id;
use crate::world::{Image, Instance, InstanceDevice, InstanceState, MappedEbs, Mapping, Volume, zones};
use crate::{Fault, World};

/// What to start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Launch {
    pub(crate) instance_type: CompactString,
    pub(crate) count: u32,
    pub(crate) tags: Tags,
    pub(crate) volume_tags: Tags,
    pub(crate) key_name: Option<CompactString>,
    pub(crate) zone: Option<CompactString>,
    pub(crate) group: Option<CompactString>,
    /// Laid over the image's block devices.
    pub(crate) mappings: Vec<Mapping>,
}

/// The image id that a text means: the id itself, or what `resolve:ssm:…` stands for.
pub(crate) fn resolved_image(world: &World, ctx: &Ctx, text: &str) -> Result<ImageId, Fault> {
    if !text.starts_with("resolve:ssm:") {
        return image_id(text);
    }
    let resolved = world.scope(ctx.account, &ctx.region).and_then(|scope| scope.resolve_image(text));
    let Some(id) = resolved else {
        let text: String = text.chars().take(200).collect();
        return Err(Fault::new("InvalidParameterValue", format!("The parameter of '{text}' cannot be resolved.")));
    };
    image_id(id)
}

/// The image, if the caller may launch it now.
pub(crate) fn launchable_image(world: &World, ctx: &Ctx, id: &ImageId) -> Result<Arc<Image>, Fault> {
    match world.find_image(&ctx.region, id) {
        Some(image) if image.is_launchable_by(ctx.account) => match image.state {
            ImageState::Available => Ok(Arc::clone(image)),
            _ => Err(unavailable(image)),
        },
        _ => Err(Fault::no_image(id.as_str())),
    }
}

/// Starts instances of an image; they run at once.
pub(crate) fn launch(world: &mut World, ctx: &Ctx, image: &Image, launch: &Launch) -> Vec<Arc<Instance>> {
    let reservation = world.new_id("r-");
    let zone = launch.zone.clone().unwrap_or_else(|| CompactString::from(&zones(&ctx.region)[0]));
    let mappings = overlaid(&image.mappings, &launch.mappings);
    let instances: Vec<Arc<Instance>> = (0..launch.count)
        .map(|index| {
            let id = world.new_id("i-");
            let devices = mappings
                .iter()
                .filter_map(|mapping| new_device(world, ctx, &id, &zone, mapping, &launch.volume_tags))
                .collect();
            let number = world.new_number();
            let instance = Instance {
                id: id.clone(),
                reservation: reservation.clone(),
                image: image.id.clone(),
                state: InstanceState::Running,
                state_since: ctx.now,
                instance_type: launch.instance_type.clone(),
                launched_at: ctx.now,
                zone: zone.clone(),
                launch_index: index,
                private_ip: format_compact!("172.31.{}.{}", number >> 8 & 0x1f, number & 0xff),
                architecture: image.traits.architecture.clone(),
                key_name: launch.key_name.clone(),
                root_device_name: image.traits.root_device_name.clone(),
                devices,
                hidden_for: None,
                group: launch.group.clone(),
                tags: launch.tags.clone(),
            };
            let instance = Arc::new(instance);
            world.scope_mut(ctx.account, &ctx.region).instances.insert(id, Arc::clone(&instance));
            instance
        })
        .collect();
    if let Some(image) = world.scope_mut(image.owner, &ctx.region).image_mut(&image.id) {
        image.launches.note(ctx.now);
    }
    instances
}

/// The mappings of an image with others laid over them: changed, added or suppressed by device name.
pub(crate) fn overlaid(base: &[Mapping], over: &[Mapping]) -> Vec<Mapping> {
    let mut mappings = base.to_vec();
    for change in over {
        let at = mappings.iter().position(|mapping| mapping.device_name == change.device_name);
        match at {
            Some(at) if change.no_device => {
                mappings.remove(at);
            }
            Some(at) => {
                let merged = merged(mappings[at].ebs.take(), change.ebs.clone());
                mappings[at].ebs = merged;
            }
            None if change.no_device => {}
            None => mappings.push(change.clone()),
        }
    }
    mappings
}

fn merged(base: Option<MappedEbs>, over: Option<MappedEbs>) -> Option<MappedEbs> {
    let (Some(base), Some(over)) = (base.clone(), over.clone()) else { return over.or(base) };
    Some(MappedEbs {
        snapshot: over.snapshot.or(base.snapshot),
        size_gib: over.size_gib.or(base.size_gib),
        volume_type: over.volume_type.or(base.volume_type),
        encrypted: over.encrypted || base.encrypted,
        delete_on_termination: over.delete_on_termination.or(base.delete_on_termination),
        iops: over.iops.or(base.iops),
        throughput: over.throughput.or(base.throughput),
        kms_key: over.kms_key.or(base.kms_key),
    })
}

fn new_device(
    world: &mut World,
    ctx: &Ctx,
    instance: &CompactString,
    zone: &CompactString,
    mapping: &Mapping,
    tags: &Tags,
) -> Option<InstanceDevice> {
    let ebs = mapping.ebs.as_ref()?;
    let id = world.new_id("vol-");
    world.scope_mut(ctx.account, &ctx.region).put_volume(Volume {
        id: id.clone(),
        size_gib: ebs.size_gib.unwrap_or(8),
        snapshot: ebs.snapshot.clone(),
        zone: zone.clone(),
        volume_type: ebs.volume_type.clone().unwrap_or_else(|| "gp3".into()),
        iops: ebs.iops,
        throughput: ebs.throughput,
        encrypted: ebs.encrypted,
        kms_key: ebs.kms_key.clone(),
        created_at: ctx.now,
        attachment: Some((instance.clone(), mapping.device_name.clone())),
        tags: tags.clone(),
    });
    Some(InstanceDevice {
        name: mapping.device_name.clone(),
        volume: id,
        delete_on_termination: ebs.delete_on_termination.unwrap_or(true),
    })
}

/// Terminates an instance and deletes the volumes that go with it.
pub(crate) fn terminate(world: &mut World, ctx: &Ctx, id: &CompactString) {
    let scope = world.scope_mut(ctx.account, &ctx.region);
    let Some(instance) = scope.instances.get_mut(id).map(Arc::make_mut) else { return };
    if instance.state == InstanceState::Terminated {
        return;
    }
    instance.state = InstanceState::Terminated;
    instance.state_since = ctx.now;
    for device in std::mem::take(&mut instance.devices) {
        if device.delete_on_termination {
            scope.volumes.remove(&device.volume);
        } else if let Some(volume) = scope.volumes.get_mut(&device.volume) {
            Arc::make_mut(volume).attachment = None;
        }
    }
}
