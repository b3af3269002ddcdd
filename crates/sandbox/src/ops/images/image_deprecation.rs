//! EC2 `EnableImageDeprecation` and `DisableImageDeprecation`.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageId, Moment};

use super::own_image::{change_image, own_image};
use crate::ops::input::image_id;
use crate::ops::{Ctx, Done, Op};
use crate::wire::Params;
use crate::{Fault, World};

const DAY_SECS: i64 = 24 * 3600;

pub(crate) struct EnableImageDeprecation;

pub(crate) struct EnableImageDeprecationInput {
    image: ImageId,
    at: Moment,
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
        let image = own_image(world, ctx, &input.image)?;
        let refuse = |message: &str| Err(Fault::new("InvalidParameterValue", message));
        // AWS rounds to the minute.
        let at = Moment::from_secs((input.at.as_millis() + 30_000).div_euclid(60_000) * 60);
        if at.seconds_since(ctx.now) < -60 {
            return refuse("The specified DeprecateAt date is in the past.");
        }
        if at.seconds_since(ctx.now) > 10 * 366 * DAY_SECS {
            return refuse("The specified DeprecateAt date is more than 10 years in the future.");
        }
        if image.is_public() && at.seconds_since(image.created_at) > 731 * DAY_SECS {
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
        own_image(world, ctx, &id)?;
        change_image(world, ctx, &id, |image| image.deprecation_at = None)?;
        Ok(Done)
    }
}
