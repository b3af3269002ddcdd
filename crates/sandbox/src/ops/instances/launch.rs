//! Starting instances, for `RunInstances` and for Auto Scaling groups.

use std::sync::Arc;

use amictl_model::{ImageId, Tags};
use compact_str::{CompactString, format_compact};

use super::overlay::overlaid;
use crate::ops::Ctx;
pub(crate) use crate::ops::images::own_image::launchable_image;
use crate::ops::input::image_id;
use crate::wire::Params;
use crate::world::{
    Image, Instance, InstanceDevice, InstanceSettings, InstanceState, Mapping, SpotRequest, Transition, Volume, zones,
};
use crate::{Fault, World};

/// What to start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Launch {
    pub(crate) instance_type: CompactString,
    pub(crate) count: u32,
    pub(crate) tags: Tags,
    pub(crate) volume_tags: Tags,
    pub(crate) spot_tags: Tags,
    pub(crate) key_name: Option<CompactString>,
    pub(crate) zone: Option<CompactString>,
    pub(crate) group: Option<CompactString>,
    /// Laid over the image's block devices.
    pub(crate) mappings: Vec<Mapping>,
    /// The options of Spot Instances.
    pub(crate) spot: Option<Params>,
    /// Everything that goes into the instance as it is.
    pub(crate) settings: InstanceSettings,
}

impl Launch {
    /// Adds tags to the instances, in place of those of the same keys.
    pub(crate) fn tag<'a>(&mut self, more: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        let more = more.into_iter().map(owned);
        self.tags = self.tags.iter().map(owned).chain(more).collect();
    }

    /// Adds the tags that EC2 gives what is launched from a version of a launch template.
    pub(crate) fn tag_with_template(&mut self, template: &str, version: &str) {
        self.tag([("aws:ec2launchtemplate:id", template), ("aws:ec2launchtemplate:version", version)]);
    }
}

/// The image id that a text means: the id itself, or what `resolve:ssm:…` stands for.
pub(crate) fn resolved_image(world: &World, ctx: &Ctx, text: &str) -> Result<ImageId, Fault> {
    if !text.starts_with("resolve:ssm:") {
        return image_id(text);
    }
    let resolved = world.resolve_image(ctx.account, &ctx.region, text);
    let Some(id) = resolved else {
        let text: String = text.chars().take(200).collect();
        return Err(Fault::new("InvalidParameterValue", format!("The parameter of '{text}' cannot be resolved.")));
    };
    image_id(&id)
}

/// Starts instances of an image; they run as soon as the world's pace lets them.
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
            let spot_request =
                launch.spot.as_ref().map(|options| note_spot_request(world, ctx, launch, options, &id, image));
            let instance = Instance {
                id: id.clone(),
                reservation: reservation.clone(),
                image: image.id.clone(),
                state: InstanceState::Running,
                state_since: ctx.now.plus_secs(world.pace.instance_secs.into()),
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
                settings: Box::new(InstanceSettings {
                    traits: Arc::clone(&image.traits),
                    spot_request,
                    ..launch.settings.clone()
                }),
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

/// Notes the Spot request that an instance fulfils.
fn note_spot_request(
    world: &mut World,
    ctx: &Ctx,
    launch: &Launch,
    options: &Params,
    instance: &CompactString,
    image: &Image,
) -> CompactString {
    let id = world.new_id("sir-");
    let request = SpotRequest {
        id: id.clone(),
        created_at: ctx.now,
        kind: options.text("SpotInstanceType").filter(|kind| !kind.is_empty()).unwrap_or("one-time").into(),
        price: options.string("MaxPrice").map(String::into_boxed_str),
        interruption: options
            .text("InstanceInterruptionBehavior")
            .filter(|behavior| !behavior.is_empty())
            .unwrap_or("terminate")
            .into(),
        specification: specification_of(launch, image),
        valid_until: None,
        instance: Some(instance.clone()),
        zone: launch.zone.clone(),
        active_at: ctx.now.plus_secs(world.pace.instance_secs.into()),
        ended: None,
        fault: None,
        tags: launch.spot_tags.clone(),
    };
    world.scope_mut(ctx.account, &ctx.region).spot_requests.insert(id.clone(), Arc::new(request));
    id
}

/// What a Spot request that was made for an instance says about it.
fn specification_of(launch: &Launch, image: &Image) -> Params {
    let mut specification = Params::default();
    specification.set("ImageId", image.id.as_str());
    specification.set("InstanceType", &launch.instance_type);
    if let Some(key) = &launch.key_name {
        specification.set("KeyName", key);
    }
    let mut monitoring = Params::default();
    monitoring.set("Enabled", if launch.settings.monitoring { "true" } else { "false" });
    specification.put("Monitoring", monitoring);
    specification
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
        more: None,
    });
    Some(InstanceDevice {
        name: mapping.device_name.clone(),
        volume: id,
        delete_on_termination: ebs.delete_on_termination.unwrap_or(true),
    })
}

/// Terminates an instance as its owner asked, and deletes the volumes that go with it.
pub(crate) fn terminate(world: &mut World, ctx: &Ctx, id: &CompactString) {
    terminate_because(
        world,
        ctx,
        id,
        "Client.UserInitiatedShutdown",
        "Client.UserInitiatedShutdown: User initiated shutdown",
    );
}

/// Terminates an instance for this reason, and deletes the volumes that go with it.
pub(crate) fn terminate_because(world: &mut World, ctx: &Ctx, id: &CompactString, code: &str, message: &str) {
    let until = ctx.now.plus_secs(world.pace.instance_secs.into());
    let scope = world.scope_mut(ctx.account, &ctx.region);
    let Some(instance) = scope.instances.get_mut(id).map(Arc::make_mut) else { return };
    if instance.state == InstanceState::Terminated {
        return;
    }
    instance.state = InstanceState::Terminated;
    instance.state_since = until;
    instance.settings.transition = Some(Transition { at: ctx.now, code: code.into(), message: message.into() });
    let request = instance.settings.spot_request.clone();
    let group = instance.group.clone();
    let fleet = ["aws:ec2:fleet-id", "aws:ec2spot:fleet-request-id"].iter().find_map(|key| instance.tags.get(key));
    let fleet = fleet.map(CompactString::from);
    for device in std::mem::take(&mut instance.devices) {
        if device.delete_on_termination {
            scope.discard_volume(&device.volume, ctx.now);
        } else if let Some(volume) = scope.volumes.get_mut(&device.volume) {
            Arc::make_mut(volume).attachment = None;
        }
    }
    if let Some(fleet) = fleet {
        scope.fleet_work.insert(fleet, until);
    }
    if let Some(group) = group {
        scope.note_group_work(group, until);
    }
    if let Some(request) = request.and_then(|request| scope.spot_requests.get_mut(&request)) {
        Arc::make_mut(request).close(until);
    }
}
