//! Auto Scaling `SetDesiredCapacity`, `SuspendProcesses` and `ResumeProcesses`.

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::create_group::group_of;
use super::group_scaling::scale;
use crate::ops::{Ctx, Nothing, Op};
use crate::wire::Params;
use crate::world::Group;
use crate::{Fault, World};

pub(crate) struct SetDesiredCapacity;

impl Op for SetDesiredCapacity {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "SetDesiredCapacity");
    type Input = (String, u32);
    type Output = Nothing;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        params.flag("HonorCooldown")?;
        let desired = params.unsigned("DesiredCapacity")?.ok_or_else(|| Fault::missing("DesiredCapacity"))?;
        Ok((params.required("AutoScalingGroupName")?.to_owned(), desired))
    }

    fn run(world: &mut World, ctx: &Ctx, (name, desired): Self::Input) -> Result<Nothing, Fault> {
        let mut group = Group::clone(&*group_of(world, ctx, &name)?);
        if desired < group.min_size || desired > group.max_size {
            let (what, bound, size) = if desired < group.min_size {
                ("below", "min", group.min_size)
            } else {
                ("above", "max", group.max_size)
            };
            let message = format!(
                "New SetDesiredCapacity value {desired} is {what} {bound} value {size} for the AutoScalingGroup."
            );
            return Err(Fault::validation(message));
        }
        group.desired = desired;
        let name = group.name.clone();
        world.scope_mut(ctx.account, &ctx.region).put_group(group);
        scale(world, ctx, &name);
        Ok(Nothing)
    }
}

/// The processes that can be suspended.
const PROCESSES: &[&str] = &[
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
];

fn processes(params: &Params) -> Result<(String, Vec<CompactString>), Fault> {
    let mut named = params.texts("ScalingProcesses")?;
    if named.is_empty() {
        named = PROCESSES.iter().map(|&process| process.to_owned()).collect();
    }
    if let Some(other) = named.iter().find(|name| !PROCESSES.contains(&name.as_str())) {
        let other: String = other.chars().take(60).collect();
        return Err(Fault::validation(format!("{other} is not a valid scaling process.")));
    }
    let name = params.required("AutoScalingGroupName")?.to_owned();
    Ok((name, named.into_iter().map(CompactString::from).collect()))
}

pub(crate) struct SuspendProcesses;

impl Op for SuspendProcesses {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "SuspendProcesses");
    type Input = (String, Vec<CompactString>);
    type Output = Nothing;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        processes(params)
    }

    fn run(world: &mut World, ctx: &Ctx, (name, processes): Self::Input) -> Result<Nothing, Fault> {
        let mut group = Group::clone(&*group_of(world, ctx, &name)?);
        group.course.suspended.extend(processes);
        group.course.suspended.sort_unstable();
        group.course.suspended.dedup();
        world.scope_mut(ctx.account, &ctx.region).put_group(group);
        Ok(Nothing)
    }
}

pub(crate) struct ResumeProcesses;

impl Op for ResumeProcesses {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "ResumeProcesses");
    type Input = (String, Vec<CompactString>);
    type Output = Nothing;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        processes(params)
    }

    fn run(world: &mut World, ctx: &Ctx, (name, processes): Self::Input) -> Result<Nothing, Fault> {
        let mut group = Group::clone(&*group_of(world, ctx, &name)?);
        group.course.suspended.retain(|suspended| !processes.contains(suspended));
        let name = group.name.clone();
        world.scope_mut(ctx.account, &ctx.region).put_group(group);
        scale(world, ctx, &name);
        Ok(Nothing)
    }
}
