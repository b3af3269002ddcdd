//! EC2 `DescribeInstanceAttribute` and `GetConsoleOutput`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Moment;
use compact_str::CompactString;

use super::describe_instances::instance;
use super::instance_xml::{Place, device_status};
use super::network_xml::write_groups;
use crate::ops::input::resource_id;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::Instance;
use crate::{Fault, World};

/// The attributes that can be asked for.
const ATTRIBUTES: &[&str] = &[
    "blockDeviceMapping",
    "disableApiStop",
    "disableApiTermination",
    "ebsOptimized",
    "enaSupport",
    "enclaveOptions",
    "groupSet",
    "instanceInitiatedShutdownBehavior",
    "instanceType",
    "kernel",
    "productCodes",
    "ramdisk",
    "rootDeviceName",
    "sourceDestCheck",
    "sriovNetSupport",
    "userData",
];

pub(crate) struct DescribeInstanceAttribute;

pub(crate) struct DescribeInstanceAttributeInput {
    instance: CompactString,
    attribute: String,
}

pub(crate) struct DescribeInstanceAttributeOutput {
    instance: Arc<Instance>,
    attribute: String,
    place: Place,
}

/// `InstanceId`, which must be there.
pub(crate) fn instance_id(params: &Params) -> Result<CompactString, Fault> {
    resource_id(params.required("InstanceId")?, "i-", "InvalidInstanceID.Malformed")
}

impl Op for DescribeInstanceAttribute {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeInstanceAttribute");
    type Input = DescribeInstanceAttributeInput;
    type Output = DescribeInstanceAttributeOutput;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let attribute = params.required("Attribute")?;
        if !ATTRIBUTES.contains(&attribute) {
            return Err(Fault::invalid_value("attribute", attribute));
        }
        Ok(DescribeInstanceAttributeInput { instance: instance_id(params)?, attribute: attribute.to_owned() })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        Ok(DescribeInstanceAttributeOutput {
            instance: instance(world, ctx, &input.instance)?,
            attribute: input.attribute,
            place: Place::of(ctx),
        })
    }
}

impl Encode for DescribeInstanceAttributeOutput {
    fn encode(&self, xml: &mut Xml) {
        let (instance, settings) = (&self.instance, &self.instance.settings);
        xml.text("instanceId", &instance.id);
        let text = |xml: &mut Xml, value: Option<&str>| {
            xml.element(&self.attribute, |xml| xml.optional("value", value));
        };
        let flag = |xml: &mut Xml, value: bool| xml.element(&self.attribute, |xml| xml.value("value", value));
        match self.attribute.as_str() {
            "blockDeviceMapping" => {
                let status = device_status(instance, self.place.now);
                xml.list("blockDeviceMapping", "item", &instance.devices, |xml, device| {
                    xml.text("deviceName", &device.name);
                    xml.element("ebs", |xml| {
                        xml.text("volumeId", &device.volume);
                        xml.text("status", status);
                        xml.time("attachTime", instance.first_launched_at());
                        xml.value("deleteOnTermination", device.delete_on_termination);
                    });
                });
            }
            "disableApiStop" => flag(xml, settings.disable_api_stop),
            "disableApiTermination" => flag(xml, settings.disable_api_termination),
            "ebsOptimized" => flag(xml, settings.ebs_optimized),
            "enaSupport" => flag(xml, settings.traits.ena_support),
            "enclaveOptions" => xml.element("enclaveOptions", |xml| xml.value("enabled", settings.enclave)),
            "groupSet" => write_groups(xml, &self.place, instance),
            "instanceInitiatedShutdownBehavior" => text(xml, Some(&settings.shutdown_behavior)),
            "instanceType" => text(xml, Some(&instance.instance_type)),
            "kernel" => text(xml, settings.traits.kernel.as_deref()),
            "ramdisk" => text(xml, settings.traits.ramdisk.as_deref()),
            "rootDeviceName" => text(xml, instance.root_device_name.as_deref()),
            "sourceDestCheck" => flag(xml, settings.source_dest_check),
            "sriovNetSupport" => text(xml, settings.traits.sriov_net_support.as_deref()),
            "userData" => text(xml, settings.user_data.as_deref()),
            _ => xml.element("productCodes", |_| {}),
        }
    }
}

pub(crate) struct GetConsoleOutput;

pub(crate) struct ConsoleOutput {
    instance: CompactString,
    at: Moment,
}

impl Op for GetConsoleOutput {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "GetConsoleOutput");
    type Input = CompactString;
    type Output = ConsoleOutput;

    fn decode(params: &Params) -> Result<CompactString, Fault> {
        instance_id(params)
    }

    /// Nothing runs on the sandbox's instances, so nothing was written to their consoles.
    fn run(world: &mut World, ctx: &Ctx, id: CompactString) -> Result<ConsoleOutput, Fault> {
        let instance = instance(world, ctx, &id)?;
        Ok(ConsoleOutput { instance: id, at: instance.launched_at })
    }
}

impl Encode for ConsoleOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.text("instanceId", &self.instance);
        xml.time("timestamp", self.at);
        xml.text("output", "");
    }
}
