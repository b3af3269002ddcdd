//! Finding the image that an owner's operation is about.

use std::sync::Arc;

use amictl_model::{ImageId, ImageState};

use crate::ops::Ctx;
use crate::world::Image;
use crate::{Fault, World};

/// The caller's image of this id; refused as AWS refuses images that are gone, are not to be seen, or are others'.
pub(crate) fn own_image(world: &World, ctx: &Ctx, id: &ImageId) -> Result<Arc<Image>, Fault> {
    let scope = world.scope(ctx.account, &ctx.region);
    if let Some(image) = scope.and_then(|scope| scope.images.get(id)) {
        return Ok(Arc::clone(image));
    }
    if scope.is_some_and(|scope| scope.deregistered.contains(id)) {
        return Err(gone(id));
    }
    match world.find_image(&ctx.region, id) {
        Some(image) if image.is_visible_to(ctx.account) => {
            Err(Fault::new("AuthFailure", format!("Not authorized for image:{id}")))
        }
        _ => Err(Fault::no_image(id.as_str())),
    }
}

/// The caller's image of this id, which must be available.
pub(crate) fn own_available_image(world: &World, ctx: &Ctx, id: &ImageId) -> Result<Arc<Image>, Fault> {
    let image = own_image(world, ctx, id)?;
    if image.state == ImageState::Available { Ok(image) } else { Err(unavailable(&image)) }
}

/// The refusal of an image in a state that forbids what was asked.
pub(crate) fn unavailable(image: &Image) -> Fault {
    let message =
        format!("The image ID '{}' is in the state '{}' and is not available", image.id, image.state.as_str());
    Fault::new("InvalidAMIID.Unavailable", message)
}

fn gone(id: &ImageId) -> Fault {
    Fault::new("InvalidAMIID.Unavailable", format!("The image ID '{id}' is no longer available"))
}

/// Changes the caller's image.
pub(crate) fn change_image(
    world: &mut World,
    ctx: &Ctx,
    id: &ImageId,
    change: impl FnOnce(&mut Image),
) -> Result<(), Fault> {
    ctx.commit()?;
    if let Some(image) = world.scope_mut(ctx.account, &ctx.region).image_mut(id) {
        change(image);
    }
    Ok(())
}
