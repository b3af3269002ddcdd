//! Finding the image that an operation is about.

use std::sync::Arc;

use amictl_model::{ImageId, ImageState};

use super::viewer::Viewer;
use crate::ops::Ctx;
use crate::world::Image;
use crate::{Fault, World};

/// The caller's image of this id; refused as AWS refuses images that are gone, are not to be seen, or are others'.
pub(crate) fn own_image(world: &World, ctx: &Ctx, id: &ImageId) -> Result<Arc<Image>, Fault> {
    let scope = world.scope(ctx.account, &ctx.region);
    if let Some(image) = scope.and_then(|scope| scope.images.get(id)) {
        return Ok(Arc::clone(image));
    }
    if scope.is_some_and(|scope| scope.gone_images.contains_key(id)) {
        return Err(gone(id));
    }
    match world.find_image(&ctx.region, id) {
        Some(image) if Viewer::new(world, ctx).sees(image) => Err(not_owned(id)),
        _ => Err(Fault::no_image(id.as_str())),
    }
}

/// The caller's image of this id, which must be in one of these states.
pub(crate) fn own_image_in(world: &World, ctx: &Ctx, id: &ImageId, states: &[ImageState]) -> Result<Arc<Image>, Fault> {
    let image = own_image(world, ctx, id)?;
    if states.contains(&image.state_at(ctx.now)) { Ok(image) } else { Err(unavailable(&image, ctx)) }
}

/// An image that the caller may launch now.
pub(crate) fn launchable_image(world: &World, ctx: &Ctx, id: &ImageId) -> Result<Arc<Image>, Fault> {
    let viewer = Viewer::new(world, ctx);
    match world.find_image(&ctx.region, id) {
        Some(image) if viewer.may_launch(image) && !viewer.is_hidden(image) => match image.state_at(ctx.now) {
            ImageState::Available => Ok(Arc::clone(image)),
            _ => Err(unavailable(image, ctx)),
        },
        _ if world.scope(ctx.account, &ctx.region).is_some_and(|scope| scope.gone_images.contains_key(id)) => {
            Err(gone(id))
        }
        _ => Err(Fault::no_image(id.as_str())),
    }
}

/// The refusal of an image in a state that forbids what was asked.
pub(crate) fn unavailable(image: &Image, ctx: &Ctx) -> Fault {
    let state = image.state_at(ctx.now);
    let message = format!("The image ID '{}' is in the state '{}' and is not available", image.id, state.as_str());
    Fault::new("InvalidAMIID.Unavailable", message)
}

/// The refusal of what only the owner may do.
pub(crate) fn not_owned(id: &ImageId) -> Fault {
    Fault::new("AuthFailure", format!("Not authorized for image:{id}"))
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
