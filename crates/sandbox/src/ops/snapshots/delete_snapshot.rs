//! EC2 `DeleteSnapshot`: refused while any image uses it, disabled ones too.

use amictl_cloud::{Operation, OperationSpec, ops};
use amictl_model::SnapshotId;

use crate::ops::input::snapshot_id;
use crate::ops::{Ctx, Done, Op};
use crate::wire::Params;
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
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let snapshot = scope.snapshots.get(&id).ok_or_else(|| Fault::no_snapshot(id.as_str()))?;
        if let Some(image) = scope.users_of(&id).first() {
            let message = format!("The snapshot {id} is currently in use by {image}");
            return Err(Fault::new("InvalidSnapshot.InUse", message));
        }
        if snapshot.tags.get("aws:backup:source-resource").is_some() {
            let message = "This snapshot is managed by the AWS Backup service and cannot be deleted via EC2 APIs.";
            return Err(Fault::new("InvalidParameterValue", message));
        }
        ctx.commit()?;
        scope.snapshots.remove(&id);
        Ok(Done)
    }
}
