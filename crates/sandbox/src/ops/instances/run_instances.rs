//! EC2 `RunInstances`: of an image, or of a launch template.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};

use super::instance_xml::{Place, write_reservation};
use super::launch::launch;
use super::launch_spec::{LaunchSpec, over_template};
use super::prepare::{Prepared, prepare};
use crate::ops::templates::template_lookup::{TemplateRef, template_version};
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::Instance;
use crate::{Fault, World};

/// Instances that one call may start.
const COUNT_MAX: i64 = 1000;

pub(crate) struct RunInstances;

pub(crate) struct RunInstancesInput {
    template: Option<TemplateRef>,
    request: Params,
    count: u32,
}

pub(crate) struct RunInstancesOutput {
    instances: Vec<Instance>,
    place: Place,
}

impl Op for RunInstances {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RunInstances");
    type Input = RunInstancesInput;
    type Output = RunInstancesOutput;

    fn further_actions(input: &RunInstancesInput) -> Vec<&'static str> {
        let is_alias = input.request.text("ImageId").is_some_and(|image| image.starts_with("resolve:ssm:"));
        let has_profile = input.request.structure("IamInstanceProfile").is_some();
        [(is_alias, "ssm:GetParameters"), (has_profile, "iam:PassRole")]
            .into_iter()
            .filter_map(|(is_needed, action)| is_needed.then_some(action))
            .collect()
    }

    fn decode(params: &Params) -> Result<RunInstancesInput, Fault> {
        let count = |name: &str| params.integer(name)?.ok_or_else(|| Fault::missing(name));
        let (least, most) = (count("MinCount")?, count("MaxCount")?);
        if least < 1 || most < least || most > COUNT_MAX {
            return Err(Fault::invalid_value("minCount, maxCount", &format!("{least}, {most}")));
        }
        // What is wrong with the request itself is said before anything is looked up.
        LaunchSpec::decode(params)?;
        Ok(RunInstancesInput {
            template: params.structure("LaunchTemplate").map(TemplateRef::decode).transpose()?,
            request: params.clone(),
            count: u32::try_from(most).unwrap_or(1),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: RunInstancesInput) -> Result<RunInstancesOutput, Fault> {
        let version = match &input.template {
            Some(reference) => Some(template_version(world, ctx, reference)?),
            None => None,
        };
        let spec = match &version {
            Some((_, version)) => LaunchSpec::decode(&over_template(&version.data.0, &input.request))?,
            None => LaunchSpec::decode(&input.request)?,
        };
        let Prepared { image, launch: mut what } = prepare(world, ctx, spec, input.count)?;
        if let Some((template, version)) = &version {
            what.tag_with_template(&template.id, &version.number.to_string());
        }
        ctx.commit()?;
        let begun = launch(world, ctx, &image, &what);
        let instances = begun.into_iter().map(|instance| Arc::unwrap_or_clone(instance).on_its_way(ctx.now)).collect();
        Ok(RunInstancesOutput { instances, place: Place::of(ctx) })
    }
}

impl Encode for RunInstancesOutput {
    fn encode(&self, xml: &mut Xml) {
        let instances: Vec<&Instance> = self.instances.iter().collect();
        let reservation = instances.first().map_or("", |instance| instance.reservation.as_str());
        write_reservation(xml, &self.place, reservation, &instances);
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::story::{TestWorld, first};

    #[test]
    fn an_instance_passes_through_its_states_in_time() {
        let mut test = TestWorld::new().paced();
        let image = test.image("web");
        let id = test.first("RunInstances", &format!("ImageId={image}&MinCount=1&MaxCount=1"), "instanceId");
        let state = |test: &TestWorld| test.first("DescribeInstances", &format!("InstanceId.1={id}"), "name");
        assert_eq!(state(&test), "pending");
        assert_eq!(test.code("StopInstances", &format!("InstanceId.1={id}")), "IncorrectInstanceState");
        test.pass_secs(30);
        assert_eq!(state(&test), "running");
        test.ec2("StopInstances", &format!("InstanceId.1={id}"));
        assert_eq!(state(&test), "stopping");
        assert_eq!(test.code("StartInstances", &format!("InstanceId.1={id}")), "IncorrectInstanceState");
        test.pass_secs(30);
        assert_eq!(state(&test), "stopped");
        test.ec2("StartInstances", &format!("InstanceId.1={id}"));
        assert_eq!(state(&test), "pending");
        test.pass_secs(30);
        test.ec2("TerminateInstances", &format!("InstanceId.1={id}"));
        assert_eq!(state(&test), "shutting-down");
        test.pass_secs(30);
        assert_eq!(state(&test), "terminated");
        test.pass_secs(3600);
        assert_eq!(test.code("DescribeInstances", &format!("InstanceId.1={id}")), "InvalidInstanceID.NotFound");
    }

    #[test]
    fn replies_show_the_states_between_however_fast_they_pass() {
        let test = TestWorld::new();
        let image = test.image("web");
        let reply = test.ec2("RunInstances", &format!("ImageId={image}&MinCount=1&MaxCount=1"));
        let id = first(&reply, "instanceId").unwrap();
        assert_eq!((first(&reply, "name"), first(&reply, "status")), (Some("pending"), Some("attaching")));
        assert!(reply.contains("<stateReason><code>pending</code>"), "{reply}");
        let form = format!("InstanceId.1={id}");
        let shown = || test.first("DescribeInstances", &form, "name");
        assert_eq!(shown(), "running");
        for (action, current, previous, then) in [
            ("StartInstances", "running", "running", "running"),
            ("StopInstances", "stopping", "running", "stopped"),
            ("StopInstances", "stopped", "stopped", "stopped"),
            ("StartInstances", "pending", "stopped", "running"),
            ("TerminateInstances", "shutting-down", "running", "terminated"),
            ("TerminateInstances", "terminated", "terminated", "terminated"),
        ] {
            let reply = test.ec2(action, &form);
            let states: Vec<&str> = reply.split("<name>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
            assert_eq!((states, shown().as_str()), (vec![current, previous], then), "{action}");
        }
    }

    #[test]
    fn what_is_launched_from_a_template_is_tagged_with_it() {
        let test = TestWorld::new();
        let image = test.image("web");
        let data = format!("LaunchTemplateName=web&LaunchTemplateData.ImageId={image}");
        let template = test.first("CreateLaunchTemplate", &data, "launchTemplateId");
        test.ec2("CreateLaunchTemplateVersion", &data);
        let tag = |key: &str, value: &str| format!("<item><key>{key}</key><value>{value}</value></item>");
        let of_template =
            |version| tag("aws:ec2launchtemplate:id", &template) + &tag("aws:ec2launchtemplate:version", version);
        let form = format!("LaunchTemplate.LaunchTemplateId={template}&LaunchTemplate.Version");
        let reply = test.ec2("RunInstances", &format!("{form}=$Latest&MinCount=1&MaxCount=1"));
        assert!(reply.contains(&of_template("2")), "{reply}");
        test.group(
            "CreateAutoScalingGroup",
            &format!("AutoScalingGroupName=web&MinSize=1&MaxSize=1&AvailabilityZones.member.1=us-east-1a&{form}=1"),
        );
        let member = "Filter.1.Name=tag:aws:autoscaling:groupName&Filter.1.Value.1=web";
        let reply = test.ec2("DescribeInstances", member);
        assert!(reply.contains(&of_template("1")), "{reply}");
        let config = "LaunchTemplateConfigs.1.LaunchTemplateSpecification";
        let fleet = test.first(
            "CreateFleet",
            &format!(
                "Type=instant&TargetCapacitySpecification.TotalTargetCapacity=1&\
                 TargetCapacitySpecification.DefaultTargetCapacityType=on-demand&\
                 {config}.LaunchTemplateId={template}&{config}.Version=2"
            ),
            "fleetId",
        );
        let reply =
            test.ec2("DescribeInstances", &format!("Filter.1.Name=tag:aws:ec2:fleet-id&Filter.1.Value.1={fleet}"));
        assert!(reply.contains(&of_template("2")), "{reply}");
    }

    #[test]
    fn what_aws_does_not_start_is_not_started() {
        let test = TestWorld::new();
        let image = test.image("web");
        let disabled = test.image("old");
        test.ec2("DisableImage", &format!("ImageId={disabled}"));
        let gone = test.image("gone");
        test.ec2("DeregisterImage", &format!("ImageId={gone}"));
        for (form, code) in [
            (format!("ImageId={disabled}"), "InvalidAMIID.Unavailable"),
            (format!("ImageId={gone}"), "InvalidAMIID.Unavailable"),
            ("ImageId=ami-0123456789abcdef0".to_owned(), "InvalidAMIID.NotFound"),
            ("ImageId=web".to_owned(), "InvalidAMIID.Malformed"),
            ("ImageId=resolve:ssm:/none".to_owned(), "InvalidParameterValue"),
            (String::new(), "MissingParameter"),
            (format!("ImageId={image}&InstanceType=m6g.large"), "InvalidParameterValue"),
            (format!("ImageId={image}&InstanceType=huge"), "InvalidParameterValue"),
            (format!("ImageId={image}&KeyName=none"), "InvalidKeyPair.NotFound"),
            (format!("ImageId={image}&SecurityGroupId.1=sg-none"), "InvalidGroup.NotFound"),
            (format!("ImageId={image}&SubnetId=subnet-none"), "InvalidSubnetID.NotFound"),
            (format!("ImageId={image}&Placement.AvailabilityZone=us-east-1z"), "InvalidParameterValue"),
            ("LaunchTemplate.LaunchTemplateName=none".to_owned(), "InvalidLaunchTemplateName.NotFoundException"),
        ] {
            let form = format!("{form}&MinCount=1&MaxCount=1");
            assert_eq!(test.code("RunInstances", &form), code, "{form}");
        }
        for counts in ["MinCount=0&MaxCount=1", "MinCount=2&MaxCount=1", "MaxCount=1", "MinCount=1&MaxCount=1001"] {
            let code = test.code("RunInstances", &format!("ImageId={image}&{counts}"));
            assert!(["InvalidParameterValue", "MissingParameter"].contains(&code.as_str()), "{counts}: {code}");
        }
    }

    #[test]
    fn parameters_of_ssm_are_resolved_with_version_and_label() {
        let test = TestWorld::new();
        let (old, new) = (test.image("old"), test.image("new"));
        test.change(|scope| {
            scope.put_parameter("/golden", &old);
            scope.put_parameter("/golden", &new);
        });
        let started = |id: &str| test.first("RunInstances", &format!("ImageId={id}&MinCount=1&MaxCount=1"), "imageId");
        assert_eq!(started("resolve:ssm:/golden"), new);
        assert_eq!(started("resolve:ssm:/golden:1"), old);
    }
}
