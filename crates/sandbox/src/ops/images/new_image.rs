//! What the operations that make images have in common.

use amictl_model::{ImageId, Moment};

use crate::ops::Ctx;
use crate::wire::{Encode, Xml};
use crate::world::{Image, Pending, StateReason};
use crate::{Fault, World};

/// The reply of an operation that makes an image.
pub(crate) struct NewImageId(pub(crate) ImageId);

impl Encode for NewImageId {
    fn encode(&self, xml: &mut Xml) {
        xml.text("imageId", &self.0);
    }
}

/// Refuses a name that another of the caller's images has. Copies are not checked, so names can still be double.
pub(crate) fn require_free_name(world: &World, ctx: &Ctx, name: &str) -> Result<(), Fault> {
    match world.scope(ctx.account, &ctx.region).and_then(|scope| scope.image_named(name)) {
        None => Ok(()),
        Some(image) => {
            let message = format!("AMI name {name} is already in use by AMI {image}");
            Err(Fault::new("InvalidAMIName.Duplicate", message))
        }
    }
}

/// Refuses one image more than the account may have; those that are disabled or in the bin count.
pub(crate) fn require_room(world: &World, ctx: &Ctx) -> Result<(), Fault> {
    let max = world.limits.images_max;
    let has_room = world.scope(ctx.account, &ctx.region).is_none_or(|scope| {
        let images = scope.images.len();
        // The bin is counted only where it can matter: what is there too long does not count.
        images < max && (images + scope.binned_images.len() < max || images + scope.binned_image_count(ctx.now) < max)
    });
    if has_room {
        return Ok(());
    }
    let message = format!(
        "The maximum number of {max} AMIs in this Region is reached, disabled ones and those in the Recycle Bin included."
    );
    Err(Fault::new("ResourceLimitExceeded", message))
}

/// When an image is available that is made now.
pub(crate) fn available_at(world: &World, ctx: &Ctx) -> Moment {
    ctx.now.plus_secs(world.pace.image_secs.into())
}

/// Leaves an image pending until some time, or failing then.
pub(crate) fn make_pending(image: &mut Image, ctx: &Ctx, until: Moment, failure: Option<StateReason>) {
    if until > ctx.now || failure.is_some() {
        image.extras_mut().pending = Some(Pending { until, failure });
    }
}
