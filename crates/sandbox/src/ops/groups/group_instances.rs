//! The instances of groups: Auto Scaling `DescribeAutoScalingInstances`, `TerminateInstanceInAutoScalingGroup`,
//! `AttachInstances`, `DetachInstances`, `EnterStandby`, `ExitStandby` and `SetInstanceProtection`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::activities::{Begun, Outcome, Seen, note};
use super::create_group::group_of;
use super::describe_groups::{Member, write_member};
use super::group_scaling::{end, scale};
use crate::ops::paged;
use crate::ops::{Ctx, Nothing, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::{Group, GroupInstance, InstanceState};
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
fn decrement(group: &mut Group, by: u32) -> Result<(), Fault> {
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

pub(crate) struct MembersInput {
    group: String,
    ids: Vec<CompactString>,
    flag: bool,
}

fn members(params: &Params, flag: Option<&str>) -> Result<MembersInput, Fault> {
    let ids = params.texts("InstanceIds")?;
    Ok(MembersInput {
        group: params.required("AutoScalingGroupName")?.to_owned(),
        ids: ids.into_iter().map(CompactString::from).collect(),
        flag: match flag {
            Some(name) => {
                params.required(name)?;
                params.flag(name)?
            }
            None => false,
        },
    })
}

/// The places of these instances in their group.
fn places(group: &Group, ids: &[CompactString]) -> Result<Vec<usize>, Fault> {
    let place = |id: &CompactString| {
        group.instances.iter().position(|known| known.id == *id).ok_or_else(|| {
            let id: String = id.chars().take(60).collect();
            Fault::validation(format!("The instance {id} is not part of Auto Scaling group {}.", group.name))
        })
    };
    ids.iter().map(place).collect()
}

pub(crate) struct AttachInstances;

impl Op for AttachInstances {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "AttachInstances");
    type Input = MembersInput;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<MembersInput, Fault> {
        members(params, None)
    }

    fn run(world: &mut World, ctx: &Ctx, input: MembersInput) -> Result<Nothing, Fault> {
        let mut group = Group::clone(&*group_of(world, ctx, &input.group)?);
        let scope = world.scope_mut(ctx.account, &ctx.region);
        for id in &input.ids {
            let short: String = id.chars().take(60).collect();
            let instance = scope.instances.get(id).filter(|instance| instance.state == InstanceState::Running);
            let instance =
                instance.ok_or_else(|| Fault::validation(format!("Invalid Instance ID(s): [{short}] specified")))?;
            if let Some(other) = &instance.group {
                return Err(Fault::validation(format!(
                    "Instance {short} is already part of AutoScalingGroup:{other}."
                )));
            }
            group.instances.push(GroupInstance {
                id: id.clone(),
                launch_configuration: None,
                template: None,
                weight: 1,
                is_protected: false,
                is_on_standby: false,
            });
        }
        group.desired += u32::try_from(input.ids.len()).unwrap_or(0);
        if group.desired > group.max_size {
            let message = format!("AutoScalingGroup {} cannot grow beyond its max size {}", group.name, group.max_size);
            return Err(Fault::validation(message));
        }
        for id in &input.ids {
            if let Some(instance) = scope.instances.get_mut(id) {
                Arc::make_mut(instance).group = Some(group.name.clone());
            }
        }
        scope.put_group(group);
        Ok(Nothing)
    }
}

pub(crate) struct DetachInstances;

impl Op for DetachInstances {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "DetachInstances");
    type Input = MembersInput;
    type Output = Begun;

    fn decode(params: &Params) -> Result<MembersInput, Fault> {
        members(params, Some("ShouldDecrementDesiredCapacity"))
    }

    fn run(world: &mut World, ctx: &Ctx, input: MembersInput) -> Result<Begun, Fault> {
        let mut group = Group::clone(&*group_of(world, ctx, &input.group)?);
        places(&group, &input.ids)?;
        if input.flag {
            decrement(&mut group, u32::try_from(input.ids.len()).unwrap_or(0))?;
        }
        group.instances.retain(|known| !input.ids.contains(&known.id));
        let mut activities = Vec::new();
        for id in &input.ids {
            if let Some(instance) = world.scope_mut(ctx.account, &ctx.region).instances.get_mut(id) {
                Arc::make_mut(instance).group = None;
            }
            activities.push(moved(world, ctx, &mut group, format!("Detaching EC2 instance: {id}"), "detached"));
        }
        let name = group.name.clone();
        world.scope_mut(ctx.account, &ctx.region).put_group(group.clone());
        scale(world, ctx, &name);
        Ok(Begun { seen: Seen::of(ctx), group, activities, is_single: false })
    }
}

fn moved(world: &mut World, ctx: &Ctx, group: &mut Group, description: String, how: &str) -> crate::world::Activity {
    let cause = format!("At {} an instance was {how} in response to a user request.", wire_time(ctx.now));
    note(world, ctx, group, description, cause, Outcome::Ends(ctx.now))
}

pub(crate) struct EnterStandby;

impl Op for EnterStandby {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "EnterStandby");
    type Input = MembersInput;
    type Output = Begun;

    fn decode(params: &Params) -> Result<MembersInput, Fault> {
        members(params, Some("ShouldDecrementDesiredCapacity"))
    }

    fn run(world: &mut World, ctx: &Ctx, input: MembersInput) -> Result<Begun, Fault> {
        let mut group = Group::clone(&*group_of(world, ctx, &input.group)?);
        let places = places(&group, &input.ids)?;
        if input.flag {
            decrement(&mut group, u32::try_from(places.len()).unwrap_or(0))?;
        }
        let mut activities = Vec::new();
        for at in places {
            group.instances[at].is_on_standby = true;
            let description = format!("Moving EC2 instance to Standby: {}", group.instances[at].id);
            activities.push(moved(world, ctx, &mut group, description, "moved to standby"));
        }
        let name = group.name.clone();
        world.scope_mut(ctx.account, &ctx.region).put_group(group.clone());
        scale(world, ctx, &name);
        Ok(Begun { seen: Seen::of(ctx), group, activities, is_single: false })
    }
}

pub(crate) struct ExitStandby;

impl Op for ExitStandby {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "ExitStandby");
    type Input = MembersInput;
    type Output = Begun;

    fn decode(params: &Params) -> Result<MembersInput, Fault> {
        members(params, None)
    }

    fn run(world: &mut World, ctx: &Ctx, input: MembersInput) -> Result<Begun, Fault> {
        let mut group = Group::clone(&*group_of(world, ctx, &input.group)?);
        let places = places(&group, &input.ids)?;
        let mut activities = Vec::new();
        for at in places {
            if !group.instances[at].is_on_standby {
                let message = format!("The instance {} is not in Standby.", group.instances[at].id);
                return Err(Fault::validation(message));
            }
            group.instances[at].is_on_standby = false;
            group.desired += group.instances[at].weight;
            let description = format!("Moving EC2 instance out of Standby: {}", group.instances[at].id);
            activities.push(moved(world, ctx, &mut group, description, "moved out of standby"));
        }
        if group.desired > group.max_size {
            return Err(Fault::validation(format!("AutoScalingGroup {} cannot grow beyond its max size", group.name)));
        }
        world.scope_mut(ctx.account, &ctx.region).put_group(group.clone());
        Ok(Begun { seen: Seen::of(ctx), group, activities, is_single: false })
    }
}

pub(crate) struct SetInstanceProtection;

impl Op for SetInstanceProtection {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "SetInstanceProtection");
    type Input = MembersInput;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<MembersInput, Fault> {
        members(params, Some("ProtectedFromScaleIn"))
    }

    fn run(world: &mut World, ctx: &Ctx, input: MembersInput) -> Result<Nothing, Fault> {
        let mut group = Group::clone(&*group_of(world, ctx, &input.group)?);
        for at in places(&group, &input.ids)? {
            group.instances[at].is_protected = input.flag;
        }
        world.scope_mut(ctx.account, &ctx.region).put_group(group);
        Ok(Nothing)
    }
}
