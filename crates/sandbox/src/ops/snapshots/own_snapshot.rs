//! Finding the snapshot that an operation is about.

use std::sync::Arc;

use amictl_model::{Region, SnapshotId, SnapshotState, StorageTier};

use crate::ops::Ctx;
use crate::world::{PublicAccess, Scope, Snapshot};
use crate::{Fault, World};

/// The caller's snapshot of this id; refused as AWS refuses snapshots that are gone or are others'.
pub(crate) fn own_snapshot(world: &World, ctx: &Ctx, id: &SnapshotId) -> Result<Arc<Snapshot>, Fault> {
    let scope = world.scope(ctx.account, &ctx.region);
    if let Some(snapshot) = scope.and_then(|scope| scope.snapshots.get(id)) {
        return Ok(Arc::clone(snapshot));
    }
    match restorable_snapshot(world, ctx, &ctx.region, id) {
        Some(_) => Err(Fault::new("AuthFailure", format!("Not authorized for snapshot:{id}"))),
        None => Err(Fault::no_snapshot(id.as_str())),
    }
}

/// The snapshot of this id in a Region, if the caller may create volumes of it.
pub(crate) fn restorable_snapshot(world: &World, ctx: &Ctx, region: &Region, id: &SnapshotId) -> Option<Arc<Snapshot>> {
    world.in_region(region, None).find_map(|(_, scope)| {
        let snapshot = scope.snapshots.get(id)?;
        is_restorable(ctx, scope, snapshot).then(|| Arc::clone(snapshot))
    })
}

/// Whether the caller may create volumes of a snapshot of this scope.
pub(crate) fn is_restorable(ctx: &Ctx, scope: &Scope, snapshot: &Snapshot) -> bool {
    snapshot.owner == ctx.account || snapshot.is_shared_with(ctx.account) || is_public(scope, snapshot)
}

/// Whether a snapshot of this scope is public, and its owner lets it be.
pub(crate) fn is_public(scope: &Scope, snapshot: &Snapshot) -> bool {
    snapshot.is_public() && scope.snapshot_shelves.public_access != PublicAccess::BlockAll
}

/// Refuses a snapshot that nothing can be made of at this time.
pub(crate) fn require_usable(snapshot: &Snapshot, ctx: &Ctx) -> Result<(), Fault> {
    let message = match (snapshot.state_at(ctx.now), snapshot.tier_at(ctx.now)) {
        (SnapshotState::Completed, StorageTier::Standard) => return Ok(()),
        (SnapshotState::Completed, StorageTier::Archive) => {
            format!("Snapshot '{}' is archived. Restore it to the standard tier first.", snapshot.id)
        }
        _ => format!("Snapshot '{}' is not 'completed'.", snapshot.id),
    };
    Err(Fault::new("IncorrectState", message))
}

/// Changes the caller's snapshot.
pub(super) fn change_snapshot(
    world: &mut World,
    ctx: &Ctx,
    id: &SnapshotId,
    change: impl FnOnce(&mut Snapshot),
) -> Result<(), Fault> {
    ctx.commit()?;
    if let Some(snapshot) = world.scope_mut(ctx.account, &ctx.region).snapshots.get_mut(id) {
        change(Arc::make_mut(snapshot));
    }
    Ok(())
}
