//! The snapshots whose blocks the caller may read, and what the operations on blocks say when they refuse.

use std::sync::Arc;

use amictl_model::{SnapshotId, SnapshotState, StorageTier};

use crate::ops::Ctx;
use crate::ops::snapshots::own_snapshot::restorable_snapshot;
use crate::world::Snapshot;
use crate::{Fault, World};

/// `ValidationException`.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", message)
}

/// `ResourceNotFoundException`.
pub(super) fn no_snapshot(id: &SnapshotId) -> Fault {
    let message = format!("The snapshot '{id}' does not exist.");
    Fault { status: 404, ..Fault::new("ResourceNotFoundException", message) }
}

/// A snapshot id.
pub(super) fn snapshot_id(text: &str) -> Result<SnapshotId, Fault> {
    let text: String = text.chars().take(100).collect();
    text.parse().map_err(|_| invalid(format!("Value '{text}' is not a valid snapshot ID.")))
}

/// The snapshot of this id, whose blocks must be there to be read: complete, in the standard tier, and the caller's or
/// shared with it by name.
pub(super) fn readable(world: &World, ctx: &Ctx, id: &SnapshotId) -> Result<Arc<Snapshot>, Fault> {
    let snapshot = restorable_snapshot(world, ctx, &ctx.region, id).ok_or_else(|| no_snapshot(id))?;
    if snapshot.owner != ctx.account && !snapshot.is_shared_with(ctx.account) {
        let message = format!("The blocks of the public snapshot '{id}' cannot be read.");
        return Err(Fault { status: 403, ..Fault::new("AccessDeniedException", message) });
    }
    match (snapshot.state_at(ctx.now), snapshot.tier_at(ctx.now)) {
        (SnapshotState::Completed, StorageTier::Standard) => Ok(snapshot),
        (SnapshotState::Completed, StorageTier::Archive) => Err(invalid(format!("The snapshot '{id}' is archived."))),
        _ => Err(invalid(format!("The snapshot '{id}' is not in the state 'completed'."))),
    }
}
