//! What operations on images ask of the snapshots behind them.

use amictl_cloud::Operation;
use amictl_cloud::ops::{self, DeleteSnapshotResult, SnapshotReturnCode};
use amictl_model::{Moment, SnapshotId, SnapshotState, StorageTier};

use crate::Fault;
use crate::ops::Ctx;
use crate::ops::snapshots::delete_snapshot::{discard, require_deletable};
use crate::world::{Image, Scope};

/// A snapshot of the image that is archived, or restored from the archive for a while only.
pub(crate) fn archived_snapshot<'a>(scope: &Scope, image: &'a Image, now: Moment) -> Option<&'a SnapshotId> {
    image.snapshots().find(|id| {
        scope.snapshots.get(*id).is_some_and(|snapshot| {
            snapshot.tier_at(now) == StorageTier::Archive || snapshot.restore_expiry(now).is_some()
        })
    })
}

/// A snapshot of the image that is not there, or not complete yet.
pub(crate) fn incomplete_snapshot<'a>(scope: &Scope, image: &'a Image, now: Moment) -> Option<&'a SnapshotId> {
    image
        .snapshots()
        .find(|id| !scope.snapshots.get(*id).is_some_and(|snapshot| snapshot.state_at(now) == SnapshotState::Completed))
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

fn delete_unused(scope: &mut Scope, ctx: &Ctx, id: &SnapshotId) -> SnapshotReturnCode {
    if !scope.users_of(id).is_empty() {
        return SnapshotReturnCode::Skipped;
    }
    let deleted = ctx.enter(&<ops::DeleteSnapshot as Operation>::SPEC).and_then(|fault| {
        require_deletable(scope, id, ctx.now)?;
        discard(scope, id, ctx.now);
        fault.map_or(Ok(()), Err)
    });
    deleted.map_or_else(|fault| return_code(&fault), |()| SnapshotReturnCode::Success)
}

/// The code of `DeleteSnapshotResults` for what `DeleteSnapshot` itself would answer.
fn return_code(fault: &Fault) -> SnapshotReturnCode {
    match fault.code.as_ref() {
        "UnauthorizedOperation" | "AccessDenied" => SnapshotReturnCode::MissingPermissions,
        _ if fault.status >= 500 => SnapshotReturnCode::InternalError,
        _ => SnapshotReturnCode::ClientError,
    }
}
