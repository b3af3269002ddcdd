//! EC2 `EnableImageDeregistrationProtection` and `DisableImageDeregistrationProtection`, whose `Return` is a text.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::ImageId;

use super::own_image::{change_image, own_image};
use crate::ops::input::image_id;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::Protection;
use crate::{Fault, World};

pub(crate) struct ProtectionText(String);

impl Encode for ProtectionText {
    fn encode(&self, xml: &mut Xml) {
        xml.text("return", &self.0);
    }
}

pub(crate) struct EnableImageDeregistrationProtection;

pub(crate) struct EnableInput {
    image: ImageId,
    with_cooldown: bool,
}

impl Op for EnableImageDeregistrationProtection {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "EnableImageDeregistrationProtection");
    type Input = EnableInput;
    type Output = ProtectionText;

    fn decode(params: &Params) -> Result<EnableInput, Fault> {
        Ok(EnableInput { image: image_id(params.required("ImageId")?)?, with_cooldown: params.flag("WithCooldown")? })
    }

    fn run(world: &mut World, ctx: &Ctx, input: EnableInput) -> Result<ProtectionText, Fault> {
        own_image(world, ctx, &input.image)?;
        let to = if input.with_cooldown { Protection::EnabledWithCooldown } else { Protection::Enabled };
        change_image(world, ctx, &input.image, |image| image.protection = to)?;
        Ok(ProtectionText(to.wire(ctx.now)))
    }
}

pub(crate) struct DisableImageDeregistrationProtection;

impl Op for DisableImageDeregistrationProtection {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DisableImageDeregistrationProtection");
    type Input = ImageId;
    type Output = ProtectionText;

    fn decode(params: &Params) -> Result<ImageId, Fault> {
        image_id(params.required("ImageId")?)
    }

    fn run(world: &mut World, ctx: &Ctx, id: ImageId) -> Result<ProtectionText, Fault> {
        let image = own_image(world, ctx, &id)?;
        let to = match image.protection {
            Protection::EnabledWithCooldown => Protection::CoolingDown(ctx.now.plus_secs(Protection::COOLDOWN_SECS)),
            Protection::CoolingDown(until) => Protection::CoolingDown(until),
            Protection::Enabled | Protection::Disabled => Protection::Disabled,
        };
        change_image(world, ctx, &id, |image| image.protection = to)?;
        Ok(ProtectionText(to.wire(ctx.now)))
    }
}
