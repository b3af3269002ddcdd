//! EC2 `DescribeVolumeAttribute`, `ModifyVolumeAttribute` and `EnableVolumeIO`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::own_volume::own_volume;
use crate::ops::input::resource_id;
use crate::ops::{Ctx, Done, Op};
use crate::wire::{Encode, Params, Xml};
use crate::{Fault, World};

pub(crate) struct DescribeVolumeAttribute;

pub(crate) struct DescribeVolumeAttributeInput {
    volume: CompactString,
    is_product_codes: bool,
}

pub(crate) struct DescribeVolumeAttributeOutput {
    volume: CompactString,
    /// `AutoEnableIO`; none when the product codes were asked for, which do not exist here.
    auto_enable_io: Option<bool>,
}

impl Op for DescribeVolumeAttribute {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeVolumeAttribute");
    type Input = DescribeVolumeAttributeInput;
    type Output = DescribeVolumeAttributeOutput;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let is_product_codes = match params.required("Attribute")? {
            "autoEnableIO" => false,
            "productCodes" => true,
            other => return Err(Fault::invalid_value("Attribute", other)),
        };
        let volume = resource_id(params.required("VolumeId")?, "vol-", "InvalidVolumeID.Malformed")?;
        Ok(DescribeVolumeAttributeInput { volume, is_product_codes })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let volume = own_volume(world, ctx, &input.volume)?;
        let auto_enable_io = volume.more.as_ref().is_some_and(|more| more.auto_enable_io);
        let auto_enable_io = (!input.is_product_codes).then_some(auto_enable_io);
        Ok(DescribeVolumeAttributeOutput { volume: input.volume, auto_enable_io })
    }
}

impl Encode for DescribeVolumeAttributeOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.text("volumeId", &self.volume);
        match self.auto_enable_io {
            Some(value) => xml.element("autoEnableIO", |xml| xml.value("value", value)),
            None => xml.element("productCodes", |_| {}),
        }
    }
}

pub(crate) struct ModifyVolumeAttribute;

pub(crate) struct ModifyVolumeAttributeInput {
    volume: CompactString,
    auto_enable_io: bool,
}

impl Op for ModifyVolumeAttribute {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ModifyVolumeAttribute");
    type Input = ModifyVolumeAttributeInput;
    type Output = Done;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let auto_enable_io = params.structure("AutoEnableIO").map(|auto| auto.boolean("Value")).transpose()?.flatten();
        Ok(ModifyVolumeAttributeInput {
            volume: resource_id(params.required("VolumeId")?, "vol-", "InvalidVolumeID.Malformed")?,
            auto_enable_io: auto_enable_io.ok_or_else(|| Fault::missing("AutoEnableIO"))?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Done, Fault> {
        own_volume(world, ctx, &input.volume)?;
        ctx.commit()?;
        if let Some(volume) = world.scope_mut(ctx.account, &ctx.region).volumes.get_mut(&input.volume) {
            Arc::make_mut(volume).more_mut().auto_enable_io = input.auto_enable_io;
        }
        Ok(Done)
    }
}

pub(crate) struct EnableVolumeIO;

impl Op for EnableVolumeIO {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "EnableVolumeIO");
    type Input = CompactString;
    type Output = Done;

    fn decode(params: &Params) -> Result<CompactString, Fault> {
        resource_id(params.required("VolumeId")?, "vol-", "InvalidVolumeID.Malformed")
    }

    /// I/O of a volume of this world is never disabled.
    fn run(world: &mut World, ctx: &Ctx, id: CompactString) -> Result<Done, Fault> {
        own_volume(world, ctx, &id)?;
        ctx.commit()?;
        Ok(Done)
    }
}
