//! How a new image is billed: as what it is made of.

use amictl_model::{ImageId, SnapshotId};

use super::create_image::find_or_gone;
use crate::World;
use crate::ops::Ctx;
use crate::world::{Image, ImageExtras};

/// What an image made of an instance of this image is billed as.
pub(crate) fn billing_of_image(world: &World, ctx: &Ctx, origin: &ImageId) -> Option<Box<ImageExtras>> {
    billing(find_or_gone(world, ctx, origin)?)
}

fn billing(origin: &Image) -> Option<Box<ImageExtras>> {
    let extras = origin.extras.as_ref()?;
    let billing = ImageExtras {
        platform_details: extras.platform_details.clone(),
        product_codes: extras.product_codes.clone(),
        ..ImageExtras::default()
    };
    (billing != ImageExtras::default()).then(|| Box::new(billing))
}

/// The image that a snapshot's billing information comes from: one that has it, or the one that its volume was launched from.
pub(crate) fn origin_of_snapshot<'a>(world: &'a World, ctx: &Ctx, snapshot: &SnapshotId) -> Option<&'a Image> {
    let scope = world.scope(ctx.account, &ctx.region)?;
    if let Some(image) = scope.users_of(snapshot).first().and_then(|id| scope.image(id)) {
        return Some(image);
    }
    let volume = scope.volumes.get(&scope.snapshots.get(snapshot)?.volume)?;
    let instance = scope.instances.get(&volume.attachment.as_ref()?.0)?;
    find_or_gone(world, ctx, &instance.image).map(AsRef::as_ref)
}

/// What an image that is registered of this snapshot is billed as.
pub(crate) fn billing_of_snapshot(world: &World, ctx: &Ctx, snapshot: &SnapshotId) -> Option<Box<ImageExtras>> {
    billing(origin_of_snapshot(world, ctx, snapshot)?)
}
