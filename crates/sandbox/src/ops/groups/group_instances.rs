//! The instances of groups: Auto Scaling `DescribeAutoScalingInstances` and `TerminateInstanceInAutoScalingGroup`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::activities::{Begun, Seen};
use super::describe_groups::{Member, write_member};
use super::group_scaling::{end, scale};
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{Group, GroupInstance};
use crate::{Fault, World};

pub(crate) struct DescribeAutoScalingInstances;

pub(crate) struct DescribeAutoScalingInstancesInput {
    ids: Vec<String>,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeAutoScalingInstancesOutput {
    members: Vec<(CompactString, Member)>,
    next_token: Option<String>,
}

impl Op for DescribeAutoScalingInstances {
    const SPEC: OperationSpec = OperationSpec::read(Service::AutoScaling, "DescribeAutoScalingInstances");
    type Input = DescribeAutoScalingInstancesInput;
    type Output = DescribeAutoScalingInstancesOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DescribeAutoScalingInstancesInput {
            ids: params.texts("InstanceIds")?,
            limit: page::limit("maxRecords", params.integer("MaxRecords")?, 1..=50)?.or(Some(50)),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let Some(scope) = world.scope(ctx.account, &ctx.region) else {
            return Ok(DescribeAutoScalingInstancesOutput { members: Vec::new(), next_token: None });
        };
        let mut all: Vec<(CompactString, Arc<Group>, GroupInstance)> = scope
            .groups
            .values()
            .flat_map(|group| group.instances.iter().map(|known| (known.id.clone(), Arc::clone(group), known.clone())))
            .collect();
        all.sort_by(|(one, ..), (other, ..)| one.cmp(other));
        let later = all
            .into_iter()
            .filter(|(id, ..)| after.as_deref().is_none_or(|after| id.as_str() > after))
            .map(|(id, group, known)| (id, (group, known)));
        let page = page::fill(later, input.limit, |id, (group, known)| {
            let is_asked_for = input.ids.is_empty() || input.ids.iter().any(|wanted| wanted == id);
            let member = if is_asked_for { Member::new(world, ctx, &known, false) } else { None };
            member.map(|member| (group.name.clone(), member))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, &id));
        Ok(DescribeAutoScalingInstancesOutput { members: page.items, next_token })
    }
}

impl Encode for DescribeAutoScalingInstancesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("AutoScalingInstances", "member", &self.members, |xml, (group, member)| {
            xml.text("AutoScalingGroupName", group);
            write_member(xml, member);
        });
        xml.optional("NextToken", self.next_token.as_ref());
    }
}

pub(crate) struct TerminateInstanceInAutoScalingGroup;

pub(crate) struct TerminateInstanceInput {
    instance: String,
    decrements: bool,
}

impl Op for TerminateInstanceInAutoScalingGroup {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "TerminateInstanceInAutoScalingGroup");
    type Input = TerminateInstanceInput;
    type Output = Begun;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        params.required("ShouldDecrementDesiredCapacity")?;
        Ok(TerminateInstanceInput {
            instance: params.required("InstanceId")?.to_owned(),
            decrements: params.flag("ShouldDecrementDesiredCapacity")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Begun, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let has = |group: &&Arc<Group>| group.instances.iter().any(|known| known.id == input.instance);
        let mut group = scope.groups.values().find(has).map(|group| Group::clone(group)).ok_or_else(|| {
            let id: String = input.instance.chars().take(60).collect();
            Fault::validation(format!("Instance Id not found - No managed instance found for instance ID: {id}"))
        })?;
        let at = group.instances.iter().position(|known| known.id == input.instance);
        let gone = at.map(|at| group.instances.remove(at));
        if input.decrements {
            decrement(&mut group, 1)?;
        }
        if let Some(gone) = gone {
            end(world, ctx, &mut group, &gone, "an instance was taken out of service in response to a user request");
        }
        let activity: Vec<_> = group.course.activities.last().cloned().into_iter().collect();
        let name = group.name.clone();
        world.scope_mut(ctx.account, &ctx.region).put_group(group.clone());
        if input.decrements {
            scale(world, ctx, &name);
        }
        Ok(Begun { seen: Seen::of(ctx), group, activities: activity, is_single: true })
    }
}

/// Takes so many units off the desired capacity, which the smallest size may forbid.
pub(super) fn decrement(group: &mut Group, by: u32) -> Result<(), Fault> {
    let desired = group.desired.saturating_sub(by);
    if desired < group.min_size {
        let message = format!(
            "Currently, desiredSize equals minSize ({}). Terminating instance without replacement will violate group's min \
             size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
            group.min_size
        );
        return Err(Fault::validation(message));
    }
    group.desired = desired;
    Ok(())
}
