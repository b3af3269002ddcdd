//! EC2 `GetLaunchTemplateData`: what a template would say to start an instance like a given one.

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::template_schema::write_template_data;
use crate::ops::instances::describe_instances::instance;
use crate::ops::instances::instance_attribute::instance_id;
use crate::ops::instances::instance_xml::Place;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{Instance, Scope};
use crate::{Fault, World};

pub(crate) struct GetLaunchTemplateData;

pub(crate) struct LaunchTemplateDataReply(Params);

impl Op for GetLaunchTemplateData {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "GetLaunchTemplateData");
    type Input = CompactString;
    type Output = LaunchTemplateDataReply;

    fn decode(params: &Params) -> Result<CompactString, Fault> {
        instance_id(params)
    }

    fn run(world: &mut World, ctx: &Ctx, id: CompactString) -> Result<LaunchTemplateDataReply, Fault> {
        let instance = instance(world, ctx, &id)?;
        let scope = world.scope_mut(ctx.account, &ctx.region);
        Ok(LaunchTemplateDataReply(data_of(scope, &Place::of(ctx), &instance)))
    }
}

/// A structure of these texts.
fn structure<'a>(members: impl IntoIterator<Item = (&'a str, &'a str)>) -> Params {
    let mut structure = Params::default();
    for (name, value) in members {
        structure.set(name, value);
    }
    structure
}

/// A list of these structures.
fn list(members: impl IntoIterator<Item = Params>) -> Params {
    let mut list = Params::default();
    for (at, member) in members.into_iter().enumerate() {
        list.put(&(at + 1).to_string(), member);
    }
    list
}

fn text(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

fn data_of(scope: &Scope, place: &Place, instance: &Instance) -> Params {
    let settings = &instance.settings;
    let mut data = structure([
        ("ImageId", instance.image.as_str()),
        ("InstanceType", &instance.instance_type),
        ("EbsOptimized", text(settings.ebs_optimized)),
        ("DisableApiTermination", text(settings.disable_api_termination)),
        ("DisableApiStop", text(settings.disable_api_stop)),
        ("InstanceInitiatedShutdownBehavior", &settings.shutdown_behavior),
    ]);
    if let Some(key) = &instance.key_name {
        data.set("KeyName", key);
    }
    if let Some(user_data) = &settings.user_data {
        data.set("UserData", user_data);
    }
    if let Some(arn) = &settings.profile_arn {
        data.put("IamInstanceProfile", structure([("Arn", &**arn)]));
    }
    data.put("Monitoring", structure([("Enabled", text(settings.monitoring))]));
    data.put("Placement", structure([("AvailabilityZone", &*instance.zone), ("Tenancy", &settings.tenancy)]));
    data.put(
        "BlockDeviceMapping",
        list(instance.devices.iter().map(|device| {
            let keeps = text(device.delete_on_termination);
            let mut ebs = structure([("DeleteOnTermination", keeps)]);
            if let Some(volume) = scope.volumes.get(&device.volume) {
                ebs.set("Encrypted", text(volume.encrypted));
                ebs.set("VolumeSize", &volume.size_gib.to_string());
                ebs.set("VolumeType", &volume.volume_type);
                if let Some(snapshot) = &volume.snapshot {
                    ebs.set("SnapshotId", snapshot.as_str());
                }
                if let Some(iops) = volume.iops {
                    ebs.set("Iops", &iops.to_string());
                }
                if let Some(throughput) = volume.throughput {
                    ebs.set("Throughput", &throughput.to_string());
                }
            }
            let mut mapping = structure([("DeviceName", device.name.as_str())]);
            mapping.put("Ebs", ebs);
            mapping
        })),
    );
    let groups: Vec<String> = place.group_ids(instance).iter().map(ToString::to_string).collect();
    let mut interface = structure([
        ("DeviceIndex", "0"),
        ("DeleteOnTermination", "true"),
        ("Description", ""),
        ("SubnetId", &place.subnet(instance)),
    ]);
    interface.set_all("SecurityGroupId", &groups);
    data.put("NetworkInterface", list([interface]));
    let tags = list(
        instance
            .tags
            .iter()
            .filter(|(key, _)| !key.starts_with("aws:"))
            .map(|(key, value)| structure([("Key", key), ("Value", value)])),
    );
    if tags.children().next().is_some() {
        let mut specification = structure([("ResourceType", "instance")]);
        specification.put("Tag", tags);
        data.put("TagSpecification", list([specification]));
    }
    let hop_limit = settings.metadata.hop_limit.to_string();
    data.put(
        "MetadataOptions",
        structure([
            ("HttpTokens", &*settings.metadata.http_tokens),
            ("HttpPutResponseHopLimit", &hop_limit),
            ("HttpEndpoint", &settings.metadata.http_endpoint),
            ("HttpProtocolIpv6", &settings.metadata.http_protocol_ipv6),
            ("InstanceMetadataTags", &settings.metadata.instance_metadata_tags),
        ]),
    );
    data.put("HibernationOptions", structure([("Configured", text(settings.hibernation))]));
    data.put("EnclaveOptions", structure([("Enabled", text(settings.enclave))]));
    data
}

impl Encode for LaunchTemplateDataReply {
    fn encode(&self, xml: &mut Xml) {
        xml.element("launchTemplateData", |xml| write_template_data(xml, &self.0));
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::story::TestWorld;

    #[test]
    fn an_instance_tells_the_template_that_it_could_be_of() {
        let test = TestWorld::new();
        let image = test.image("web");
        let form = format!(
            "ImageId={image}&MinCount=1&MaxCount=1&InstanceType=t3.small&TagSpecification.1.ResourceType=instance&\
             TagSpecification.1.Tag.1.Key=app&TagSpecification.1.Tag.1.Value=web"
        );
        let id = test.first("RunInstances", &form, "instanceId");
        let data = test.ec2("GetLaunchTemplateData", &format!("InstanceId={id}"));
        for text in [
            format!("<imageId>{image}"),
            "<instanceType>t3.small".to_owned(),
            "<key>app".to_owned(),
            "<volumeSize>8".to_owned(),
        ] {
            assert!(data.contains(&text), "{text}: {data}");
        }
        assert_eq!(test.code("GetLaunchTemplateData", "InstanceId=i-01234567"), "InvalidInstanceID.NotFound");
    }
}
