//! What the operations that make images have in common.

use amictl_model::ImageId;

use crate::ops::Ctx;
use crate::wire::{Encode, Xml};
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
    let scope = world.scope(ctx.account, &ctx.region);
    match scope.and_then(|scope| scope.images().find(|image| &*image.name == name)) {
        None => Ok(()),
        Some(image) => Err(Fault::new(
            "InvalidAMIName.Duplicate",
            format!("AMI name {name} is already in use by AMI {}", image.id),
        )),
    }
}
