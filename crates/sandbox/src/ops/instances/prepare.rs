//! From what is said about instances to what can be started: image, network and keys looked up, or refused as AWS does.

use std::sync::Arc;

use amictl_model::{AccountId, Region};
use compact_str::CompactString;

use super::launch::{Launch, launchable_image, resolved_image};
use super::launch_spec::{LaunchSpec, full_profile_arn};
use crate::ops::Ctx;
use crate::world::{Image, architecture_of_type, default_security_group, zone_of_subnet, zones};
use crate::{Fault, World};

/// What can be started: the image and everything else.
pub(crate) struct Prepared {
    pub(crate) image: Arc<Image>,
    pub(crate) launch: Launch,
}

/// Looks up everything that is named.
pub(crate) fn prepare(world: &World, ctx: &Ctx, spec: LaunchSpec, count: u32) -> Result<Prepared, Fault> {
    let image = spec.image.as_deref().ok_or_else(|| Fault::missing("ImageId"))?;
    let image = launchable_image(world, ctx, &resolved_image(world, ctx, image)?)?;
    let instance_type = CompactString::from(spec.instance_type.as_deref().unwrap_or("m1.small"));
    require_type(&instance_type, &image)?;
    let mut settings = spec.settings;
    let zone = place(ctx.account, &ctx.region, spec.zone, settings.subnet.as_ref())?;
    settings.security_groups = security_groups(world, ctx, &settings.security_groups, &spec.group_names)?;
    let scope = world.scope(ctx.account, &ctx.region);
    if let Some(key) = &spec.key_name
        && !scope.is_some_and(|scope| scope.key_pairs.contains_key(key))
    {
        let message = format!("The key pair '{}' does not exist", key.chars().take(255).collect::<String>());
        return Err(Fault::new("InvalidKeyPair.NotFound", message));
    }
    settings.profile_arn = settings.profile_arn.map(|arn| full_profile_arn(ctx.account, &arn).as_str().into());
    for ebs in spec.mappings.iter().filter_map(|mapping| mapping.ebs.as_ref()) {
        if let Some(id) = &ebs.snapshot
            && !scope.is_some_and(|scope| scope.snapshots.contains_key(id))
            && !image.snapshots().any(|known| known == id)
        {
            return Err(Fault::no_snapshot(id.as_str()));
        }
    }
    settings.traits = Arc::clone(&image.traits);
    let launch = Launch {
        instance_type,
        count,
        tags: spec.tags,
        volume_tags: spec.volume_tags,
        spot_tags: spec.spot_tags,
        key_name: spec.key_name,
        zone: Some(zone),
        group: None,
        mappings: spec.mappings,
        spot: spec.spot,
        settings,
    };
    Ok(Prepared { image, launch })
}

/// Whether the type is one, and can run the image.
fn require_type(instance_type: &str, image: &Image) -> Result<(), Fault> {
    let Some(architecture) = architecture_of_type(instance_type) else {
        let instance_type: String = instance_type.chars().take(60).collect();
        return Err(Fault::new("InvalidParameterValue", format!("Invalid value '{instance_type}' for InstanceType.")));
    };
    let wanted = image.traits.architecture.as_str();
    // Types of x86_64 run i386 as well.
    if wanted == architecture || (wanted == "i386" && architecture == "x86_64") {
        return Ok(());
    }
    let message = format!(
        "The architecture '{architecture}' of the specified instance type does not match the architecture '{wanted}' of the \
         specified AMI. Specify an instance type and an AMI that have matching architectures, and try again."
    );
    Err(Fault::new("InvalidParameterValue", message))
}

/// The zone: the one that is named, the subnet's, or the first one.
fn place(
    account: AccountId,
    region: &Region,
    zone: Option<CompactString>,
    subnet: Option<&CompactString>,
) -> Result<CompactString, Fault> {
    if let Some(subnet) = subnet {
        let of_subnet = zone_of_subnet(account, region, subnet).ok_or_else(|| {
            let subnet: String = subnet.chars().take(60).collect();
            Fault::new("InvalidSubnetID.NotFound", format!("The subnet ID '{subnet}' does not exist"))
        })?;
        if zone.as_ref().is_some_and(|zone| *zone != of_subnet) {
            let message = "The availability zone does not match the zone of the subnet.";
            return Err(Fault::new("InvalidParameterValue", message));
        }
        return Ok(of_subnet.into());
    }
    let known = zones(region);
    match zone {
        None => Ok(CompactString::from(&known[0])),
        Some(zone) if known.iter().any(|known| *known == zone) => Ok(zone),
        Some(zone) => {
            let zone: String = zone.chars().take(60).collect();
            Err(Fault::new("InvalidParameterValue", format!("Invalid availability zone: [{zone}]")))
        }
    }
}

/// The ids of security groups that are named by id or by name; the default group's id is known as well.
fn security_groups(
    world: &World,
    ctx: &Ctx,
    ids: &[CompactString],
    names: &[String],
) -> Result<Vec<CompactString>, Fault> {
    let default = default_security_group(ctx.account, &ctx.region);
    let scope = world.scope(ctx.account, &ctx.region);
    let missing = |group: &str| {
        let group: String = group.chars().take(255).collect();
        Fault::new("InvalidGroup.NotFound", format!("The security group '{group}' does not exist"))
    };
    let mut found = Vec::new();
    for id in ids {
        if *id != default && !scope.is_some_and(|scope| scope.security_groups.contains_key(id)) {
            return Err(missing(id));
        }
        found.push(id.clone());
    }
    for name in names {
        let named = scope.and_then(|scope| scope.security_groups.values().find(|group| *group.name == **name));
        match named {
            Some(group) => found.push(group.id.clone()),
            None if name == "default" => found.push(default.clone()),
            None => return Err(missing(name)),
        }
    }
    Ok(found)
}
