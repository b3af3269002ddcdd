//! What operations on images ask of the snapshots behind them.

use amictl_cloud::ops::{DeleteSnapshotResult, SnapshotReturnCode};
use amictl_model::{Moment, SnapshotId, SnapshotState, StorageTier};

use crate::ops::Ctx;
use crate::world::{Image, Scope, Snapshot};

/// A snapshot of the image that is archived, or restored from the archive for a while only.
pub(crate) fn archived_snapshot<'a>(scope: &Scope, image: &'a Image, _now: Moment) -> Option<&'a SnapshotId> {
    image.snapshots().find(|id| scope.snapshots.get(*id).is_some_and(|snapshot| snapshot.tier == StorageTier::Archive))
}

/// A snapshot of the image that is not there, or not complete yet.
pub(crate) fn incomplete_snapshot<'a>(scope: &Scope, image: &'a Image, now: Moment) -> Option<&'a SnapshotId> {
    image.snapshots().find(|id| !scope.snapshots.get(*id).is_some_and(|snapshot| is_complete(snapshot, now)))
}

/// Whether a snapshot is complete.
pub(crate) fn is_complete(snapshot: &Snapshot, _now: Moment) -> bool {
    snapshot.state == SnapshotState::Completed
}

/// Deletes the snapshots of an image that was deregistered, each once, and says of each what became of it.
pub(crate) fn delete_snapshots(scope: &mut Scope, ctx: &Ctx, image: &Image) -> Vec<DeleteSnapshotResult> {
    let mut results: Vec<DeleteSnapshotResult> = Vec::new();
    for id in image.snapshots() {
        if results.iter().all(|result| result.snapshot != *id) {
            results.push(DeleteSnapshotResult { snapshot: id.clone(), code: delete_unused(scope, ctx, id) });
        }
    }
    results
}

fn delete_unused(scope: &mut Scope, _ctx: &Ctx, id: &SnapshotId) -> SnapshotReturnCode {
    match scope.snapshots.get(id) {
        _ if !scope.users_of(id).is_empty() => SnapshotReturnCode::Skipped,
        None => SnapshotReturnCode::ClientError,
        Some(snapshot) if snapshot.tags.get("aws:backup:source-resource").is_some() => SnapshotReturnCode::ClientError,
        Some(_) => {
            scope.snapshots.remove(id);
            SnapshotReturnCode::Success
        }
    }
}
