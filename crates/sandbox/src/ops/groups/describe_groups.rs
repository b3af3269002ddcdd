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
use crate::world::{Group, GroupInstance, GroupTemplate, Instance, MixedInstances, ShownState};
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
    pub(crate) groups: Vec<ShownGroup>,
    pub(crate) next_token: Option<String>,
    account: AccountId,
    region: Region,
}

/// A group with its instances.
pub(crate) struct ShownGroup {
    pub(crate) group: Arc<Group>,
    members: Vec<Member>,
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
        let world = &*world;
        let scope = world.scope(ctx.account, &ctx.region);
        let groups = scope.into_iter().flat_map(|scope| scope.groups.range((start.clone(), Bound::Unbounded)));
        let page = page::fill(groups, input.limit, |name, group| {
            let takes = (input.names.is_empty() || input.names.iter().any(|wanted| *wanted == ***name))
                && input
                    .filters
                    .matches(&group.tags, |_, filter| group.tags.iter().any(|(_, value)| filter.takes(value)));
            takes.then(|| ShownGroup {
                group: Arc::clone(group),
                members: group.instances.iter().filter_map(|known| Member::new(world, ctx, known, false)).collect(),
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
        xml.list("AutoScalingGroups", "member", &self.groups, |xml, shown| {
            write_group(xml, shown, &group_arn(self.account, &self.region, &shown.group));
        });
        xml.optional("NextToken", self.next_token.as_ref());
    }
}

/// `AutoScalingGroupARN`.
pub(super) fn group_arn(account: AccountId, region: &Region, group: &Group) -> String {
    format!(
        "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{}:autoScalingGroupName/{}",
        group.created_at.as_millis(),
        group.name
    )
}

/// Options that are written as they were sent.
pub(super) const OPTIONS: &[&str] = &[
    "AvailabilityZoneDistribution",
    "AvailabilityZoneImpairmentPolicy",
    "CapacityRebalance",
    "CapacityReservationSpecification",
    "Context",
    "DefaultInstanceWarmup",
    "DeletionProtection",
    "DesiredCapacityType",
    "InstanceMaintenancePolicy",
    "LoadBalancerNames",
    "MaxInstanceLifetime",
    "NewInstancesProtectedFromScaleIn",
    "PlacementGroup",
    "ServiceLinkedRoleARN",
    "TargetGroupARNs",
    "TerminationPolicies",
    "TrafficSources",
];

fn write_group(xml: &mut Xml, shown: &ShownGroup, arn: &str) {
    let group = &shown.group;
    xml.text("AutoScalingGroupName", &group.name);
    xml.text("AutoScalingGroupARN", arn);
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
    xml.text("HealthCheckType", &group.health_check_type);
    xml.value("HealthCheckGracePeriod", group.health_check_grace_secs);
    xml.list("Instances", "member", &shown.members, write_member);
    xml.time("CreatedTime", group.created_at);
    xml.list("SuspendedProcesses", "member", &group.course.suspended, |xml, process| {
        xml.text("ProcessName", process);
        xml.text("SuspensionReason", "User suspended");
    });
    xml.text("VPCZoneIdentifier", group.subnets.as_deref().unwrap_or_default());
    xml.element("EnabledMetrics", |_| {});
    xml.list("Tags", "member", group.tags.iter(), |xml, (key, value)| {
        xml.text("ResourceId", &group.name);
        xml.text("ResourceType", "auto-scaling-group");
        xml.text("Key", key);
        xml.text("Value", value);
        xml.value("PropagateAtLaunch", group.propagated.iter().any(|propagated| propagated == key));
    });
    for name in OPTIONS {
        match (group.options.structure(name), *name) {
            (Some(option), name) => write_as_sent(xml, name, option),
            (None, "TerminationPolicies") => xml.texts(name, "member", ["Default"]),
            (None, "LoadBalancerNames" | "TargetGroupARNs" | "TrafficSources") => xml.element(name, |_| {}),
            (None, "NewInstancesProtectedFromScaleIn" | "CapacityRebalance") => xml.value(name, false),
            (None, _) => {}
        }
    }
    if let Some(pool) = &group.course.warm_pool {
        super::warm_pool::write_pool(xml, pool);
        xml.value("WarmPoolSize", pool.instances.len());
    }
}

/// An instance of a group as Auto Scaling shows it.
pub(crate) struct Member {
    pub(crate) known: GroupInstance,
    instance: Arc<Instance>,
    lifecycle: &'static str,
}

impl Member {
    /// An instance of a group, or of its warm pool; none when it is no longer there.
    pub(super) fn new(world: &World, ctx: &Ctx, known: &GroupInstance, is_warm: bool) -> Option<Self> {
        let instance = Arc::clone(world.scope(ctx.account, &ctx.region)?.instances.get(&known.id)?);
        let lifecycle = match (instance.shown_state(ctx.now), is_warm, known.is_on_standby) {
            (ShownState::Pending, true, _) => "Warmed:Pending",
            (ShownState::Stopped | ShownState::Stopping, true, _) => "Warmed:Stopped",
            (ShownState::Running, true, _) => "Warmed:Running",
            (ShownState::ShuttingDown | ShownState::Terminated, true, _) => "Warmed:Terminating",
            (ShownState::ShuttingDown | ShownState::Terminated, false, _) => "Terminating",
            (_, false, true) => "Standby",
            (ShownState::Pending, false, false) => "Pending",
            (_, false, false) => "InService",
        };
        Some(Self { known: known.clone(), instance, lifecycle })
    }
}

/// The members of `Instance`.
pub(super) fn write_member(xml: &mut Xml, member: &Member) {
    let Member { known, instance, lifecycle } = member;
    xml.text("InstanceId", &instance.id);
    xml.text("InstanceType", &instance.instance_type);
    xml.text("AvailabilityZone", &instance.zone);
    xml.text("LifecycleState", lifecycle);
    xml.text("HealthStatus", if *lifecycle == "Terminating" { "Unhealthy" } else { "Healthy" });
    xml.optional("LaunchConfigurationName", known.launch_configuration.as_ref());
    if let Some(template) = &known.template {
        write_template(xml, "LaunchTemplate", template);
    }
    xml.text("ImageId", &instance.image);
    xml.value("ProtectedFromScaleIn", known.is_protected);
    if known.weight != 1 {
        xml.value("WeightedCapacity", known.weight);
    }
}

pub(super) fn write_template(xml: &mut Xml, name: &str, template: &GroupTemplate) {
    xml.element(name, |xml| {
        xml.text("LaunchTemplateId", &template.id);
        xml.text("LaunchTemplateName", &template.name);
        xml.optional("Version", template.version.as_ref());
    });
}

pub(super) fn write_mixed(xml: &mut Xml, mixed: &MixedInstances) {
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
