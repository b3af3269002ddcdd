//! EC2 `DeleteSnapshot`: refused while any image uses it, disabled ones too, and while it is locked. Into the Recycle Bin
//! when a rule retains it.

use amictl_cloud::{Operation, OperationSpec, ops};
use amictl_model::{Moment, SnapshotId};

use super::own_snapshot::own_snapshot;
use crate::ops::input::snapshot_id;
use crate::ops::{Ctx, Done, Op};
use crate::wire::Params;
use crate::world::{ResourceKind, Scope, retention};
use crate::{Fault, World};

pub(crate) struct DeleteSnapshot;

impl Op for DeleteSnapshot {
    const SPEC: OperationSpec = <ops::DeleteSnapshot as Operation>::SPEC;
    type Input = SnapshotId;
    type Output = Done;

    fn decode(params: &Params) -> Result<SnapshotId, Fault> {
        snapshot_id(params.required("SnapshotId")?)
    }

    fn run(world: &mut World, ctx: &Ctx, id: SnapshotId) -> Result<Done, Fault> {
        own_snapshot(world, ctx, &id)?;
        let scope = world.scope_mut(ctx.account, &ctx.region);
        require_deletable(scope, &id, ctx.now)?;
        ctx.commit()?;
        discard(scope, &id, ctx.now);
        Ok(Done)
    }
}

/// Refuses to delete a snapshot that is not there, is used by an image, is AWS Backup's, or is locked.
pub(crate) fn require_deletable(scope: &Scope, id: &SnapshotId, now: Moment) -> Result<(), Fault> {
    let snapshot = scope.snapshots.get(id).ok_or_else(|| Fault::no_snapshot(id.as_str()))?;
    if let Some(image) = scope.users_of(id).first() {
        let message = format!("The snapshot {id} is currently in use by {image}");
        return Err(Fault::new("InvalidSnapshot.InUse", message));
    }
    if snapshot.is_of_backup() {
        let message = "This snapshot is managed by the AWS Backup service and cannot be deleted via EC2 APIs. If you wish \
                       to delete this snapshot, please do so via the Backup console.";
        return Err(Fault::new("InvalidParameterValue", message));
    }
    if snapshot.is_locked(now) {
        let message = format!("The snapshot {id} is locked and cannot be deleted.");
        return Err(Fault::new("OperationNotPermitted", message));
    }
    Ok(())
}

/// Takes a snapshot out, into the Recycle Bin if a rule retains it; its fast restores are switched off.
pub(crate) fn discard(scope: &mut Scope, id: &SnapshotId, now: Moment) {
    let Some(snapshot) = scope.snapshots.get(id) else { return };
    let kept = retention(scope, ResourceKind::Snapshot, &snapshot.tags, now);
    scope.remove_snapshot(id, now, kept.map(|kept| kept.until));
    super::fast_restores::switch_off(scope, id, now);
}
