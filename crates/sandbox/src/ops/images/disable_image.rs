//! EC2 `DisableImage`: no launch any more, all launch permissions removed, private.

use amictl_cloud::{Operation, OperationSpec, ops};
use amictl_model::{ImageId, ImageState};

use super::own_image::{change_image, own_image, unavailable};
use crate::ops::input::image_id;
use crate::ops::{Ctx, Done, Op};
use crate::wire::Params;
use crate::{Fault, World};

pub(crate) struct DisableImage;

impl Op for DisableImage {
    const SPEC: OperationSpec = <ops::DisableImage as Operation>::SPEC;
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
        if image.is_of_backup() {
            let message = "This image is managed by AWS Backup and cannot be disabled via EC2 APIs";
            return Err(Fault::new("AuthFailure", message));
        }
        change_image(world, ctx, &id, |image| {
            image.state = ImageState::Disabled;
            image.permissions.clear();
        })?;
        Ok(Done)
    }
}
