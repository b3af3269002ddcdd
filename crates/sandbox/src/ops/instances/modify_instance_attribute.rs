//! EC2 `ModifyInstanceAttribute` and `ModifyInstanceMetadataOptions`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::describe_instances::instance;
use super::instance_attribute::instance_id;
use super::launch_spec::{LaunchSpec, user_data};
use crate::ops::{Ctx, Done, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{Instance, MetadataOptions, ShownState, architecture_of_type, default_security_group};
use crate::{Fault, World};

pub(crate) struct ModifyInstanceAttribute;

pub(crate) struct ModifyInstanceAttributeInput {
    instance: CompactString,
    request: Params,
}

/// Attributes that can only be changed while the instance is stopped.
const WHILE_STOPPED: &[&str] = &["InstanceType", "Kernel", "Ramdisk", "UserData", "EbsOptimized", "EnaSupport"];

impl Op for ModifyInstanceAttribute {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ModifyInstanceAttribute");
    type Input = ModifyInstanceAttributeInput;
    type Output = Done;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let mut request = params.clone();
        // `Attribute=instanceType&Value=…` says the same as `InstanceType.Value=…`.
        if let (Some(attribute), Some(value)) = (params.string("Attribute"), params.text("Value")) {
            let mut member = Params::default();
            member.set("Value", value);
            let mut name = attribute;
            if let Some(first) = name.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            request.put(&name, member);
        }
        Ok(ModifyInstanceAttributeInput { instance: instance_id(params)?, request })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Done, Fault> {
        let mut changed = Instance::clone(&*instance(world, ctx, &input.instance)?);
        let state = changed.shown_state(ctx.now);
        if matches!(state, ShownState::Terminated | ShownState::ShuttingDown) {
            let message = format!("The instance '{}' is not in a state from which it can be modified.", changed.id);
            return Err(Fault::new("IncorrectInstanceState", message));
        }
        for name in WHILE_STOPPED {
            if input.request.structure(name).is_some() && state != ShownState::Stopped {
                let message = format!("The instance '{}' is not in the 'stopped' state.", changed.id);
                return Err(Fault::new("IncorrectInstanceState", message));
            }
        }
        let groups = input.request.texts("GroupId")?;
        let default = default_security_group(ctx.account, &ctx.region);
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if let Some(group) =
            groups.iter().find(|group| **group != default && !scope.security_groups.contains_key(group.as_str()))
        {
            let group: String = group.chars().take(100).collect();
            return Err(Fault::new("InvalidGroup.NotFound", format!("The security group '{group}' does not exist")));
        }
        apply(&mut changed, &input.request)?;
        if !groups.is_empty() {
            changed.settings.security_groups = groups.into_iter().map(CompactString::from).collect();
        }
        ctx.commit()?;
        scope.put_instance(changed);
        Ok(Done)
    }
}

fn apply(instance: &mut Instance, request: &Params) -> Result<(), Fault> {
    let value = |name: &str| request.structure(name).and_then(|member| member.string("Value"));
    let flag = |name: &str| request.structure(name).map_or(Ok(None), |member| member.boolean("Value"));
    if let Some(instance_type) = value("InstanceType") {
        if architecture_of_type(&instance_type) != Some(instance.architecture.as_str()) {
            return Err(Fault::invalid_value("instanceType", &instance_type));
        }
        instance.instance_type = instance_type.into();
    }
    let settings = &mut instance.settings;
    if request.structure("UserData").is_some() {
        settings.user_data = user_data(value("UserData"))?;
    }
    if let Some(behavior) = value("InstanceInitiatedShutdownBehavior") {
        if !["stop", "terminate"].contains(&behavior.as_str()) {
            return Err(Fault::invalid_value("instanceInitiatedShutdownBehavior", &behavior));
        }
        settings.shutdown_behavior = behavior.into();
    }
    let given = |given: Option<bool>, slot: &mut bool| *slot = given.unwrap_or(*slot);
    given(flag("DisableApiTermination")?, &mut settings.disable_api_termination);
    given(flag("DisableApiStop")?, &mut settings.disable_api_stop);
    given(flag("EbsOptimized")?, &mut settings.ebs_optimized);
    given(flag("SourceDestCheck")?, &mut settings.source_dest_check);
    for change in request.structures("BlockDeviceMapping")? {
        let name = change.required("DeviceName")?;
        let keeps = change.structure("Ebs").map_or(Ok(None), |ebs| ebs.boolean("DeleteOnTermination"))?;
        let Some(device) = instance.devices.iter_mut().find(|device| device.name == name) else {
            let name: String = name.chars().take(60).collect();
            return Err(Fault::new(
                "InvalidInstanceAttributeValue",
                format!("No device is currently mapped at {name}"),
            ));
        };
        device.delete_on_termination = keeps.unwrap_or(device.delete_on_termination);
    }
    Ok(())
}

pub(crate) struct ModifyInstanceMetadataOptions;

pub(crate) struct MetadataOptionsReply {
    instance: CompactString,
    options: MetadataOptions,
}

impl Op for ModifyInstanceMetadataOptions {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ModifyInstanceMetadataOptions");
    type Input = ModifyInstanceAttributeInput;
    type Output = MetadataOptionsReply;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(ModifyInstanceAttributeInput { instance: instance_id(params)?, request: params.clone() })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let mut changed = Instance::clone(&*instance(world, ctx, &input.instance)?);
        let mut spec = Params::default();
        spec.put("MetadataOptions", input.request.clone());
        let wanted = LaunchSpec::decode(&spec)?.settings.metadata;
        let have = &mut changed.settings.metadata;
        let is_given = |name: &str| input.request.string(name).is_some();
        for (name, slot, value) in [
            ("HttpTokens", &mut have.http_tokens, wanted.http_tokens),
            ("HttpEndpoint", &mut have.http_endpoint, wanted.http_endpoint),
            ("HttpProtocolIpv6", &mut have.http_protocol_ipv6, wanted.http_protocol_ipv6),
            ("InstanceMetadataTags", &mut have.instance_metadata_tags, wanted.instance_metadata_tags),
        ] {
            if is_given(name) {
                *slot = value;
            }
        }
        if is_given("HttpPutResponseHopLimit") {
            have.hop_limit = wanted.hop_limit;
        }
        ctx.commit()?;
        let reply = MetadataOptionsReply { instance: input.instance, options: changed.settings.metadata.clone() };
        world.scope_mut(ctx.account, &ctx.region).instances.insert(changed.id.clone(), Arc::new(changed));
        Ok(reply)
    }
}

impl Encode for MetadataOptionsReply {
    fn encode(&self, xml: &mut Xml) {
        xml.text("instanceId", &self.instance);
        xml.element("instanceMetadataOptions", |xml| {
            xml.text("state", "pending");
            xml.text("httpTokens", &self.options.http_tokens);
            xml.value("httpPutResponseHopLimit", self.options.hop_limit);
            xml.text("httpEndpoint", &self.options.http_endpoint);
            xml.text("httpProtocolIpv6", &self.options.http_protocol_ipv6);
            xml.text("instanceMetadataTags", &self.options.instance_metadata_tags);
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::story::TestWorld;

    #[test]
    fn attributes_are_changed_and_shown() {
        let test = TestWorld::new();
        let image = test.image("web");
        let id = test.first("RunInstances", &format!("ImageId={image}&MinCount=1&MaxCount=1"), "instanceId");
        let modify = |form: &str| test.ec2("ModifyInstanceAttribute", &format!("InstanceId={id}&{form}"));
        let refused = |form: &str| test.code("ModifyInstanceAttribute", &format!("InstanceId={id}&{form}"));
        let shown =
            |name: &str| test.first("DescribeInstanceAttribute", &format!("InstanceId={id}&Attribute={name}"), "value");
        assert_eq!(refused("InstanceType.Value=t3.large"), "IncorrectInstanceState");
        modify("Attribute=disableApiStop&Value=true");
        assert_eq!(shown("disableApiStop"), "true");
        modify("DisableApiStop.Value=false");
        test.ec2("StopInstances", &format!("InstanceId.1={id}"));
        modify("InstanceType.Value=t3.large");
        modify("UserData.Value=aGVsbG8=");
        modify("InstanceInitiatedShutdownBehavior.Value=terminate");
        modify("SourceDestCheck.Value=false");
        modify("BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.DeleteOnTermination=false");
        assert_eq!(shown("instanceType"), "t3.large");
        assert_eq!(shown("userData"), "aGVsbG8=");
        assert_eq!(shown("instanceInitiatedShutdownBehavior"), "terminate");
        assert_eq!(shown("sourceDestCheck"), "false");
        for (form, code) in [
            ("InstanceType.Value=m6g.large", "InvalidParameterValue"),
            ("GroupId.1=sg-none", "InvalidGroup.NotFound"),
            ("BlockDeviceMapping.1.DeviceName=/dev/sdz", "InvalidInstanceAttributeValue"),
            ("InstanceInitiatedShutdownBehavior.Value=sleep", "InvalidParameterValue"),
        ] {
            assert_eq!(refused(form), code, "{form}");
        }
        let volume = test.first("DescribeInstances", "", "volumeId");
        test.ec2("TerminateInstances", &format!("InstanceId.1={id}"));
        assert_eq!(test.first("DescribeVolumes", &format!("VolumeId.1={volume}"), "status"), "available");
    }
}
