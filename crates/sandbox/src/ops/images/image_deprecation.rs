//! EC2 `EnableImageDeprecation` and `DisableImageDeprecation`.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageId, ImageState, Moment};

use super::own_image::{change_image, own_image_in};
use crate::ops::input::image_id;
use crate::ops::{Ctx, Done, Op};
use crate::wire::Params;
use crate::world::{Image, years_after};
use crate::{Fault, World};

/// Years that a deprecation may lie ahead.
const AHEAD_YEARS_MAX: i16 = 10;

pub(crate) struct EnableImageDeprecation;

pub(crate) struct EnableImageDeprecationInput {
    pub(crate) image: ImageId,
    pub(crate) at: Moment,
}

impl Op for EnableImageDeprecation {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "EnableImageDeprecation");
    type Input = EnableImageDeprecationInput;
    type Output = Done;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let at = params.moment("DeprecateAt")?.ok_or_else(|| Fault::missing("DeprecateAt"))?;
        Ok(EnableImageDeprecationInput { image: image_id(params.required("ImageId")?)?, at })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Done, Fault> {
        let image = own_image_in(world, ctx, &input.image, &[ImageState::Available, ImageState::Disabled])?;
        let refuse = |message: &str| Err(Fault::new("InvalidParameterValue", message));
        // AWS rounds to the minute.
        let at = Moment::from_secs((input.at.as_millis() + 30_000).div_euclid(60_000) * 60);
        if at.seconds_since(ctx.now) < -60 {
            return refuse("The specified DeprecateAt date is in the past.");
        }
        if at > years_after(ctx.now, AHEAD_YEARS_MAX).plus_secs(60) {
            return refuse("The specified DeprecateAt date is more than 10 years in the future.");
        }
        let latest = years_after(image.created_at, Image::PUBLIC_DEPRECATION_YEARS);
        if image.is_public() && at > latest.plus_secs(60) {
            return refuse("A public AMI is deprecated at most 2 years after its creation.");
        }
        change_image(world, ctx, &input.image, |image| image.deprecation_at = Some(at))?;
        Ok(Done)
    }
}

pub(crate) struct DisableImageDeprecation;

impl Op for DisableImageDeprecation {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DisableImageDeprecation");
    type Input = ImageId;
    type Output = Done;

    fn decode(params: &Params) -> Result<ImageId, Fault> {
        image_id(params.required("ImageId")?)
    }

    fn run(world: &mut World, ctx: &Ctx, id: ImageId) -> Result<Done, Fault> {
        let image = own_image_in(world, ctx, &id, &[ImageState::Available, ImageState::Disabled])?;
        if image.is_public() {
            let message = format!(
                "The image '{id}' is public: its deprecation can be postponed or cancelled only once it is private."
            );
            return Err(Fault::new("OperationNotPermitted", message));
        }
        change_image(world, ctx, &id, |image| image.deprecation_at = None)?;
        Ok(Done)
    }
}
