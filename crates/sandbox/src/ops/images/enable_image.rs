//! EC2 `EnableImage`: launchable again; the launch permissions do not come back. Refused while a snapshot is archived.

use amictl_cloud::{Operation, OperationSpec, ops};
use amictl_model::{ImageId, ImageState, StorageTier};

use super::own_image::{change_image, own_image, unavailable};
use crate::ops::input::image_id;
use crate::ops::{Ctx, Done, Op};
use crate::wire::Params;
use crate::{Fault, World};

pub(crate) struct EnableImage;

impl Op for EnableImage {
    const SPEC: OperationSpec = <ops::EnableImage as Operation>::SPEC;
    type Input = ImageId;
    type Output = Done;

    fn decode(params: &Params) -> Result<ImageId, Fault> {
        image_id(params.required("ImageId")?)
    }

    fn run(world: &mut World, ctx: &Ctx, id: ImageId) -> Result<Done, Fault> {
        let image = own_image(world, ctx, &id)?;
        if !matches!(image.state, ImageState::Available | ImageState::Disabled) {
            return Err(unavailable(&image));
        }
        let archived = world.scope(ctx.account, &ctx.region).and_then(|scope| {
            image
                .snapshots()
                .find(|id| scope.snapshots.get(*id).is_some_and(|snapshot| snapshot.tier == StorageTier::Archive))
        });
        if let Some(snapshot) = archived {
            let message = format!("The image '{id}' cannot be enabled while its snapshot '{snapshot}' is archived.");
            return Err(Fault::new("IncorrectState", message));
        }
        change_image(world, ctx, &id, |image| image.state = ImageState::Available)?;
        Ok(Done)
    }
}
