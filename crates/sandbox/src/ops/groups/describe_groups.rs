//! Auto Scaling `DescribeAutoScalingGroups`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{Operation, OperationSpec, ops};
use amictl_model::{AccountId, Region};
use compact_str::CompactString;

use super::query_xml::write_as_sent;
use crate::filter::Filters;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{Group, GroupTemplate, Instance, MixedInstances};
use crate::{Fault, World};

pub(crate) struct DescribeAutoScalingGroups;

#[derive(Default)]
pub(crate) struct DescribeAutoScalingGroupsInput {
    pub(crate) names: Vec<String>,
    pub(crate) filters: Filters,
    pub(crate) limit: Option<usize>,
    pub(crate) token: Option<String>,
}

pub(crate) struct DescribeAutoScalingGroupsOutput {
    pub(crate) groups: Vec<(Arc<Group>, Vec<Arc<Instance>>)>,
    pub(crate) next_token: Option<String>,
    account: AccountId,
    region: Region,
}

impl Op for DescribeAutoScalingGroups {
    const SPEC: OperationSpec = <ops::DescribeAutoScalingGroups as Operation>::SPEC;
    type Input = DescribeAutoScalingGroupsInput;
    type Output = DescribeAutoScalingGroupsOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DescribeAutoScalingGroupsInput {
            names: params.texts("AutoScalingGroupNames")?,
            filters: Filters::decode(params, &["tag-key", "tag-value"])?,
            limit: page::limit("maxRecords", params.integer("MaxRecords")?, 1..=100)?.or(Some(50)),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |name| Bound::Excluded(CompactString::from(name)));
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let page = page::fill(scope.groups.range((start, Bound::Unbounded)), input.limit, |name, group| {
            let takes = (input.names.is_empty() || input.names.iter().any(|wanted| *wanted == ***name))
                && input
                    .filters
                    .matches(&group.tags, |_, filter| group.tags.iter().any(|(_, value)| filter.takes(value)));
            takes.then(|| {
                let instances = group.instances.iter().filter_map(|instance| scope.instances.get(&instance.id));
                (Arc::clone(group), instances.map(Arc::clone).collect())
            })
        });
        let next_token = page.next.map(|name| page::token_after(ctx, Self::SPEC.name, name));
        Ok(DescribeAutoScalingGroupsOutput {
            groups: page.items,
            next_token,
            account: ctx.account,
            region: ctx.region.clone(),
        })
    }
}

impl Encode for DescribeAutoScalingGroupsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("AutoScalingGroups", "member", &self.groups, |xml, (group, instances)| {
            let place = format!("{}:{}", self.region, self.account);
            write_group(xml, group, instances, &place);
        });
        xml.optional("NextToken", self.next_token.as_ref());
    }
}

fn write_group(xml: &mut Xml, group: &Group, instances: &[Arc<Instance>], place: &str) {
    xml.text("AutoScalingGroupName", &group.name);
    xml.text(
        "AutoScalingGroupARN",
        format!(
            "arn:aws:autoscaling:{place}:autoScalingGroup:{}:autoScalingGroupName/{}",
            group.created_at.as_millis(),
            group.name
        ),
    );
    xml.optional("LaunchConfigurationName", group.launch_configuration.as_ref());
    if let Some(template) = &group.template {
        write_template(xml, "LaunchTemplate", template);
    }
    if let Some(mixed) = &group.mixed {
        xml.element("MixedInstancesPolicy", |xml| write_mixed(xml, mixed));
    }
    xml.value("MinSize", group.min_size);
    xml.value("MaxSize", group.max_size);
    xml.value("DesiredCapacity", group.desired);
    xml.value("DefaultCooldown", group.cooldown_secs);
    xml.texts("AvailabilityZones", "member", &group.zones);
    xml.element("LoadBalancerNames", |_| {});
    xml.element("TargetGroupARNs", |_| {});
    xml.text("HealthCheckType", &group.health_check_type);
    xml.value("HealthCheckGracePeriod", group.health_check_grace_secs);
    write_instances(xml, group, instances);
    xml.time("CreatedTime", group.created_at);
    xml.element("SuspendedProcesses", |_| {});
    xml.text("VPCZoneIdentifier", group.subnets.as_deref().unwrap_or_default());
    xml.element("EnabledMetrics", |_| {});
    xml.list("Tags", "member", group.tags.iter(), |xml, (key, value)| {
        xml.text("ResourceId", &group.name);
        xml.text("ResourceType", "auto-scaling-group");
        xml.text("Key", key);
        xml.text("Value", value);
        xml.value("PropagateAtLaunch", group.propagated.iter().any(|propagated| propagated == key));
    });
    xml.texts("TerminationPolicies", "member", ["Default"]);
    xml.value("NewInstancesProtectedFromScaleIn", false);
}

fn write_instances(xml: &mut Xml, group: &Group, instances: &[Arc<Instance>]) {
    xml.list("Instances", "member", instances, |xml, instance| {
        xml.text("InstanceId", &instance.id);
        xml.text("InstanceType", &instance.instance_type);
        xml.text("AvailabilityZone", &instance.zone);
        xml.text("LifecycleState", "InService");
        xml.text("HealthStatus", "Healthy");
        if let Some(started) = group.instances.iter().find(|started| started.id == instance.id) {
            xml.optional("LaunchConfigurationName", started.launch_configuration.as_ref());
            if let Some(template) = &started.template {
                write_template(xml, "LaunchTemplate", template);
            }
        }
        xml.value("ProtectedFromScaleIn", false);
    });
}

fn write_template(xml: &mut Xml, name: &str, template: &GroupTemplate) {
    xml.element(name, |xml| {
        xml.text("LaunchTemplateId", &template.id);
        xml.text("LaunchTemplateName", &template.name);
        xml.optional("Version", template.version.as_ref());
    });
}

fn write_mixed(xml: &mut Xml, mixed: &MixedInstances) {
    xml.element("LaunchTemplate", |xml| {
        write_template(xml, "LaunchTemplateSpecification", &mixed.template);
        xml.list("Overrides", "member", &mixed.overrides, |xml, over| {
            xml.optional("InstanceType", over.instance_type.as_ref());
            xml.optional("WeightedCapacity", over.weight.as_ref());
            if let Some(template) = &over.template {
                write_template(xml, "LaunchTemplateSpecification", template);
            }
            if let Some(requirements) = &over.requirements {
                write_as_sent(xml, "InstanceRequirements", requirements);
            }
            xml.optional("ImageId", over.image.as_ref());
        });
    });
    if let Some(distribution) = &mixed.distribution {
        write_as_sent(xml, "InstancesDistribution", distribution);
    }
}
