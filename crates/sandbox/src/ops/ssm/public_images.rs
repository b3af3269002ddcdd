//! The images that AWS's public parameters name, made as their owner would make them.

use amictl_model::{AccountId, Grantee, Region};

use crate::ops::images::register_image::RegisterImage;
use crate::ops::snapshots::create_snapshot::CreateSnapshot;
use crate::ops::volumes::create_volume::CreateVolume;
use crate::ops::{Ctx, Op};
use crate::wire::decode_form;
use crate::world::{AMAZON, Image, public_images, public_parameters, published_at, zones};
use crate::{Fault, World};

impl World {
    /// Puts in the images that AWS's public parameters name: public, and Amazon's, in every Region that is enabled.
    ///
    /// # Errors
    /// When the world refuses one of them.
    pub fn put_public_images(&mut self) -> Result<(), Fault> {
        let owner: AccountId = AMAZON.parse().map_err(|_| Fault::auth_failure())?;
        let regions: Vec<Region> =
            self.regions().iter().filter(|info| info.is_enabled()).map(|info| info.region.clone()).collect();
        let pace = std::mem::take(&mut self.pace);
        let made = regions.into_iter().try_for_each(|region| put_in(self, owner, region));
        self.pace = pace;
        made
    }
}

fn put_in(world: &mut World, owner: AccountId, region: Region) -> Result<(), Fault> {
    let ctx = Ctx::at(owner, region, published_at());
    for (name, architecture, id) in public_images(&ctx.region) {
        if world.scope(owner, &ctx.region).is_some_and(|scope| scope.image(&id).is_some()) {
            continue;
        }
        let zone = zones(&ctx.region).into_iter().next().unwrap_or_default();
        act::<CreateVolume>(world, &ctx, &format!("AvailabilityZone={zone}&Size=8"))?;
        let volume = world.scope(owner, &ctx.region).and_then(|scope| scope.volumes.keys().next().cloned());
        let volume = volume.unwrap_or_default();
        act::<CreateSnapshot>(world, &ctx, &format!("VolumeId={volume}"))?;
        let scope = world.scope_mut(owner, &ctx.region);
        scope.volumes.remove(&volume);
        let of_volume = scope.snapshots().find(|snapshot| snapshot.volume == volume);
        let snapshot = of_volume.map(|snapshot| snapshot.id.to_string()).unwrap_or_default();
        let device = if name.starts_with("Windows") { "/dev/sda1" } else { "/dev/xvda" };
        let form = format!(
            "Name={name}&Architecture={architecture}&RootDeviceName={device}&VirtualizationType=hvm&EnaSupport=true\
             &BlockDeviceMapping.1.DeviceName={device}&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}\
             &BlockDeviceMapping.1.Ebs.VolumeType=gp3"
        );
        act::<RegisterImage>(world, &ctx, &form)?;
        let scope = world.scope_mut(owner, &ctx.region);
        let Some(made) = scope.images().find(|image| &*image.name == name).map(|image| image.id.clone()) else {
            continue;
        };
        // It gets the id that the parameter names.
        if let Some(image) = scope.remove_image(&made) {
            let mut image = (*image).clone();
            image.id = id;
            image.permissions.insert(Grantee::Group("all".into()));
            describe(&mut image, &ctx.region);
            scope.put_image(image);
        }
    }
    Ok(())
}

/// What only Amazon's images have: the parameter that names it, the free tier, and Windows as the platform.
fn describe(image: &mut Image, region: &Region) {
    let parameter = public_parameters(region).into_iter().find(|parameter| parameter.image == image.id);
    let extras = image.extras_mut();
    extras.public_parameter = parameter.map(|parameter| parameter.name.into());
    extras.free_tier = true;
    if image.name.starts_with("Windows") {
        std::sync::Arc::make_mut(&mut image.traits).platform = Some("windows".into());
    }
}

fn act<O: Op>(world: &mut World, ctx: &Ctx, form: &str) -> Result<(), Fault> {
    let input = O::decode(&decode_form(form.as_bytes())?)?;
    O::run(world, ctx, input).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::public_parameter;

    #[test]
    fn aws_parameters_name_images_that_anyone_can_launch() {
        let mut world = World::new(1);
        world.put_public_images().unwrap();
        world.put_public_images().unwrap();
        let (region, account): (Region, AccountId) = ("eu-west-1".parse().unwrap(), "123456789012".parse().unwrap());
        let name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";
        let id = public_parameter(name, &region).unwrap();
        let image = world.find_image(&region, &id).unwrap();
        assert!(image.is_public() && image.is_visible_to(account) && image.traits.architecture == "arm64");
        assert_eq!(world.resolve_image(account, &region, &format!("resolve:ssm:{name}")).unwrap(), id.as_str());
    }
}
