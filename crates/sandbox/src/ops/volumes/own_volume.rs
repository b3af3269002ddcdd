//! Finding the volume that an operation is about.

use std::sync::Arc;

use crate::ops::Ctx;
use crate::world::Volume;
use crate::{Fault, World};

/// The caller's volume of this id.
pub(crate) fn own_volume(world: &World, ctx: &Ctx, id: &str) -> Result<Arc<Volume>, Fault> {
    let volume = world.scope(ctx.account, &ctx.region).and_then(|scope| scope.volumes.get(id));
    volume.map(Arc::clone).ok_or_else(|| no_volume(id))
}

/// Refuses a volume that is still being created.
pub(crate) fn require_created(volume: &Volume, ctx: &Ctx) -> Result<(), Fault> {
    match volume.status(ctx.now) {
        "creating" => {
            Err(Fault::new("IncorrectState", format!("The volume '{}' is in the state 'creating'.", volume.id)))
        }
        _ => Ok(()),
    }
}

/// A volume that is not there.
pub(crate) fn no_volume(id: &str) -> Fault {
    Fault::new("InvalidVolume.NotFound", format!("The volume '{id}' does not exist."))
}
