//! Every operation once, on the wire's parameters: each mutating one of EC2 first as a dry run, which must change nothing.

use std::collections::{BTreeMap, BTreeSet};

use amictl_cloud::{Effect, Service};
use amictl_model::Moment;
use proptest::prelude::*;

use super::{ALL, find};
use crate::sandbox::Outcome;
use crate::wire::{Params, Xml, decode_form};
use crate::{Caller, Clock, Fault, Sandbox, SandboxConfig, World};

struct Story {
    sandbox: Sandbox,
    caller: Caller,
    seen: BTreeSet<&'static str>,
    names: BTreeMap<&'static str, String>,
}

fn story() -> Story {
    let clock = Clock::fixed("2026-11-21T09:00:00Z".parse::<Moment>().unwrap());
    let caller = Caller {
        account: "123456789012".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        access_key: "123456789012".into(),
    };
    let config = SandboxConfig { clock, ..SandboxConfig::default() };
    Story { sandbox: Sandbox::new(World::new(1), config), caller, seen: BTreeSet::new(), names: BTreeMap::new() }
}

impl Story {
    fn send(&self, service: Service, action: &str, params: &Params) -> Result<String, Fault> {
        let entry = find(service, action).unwrap_or_else(|| panic!("{action} is not in the table"));
        match (entry.run)(&self.sandbox, &self.caller, params) {
            Outcome::Reply(reply) => {
                let mut xml = Xml::default();
                reply.encode(&mut xml);
                Ok(xml.finish())
            }
            Outcome::Fault(fault) => Err(fault),
            Outcome::Reset => panic!("{action} was reset"),
        }
    }

    fn state(&self) -> String {
        let world = self.sandbox.world();
        world
            .scopes()
            .filter(|(_, _, scope)| scope.tagged().next().is_some())
            .map(|scope| format!("{scope:?}"))
            .collect()
    }

    /// Does an operation; `$name` in the form is what was remembered under this name.
    fn does(&mut self, service: Service, action: &'static str, form: &str) -> String {
        let mut form = form.to_owned();
        for (name, value) in &self.names {
            form = form.replace(&format!("${name}"), value);
        }
        let spec = find(service, action).unwrap_or_else(|| panic!("{action} is not in the table")).spec;
        self.seen.insert(spec.name);
        if service == Service::Ec2 {
            let before = self.state();
            let params = decode_form(format!("{form}&DryRun=true").as_bytes()).unwrap();
            let fault = self.send(service, action, &params).unwrap_err();
            assert_eq!((fault.code.as_ref(), fault.status), ("DryRunOperation", 412), "{action}: {fault}");
            if spec.effect == Effect::Mutating {
                assert_eq!(self.state(), before, "{action} changed something in a dry run");
            }
        }
        let params = decode_form(form.as_bytes()).unwrap();
        self.send(service, action, &params).unwrap_or_else(|fault| panic!("{action}: {fault}"))
    }

    fn ec2(&mut self, action: &'static str, form: &str) -> String {
        self.does(Service::Ec2, action, form)
    }

    fn group(&mut self, action: &'static str, form: &str) -> String {
        self.does(Service::AutoScaling, action, form)
    }

    /// Does an operation and remembers the text of an element of its reply.
    fn keep(&mut self, name: &'static str, action: &'static str, form: &str, element: &str) {
        let reply = self.ec2(action, form);
        let text = reply.split(&format!("<{element}>")).nth(1).and_then(|rest| rest.split('<').next());
        self.names.insert(name, text.unwrap_or_else(|| panic!("{reply}")).to_owned());
    }
}

#[test]
fn every_operation_answers_and_dry_runs_change_nothing() {
    let mut story = story();
    story.keep("volume", "CreateVolume", "AvailabilityZone=us-east-1a&Size=8", "volumeId");
    story.keep("snap", "CreateSnapshot", "VolumeId=$volume", "snapshotId");
    story.keep("spare", "CreateSnapshot", "VolumeId=$volume", "snapshotId");
    let devices = "Name=story-1&RootDeviceName=/dev/xvda&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId=$snap";
    story.keep("image", "RegisterImage", devices, "imageId");
    story.ec2("CreateTags", "ResourceId.1=$image&Tag.1.Key=app&Tag.1.Value=x");
    story.ec2("DeleteTags", "ResourceId.1=$image&Tag.1.Key=app");
    story.keep("instance", "RunInstances", "ImageId=$image&MinCount=1&MaxCount=1", "instanceId");
    story.keep("made", "CreateImage", "InstanceId=$instance&Name=story-2", "imageId");
    story.keep("copy", "CopyImage", "SourceImageId=$made&SourceRegion=us-east-1&Name=story-3", "imageId");
    story.ec2("StopInstances", "InstanceId.1=$instance");
    story.ec2("StartInstances", "InstanceId.1=$instance");
    story.ec2("TerminateInstances", "InstanceId.1=$instance");
    story.ec2("ModifyImageAttribute", "ImageId=$image&LaunchPermission.Add.1.Group=all");
    story.ec2("ResetImageAttribute", "ImageId=$image&Attribute=launchPermission");
    story.ec2("EnableImageDeprecation", "ImageId=$image&DeprecateAt=2027-01-01T00:00:00Z");
    story.ec2("DisableImageDeprecation", "ImageId=$image");
    story.ec2("EnableImageDeregistrationProtection", "ImageId=$image");
    story.ec2("DisableImageDeregistrationProtection", "ImageId=$image");
    story.ec2("DisableImage", "ImageId=$image");
    story.ec2("EnableImage", "ImageId=$image");
    let data = "LaunchTemplateName=story&LaunchTemplateData.ImageId=$image";
    story.keep("template", "CreateLaunchTemplate", data, "launchTemplateId");
    story.ec2("CreateLaunchTemplateVersion", data);
    story.ec2("ModifyLaunchTemplate", "LaunchTemplateId=$template&SetDefaultVersion=2");
    story.ec2("DeleteLaunchTemplateVersions", "LaunchTemplateId=$template&LaunchTemplateVersion.1=1");
    story.group("CreateLaunchConfiguration", "LaunchConfigurationName=lc&ImageId=$image&InstanceType=t3.micro");
    let sizes = "AutoScalingGroupName=g&MinSize=1&MaxSize=2&AvailabilityZones.member.1=us-east-1a&LaunchTemplate.LaunchTemplateId=$template";
    story.group("CreateAutoScalingGroup", sizes);
    assert!(story.group("DescribeAutoScalingGroups", "").contains("<LifecycleState>InService"));
    story.group("UpdateAutoScalingGroup", "AutoScalingGroupName=g&LaunchConfigurationName=lc&DesiredCapacity=2");
    story.group("DeleteAutoScalingGroup", "AutoScalingGroupName=g&ForceDelete=true");
    story.group("DescribeLaunchConfigurations", "");
    story.group("DeleteLaunchConfiguration", "LaunchConfigurationName=lc");
    for action in ["DescribeImages", "DescribeSnapshots", "DescribeInstances", "DescribeVolumes", "DescribeTags"] {
        story.ec2(action, "");
    }
    for action in ["DescribeRegions", "DescribeAvailabilityZones", "DescribeVpcs", "DescribeSubnets"] {
        story.ec2(action, "");
    }
    story.ec2("DescribeLaunchTemplates", "");
    story.ec2("DescribeLaunchTemplateVersions", "LaunchTemplateId=$template");
    story.ec2("DescribeImageAttribute", "ImageId=$image&Attribute=launchPermission");
    story.ec2("DeleteLaunchTemplate", "LaunchTemplateId=$template");
    story.ec2("DeregisterImage", "ImageId=$copy&DeleteAssociatedSnapshots=true");
    story.ec2("DeleteSnapshot", "SnapshotId=$spare");
    story.ec2("DeleteVolume", "VolumeId=$volume");
    story.does(Service::Sts, "GetCallerIdentity", "");
    let role = "RoleArn=arn:aws:iam::210987654321:role/audit&RoleSessionName=story";
    story.does(Service::Sts, "AssumeRole", role);
    let missing: Vec<&str> =
        ALL.iter().map(|entry| entry.spec.name).filter(|name| !story.seen.contains(name)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Parameters of the right names with any values never make an operation panic.
    #[test]
    fn any_parameters_are_answered(
        at in 0..ALL.len(),
        parameters in prop::collection::vec((
            prop::sample::select(vec![
                "ImageId", "ImageId.1", "SnapshotId", "SnapshotId.1", "InstanceId.1", "Name", "MaxResults", "MaxRecords",
                "NextToken", "Filter.1.Name", "Filter.1.Value.1", "LaunchTemplateId", "LaunchTemplateName", "DeprecateAt",
                "LaunchTemplateVersion.1", "MinVersion", "Attribute", "ResourceId.1", "Tag.1.Key", "Owner.1", "RoleArn",
                "RoleSessionName", "DurationSeconds", "AutoScalingGroupName", "MinSize", "MaxSize", "MinCount", "MaxCount",
                "BlockDeviceMapping.1.DeviceName", "BlockDeviceMapping.1.Ebs.SnapshotId", "LaunchTemplateData.ImageId",
                "SourceRegion", "SourceImageId", "Size", "AvailabilityZone", "ImageLocation", "ExecutableBy.1",
            ]),
            prop_oneof!["[ -~]{0,12}", "ami-[0-9a-f]{8}", "-?[0-9]{1,20}", Just("$Latest".to_owned()), any::<String>()],
        ), 0..8),
    ) {
        let mut params = Params::default();
        for (name, value) in parameters {
            let encoded: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let one = decode_form(format!("{name}={encoded}").as_bytes()).unwrap();
            params = params.overlaid(&one);
        }
        let story = story();
        let entry = &ALL[at];
        if let Err(fault) = story.send(entry.spec.service, entry.spec.name, &params) {
            prop_assert!((400..500).contains(&fault.status), "{}: {fault}", entry.spec.name);
        }
    }

    /// Whatever bytes come in as a form, they are read or refused.
    #[test]
    fn any_form_is_read_or_refused(form in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode_form(&form);
    }
}
