//! Who belongs to a group: Auto Scaling `AttachInstances`, `DetachInstances`, `EnterStandby`, `ExitStandby` and
//! `SetInstanceProtection`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::activities::{Begun, Outcome, Seen, note};
use super::create_group::group_of;
use super::group_instances::decrement;
use super::group_scaling::scale;
use crate::ops::{Ctx, Nothing, Op};
use crate::wire::{Params, wire_time};
use crate::world::{Activity, Group, GroupInstance, InstanceState};
use crate::{Fault, World};

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

/// The group that is meant, to be changed, and the places of the instances in it.
fn meant(world: &World, ctx: &Ctx, input: &MembersInput) -> Result<(Group, Vec<usize>), Fault> {
    let group = Group::clone(&*group_of(world, ctx, &input.group)?);
    let place = |id: &CompactString| {
        group.instances.iter().position(|known| known.id == *id).ok_or_else(|| {
            let id: String = id.chars().take(60).collect();
            Fault::validation(format!("The instance {id} is not part of Auto Scaling group {}.", group.name))
        })
    };
    let places = input.ids.iter().map(place).collect::<Result<_, _>>()?;
    Ok((group, places))
}

/// Puts a changed group back, lets it start what it lacks now, and answers what was begun.
fn begun(world: &mut World, ctx: &Ctx, group: Group, activities: Vec<Activity>) -> Begun {
    let name = group.name.clone();
    world.scope_mut(ctx.account, &ctx.region).put_group(group.clone());
    scale(world, ctx, &name);
    Begun { seen: Seen::of(ctx), group, activities, is_single: false }
}

/// Notes that an instance was moved.
fn moved(world: &mut World, ctx: &Ctx, group: &mut Group, description: String, how: &str) -> Activity {
    let cause = format!("At {} an instance was {how} in response to a user request.", wire_time(ctx.now));
    note(world, ctx, group, description, cause, Outcome::Ends(ctx.now))
}

fn count(ids: &[CompactString]) -> u32 {
    u32::try_from(ids.len()).unwrap_or(u32::MAX)
}

fn require_room(group: &Group) -> Result<(), Fault> {
    if group.desired <= group.max_size {
        return Ok(());
    }
    let message = format!("AutoScalingGroup {} cannot grow beyond its max size {}", group.name, group.max_size);
    Err(Fault::validation(message))
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
        group.desired = group.desired.saturating_add(count(&input.ids));
        require_room(&group)?;
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
        let (mut group, _) = meant(world, ctx, &input)?;
        if input.flag {
            decrement(&mut group, count(&input.ids))?;
        }
        group.instances.retain(|known| !input.ids.contains(&known.id));
        let mut activities = Vec::new();
        for id in &input.ids {
            if let Some(instance) = world.scope_mut(ctx.account, &ctx.region).instances.get_mut(id) {
                Arc::make_mut(instance).group = None;
            }
            activities.push(moved(world, ctx, &mut group, format!("Detaching EC2 instance: {id}"), "detached"));
        }
        Ok(begun(world, ctx, group, activities))
    }
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
        let (mut group, places) = meant(world, ctx, &input)?;
        if input.flag {
            decrement(&mut group, count(&input.ids))?;
        }
        let mut activities = Vec::new();
        for at in places {
            if std::mem::replace(&mut group.instances[at].is_on_standby, true) {
                let message = format!("The instance {} is not in InService.", group.instances[at].id);
                return Err(Fault::validation(message));
            }
            let description = format!("Moving EC2 instance to Standby: {}", group.instances[at].id);
            activities.push(moved(world, ctx, &mut group, description, "moved to standby"));
        }
        Ok(begun(world, ctx, group, activities))
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
        let (mut group, places) = meant(world, ctx, &input)?;
        let mut activities = Vec::new();
        for at in places {
            if !std::mem::take(&mut group.instances[at].is_on_standby) {
                let message = format!("The instance {} is not in Standby.", group.instances[at].id);
                return Err(Fault::validation(message));
            }
            group.desired += group.instances[at].weight;
            let description = format!("Moving EC2 instance out of Standby: {}", group.instances[at].id);
            activities.push(moved(world, ctx, &mut group, description, "moved out of standby"));
        }
        require_room(&group)?;
        Ok(begun(world, ctx, group, activities))
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
        let (mut group, places) = meant(world, ctx, &input)?;
        for at in places {
            group.instances[at].is_protected = input.flag;
        }
        world.scope_mut(ctx.account, &ctx.region).put_group(group);
        Ok(Nothing)
    }
}

#[cfg(test)]
mod tests {
    use amictl_cloud::Service;

    use crate::ops::story::{TestWorld, first};

    #[test]
    fn an_instance_goes_to_standby_and_comes_back_once() {
        let test = TestWorld::new();
        let image = test.image("web");
        let template = format!("LaunchTemplateName=web&LaunchTemplateData.ImageId={image}");
        let template = test.first("CreateLaunchTemplate", &template, "launchTemplateId");
        let group = "AutoScalingGroupName=web";
        test.group(
            "CreateAutoScalingGroup",
            &format!(
                "{group}&MinSize=0&MaxSize=1&DesiredCapacity=1&AvailabilityZones.member.1=us-east-1a&\
                 LaunchTemplate.LaunchTemplateId={template}"
            ),
        );
        let listed = || test.group("DescribeAutoScalingInstances", "");
        let id = first(&listed(), "InstanceId").unwrap().to_owned();
        let form = |action: &str, decrements: bool| {
            let flag = format!("&ShouldDecrementDesiredCapacity={decrements}");
            format!("{group}&InstanceIds.member.1={id}{}", if action == "EnterStandby" { &flag } else { "" })
        };
        let refusal = |action: &str, form: &str| test.call(Service::AutoScaling, action, form).unwrap_err().message;
        assert!(refusal("ExitStandby", &form("ExitStandby", false)).contains("not in Standby"));
        test.group("EnterStandby", &form("EnterStandby", true));
        assert!(listed().contains("<LifecycleState>Standby"), "{}", listed());
        assert_eq!(listed().matches("<InstanceId>").count(), 1, "nothing takes its place");
        assert!(refusal("EnterStandby", &form("EnterStandby", false)).contains("not in InService"));
        test.group("ExitStandby", &form("ExitStandby", false));
        assert!(listed().contains("<LifecycleState>InService"), "{}", listed());
        test.group("EnterStandby", &form("EnterStandby", false));
        assert_eq!(listed().matches("<InstanceId>").count(), 2, "another one takes its place");
        assert!(refusal("ExitStandby", &form("ExitStandby", false)).contains("max size 1"));
    }
}
