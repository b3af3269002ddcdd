//! EC2 `DeregisterImage`, also with the snapshots that no other image uses.

use amictl_cloud::ops::{self, DeleteSnapshotResult, SnapshotReturnCode};
use amictl_cloud::{Operation, OperationSpec};
use amictl_model::{ImageId, SnapshotId};

use super::own_image::own_image;
use crate::ops::input::image_id;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::Scope;
use crate::{Fault, World};

pub(crate) struct DeregisterImage;

pub(crate) struct DeregisterImageInput {
    pub(crate) image: ImageId,
    pub(crate) delete_snapshots: bool,
}

pub(crate) struct DeregisterImageOutput {
    pub(crate) snapshots: Option<Vec<DeleteSnapshotResult>>,
}

impl Op for DeregisterImage {
    const SPEC: OperationSpec = <ops::DeregisterImage as Operation>::SPEC;
    type Input = DeregisterImageInput;
    type Output = DeregisterImageOutput;

    fn decode(params: &Params) -> Result<DeregisterImageInput, Fault> {
        Ok(DeregisterImageInput {
            image: image_id(params.required("ImageId")?)?,
            delete_snapshots: params.flag("DeleteAssociatedSnapshots")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: DeregisterImageInput) -> Result<DeregisterImageOutput, Fault> {
        let image = own_image(world, ctx, &input.image)?;
        if image.is_of_backup() {
            let message = "This image is managed by AWS Backup and cannot be deleted via EC2 APIs";
            return Err(Fault::new("AuthFailure", message));
        }
        if image.protection.holds(ctx.now) {
            let message = format!("The image '{}' is protected from deregistration.", input.image);
            return Err(Fault::new("OperationNotPermitted", message));
        }
        ctx.commit()?;
        let scope = world.scope_mut(ctx.account, &ctx.region);
        scope.remove_image(&input.image);
        scope.deregistered.insert(input.image);
        let snapshots = input.delete_snapshots.then(|| image.snapshots().map(|id| delete_unused(scope, id)).collect());
        Ok(DeregisterImageOutput { snapshots })
    }
}

fn delete_unused(scope: &mut Scope, id: &SnapshotId) -> DeleteSnapshotResult {
    let code = match scope.snapshots.get(id) {
        _ if !scope.users_of(id).is_empty() => SnapshotReturnCode::Skipped,
        None => SnapshotReturnCode::ClientError,
        Some(snapshot) if snapshot.tags.get("aws:backup:source-resource").is_some() => SnapshotReturnCode::ClientError,
        Some(_) => {
            scope.snapshots.remove(id);
            SnapshotReturnCode::Success
        }
    };
    DeleteSnapshotResult { snapshot: id.clone(), code }
}

impl Encode for DeregisterImageOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.value("return", true);
        if let Some(snapshots) = &self.snapshots {
            xml.list("deleteSnapshotResultSet", "item", snapshots, |xml, result| {
                xml.text("snapshotId", &result.snapshot);
                xml.text("returnCode", result.code.as_str());
            });
        }
    }
}
