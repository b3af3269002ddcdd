//! Starting and terminating a group's instances until there are as many as desired.

use std::sync::Arc;

use compact_str::{CompactString, format_compact};

use super::activities::{Outcome, note};
use super::group_start::{LaunchSource, Start, is_current, start};
use crate::ops::Ctx;
use crate::ops::instances::launch::{launch, terminate_because};
use crate::wire::wire_time;
use crate::world::{Group, GroupInstance, GroupTemplate, Instance, InstanceState};
use crate::{Fault, World};

/// What a group starts instances from.
pub(crate) fn source_of(group: &Group) -> LaunchSource {
    LaunchSource {
        launch_configuration: group.launch_configuration.clone(),
        template: group.template.clone(),
        mixed: group.mixed.clone(),
    }
}

/// Brings the group to its desired size. Launches that fail leave it smaller, and leave an activity that says why.
pub(crate) fn scale(world: &mut World, ctx: &Ctx, name: &CompactString) {
    let Some(group) = world.scope_mut(ctx.account, &ctx.region).groups.get(name).map(Arc::clone) else { return };
    let mut group = Group::clone(&group);
    group.instances = living(world, ctx, &group.instances);
    let source = source_of(&group);
    let is_suspended = |process: &str| group.course.suspended.iter().any(|suspended| suspended == process);
    let (may_launch, may_terminate) = (!is_suspended("Launch"), !is_suspended("Terminate"));
    let desired = u64::from(group.desired);
    while may_terminate && capacity(&group) > desired {
        let Some(at) = first_to_go(world, ctx, &group, &source) else { break };
        let gone = group.instances.remove(at);
        let before = capacity(&group) + u64::from(gone.weight);
        end(world, ctx, &mut group, &gone, &change("shrinking the capacity", before, desired));
    }
    while may_launch && capacity(&group) < desired {
        let before = capacity(&group);
        let cause = change("increasing the capacity", before, desired);
        if let Some(warm) = from_warm_pool(world, ctx, &mut group) {
            group.instances.push(warm);
            continue;
        }
        let Ok(instance) = begin(world, ctx, &mut group, &source, &cause) else { break };
        group.instances.push(instance);
    }
    super::warm_pool::fill(world, ctx, &mut group);
    world.scope_mut(ctx.account, &ctx.region).put_group(group);
}

fn change(what: &str, from: u64, to: u64) -> String {
    format!(
        "an instance was taken in response to a difference between desired and actual capacity, {what} from {from} to {to}"
    )
}

/// The capacity units in service.
pub(crate) fn capacity(group: &Group) -> u64 {
    group.instances.iter().filter(|instance| !instance.is_on_standby).map(|instance| u64::from(instance.weight)).sum()
}

/// Those that have not been terminated or stopped behind the group's back.
pub(super) fn living(world: &World, ctx: &Ctx, instances: &[GroupInstance]) -> Vec<GroupInstance> {
    let scope = world.scope(ctx.account, &ctx.region);
    let lives = |known: &&GroupInstance| {
        let instance = scope.and_then(|scope| scope.instances.get(&known.id));
        instance.is_some_and(|instance| match instance.state {
            InstanceState::Running => true,
            InstanceState::Stopped => known.is_on_standby,
            InstanceState::Terminated => false,
        })
    };
    instances.iter().filter(lives).cloned().collect()
}

/// The instance that is terminated first: in the fullest zone, not started as the group starts them now, the oldest.
fn first_to_go(world: &World, ctx: &Ctx, group: &Group, source: &LaunchSource) -> Option<usize> {
    let scope = world.scope(ctx.account, &ctx.region)?;
    let zone = |known: &GroupInstance| scope.instances.get(&known.id).map(|instance| instance.zone.clone());
    let in_zone = |at: &Option<CompactString>| group.instances.iter().filter(|other| zone(other) == *at).count();
    let candidates =
        group.instances.iter().enumerate().filter(|(_, known)| !known.is_protected && !known.is_on_standby);
    candidates
        .min_by_key(|(at, known)| {
            let fullest_first = usize::MAX - in_zone(&zone(known));
            (fullest_first, is_current(world, ctx, source, known), *at)
        })
        .map(|(at, _)| at)
}

/// The zone of the group with the fewest instances.
fn next_zone(world: &World, ctx: &Ctx, group: &Group) -> Option<CompactString> {
    let scope = world.scope(ctx.account, &ctx.region);
    let count = |zone: &CompactString| {
        let is_there = |known: &&GroupInstance| {
            scope.and_then(|scope| scope.instances.get(&known.id)).is_some_and(|instance| instance.zone == *zone)
        };
        group.instances.iter().filter(is_there).count()
    };
    group.zones.iter().min_by_key(|zone| count(zone)).cloned()
}

/// Whether the next instance of a mixed group is a Spot Instance.
fn next_is_spot(world: &World, ctx: &Ctx, group: &Group) -> bool {
    let Some(distribution) = group.mixed.as_ref().and_then(|mixed| mixed.distribution.as_ref()) else { return false };
    let number =
        |name: &str, default: u64| distribution.text(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (base, percentage) = (number("OnDemandBaseCapacity", 0), number("OnDemandPercentageAboveBaseCapacity", 100));
    let scope = world.scope(ctx.account, &ctx.region);
    let is_spot = |known: &&GroupInstance| {
        let instance = scope.and_then(|scope| scope.instances.get(&known.id));
        instance.is_some_and(|instance| instance.settings.spot_request.is_some())
    };
    let spot: u64 = group.instances.iter().filter(is_spot).map(|known| u64::from(known.weight)).sum();
    let on_demand = capacity(group).saturating_sub(spot);
    let above_base = u64::from(group.desired).saturating_sub(base);
    // Rounded up, in favour of instances on demand.
    on_demand >= base + (above_base * percentage.min(100)).div_ceil(100)
}

/// Starts one instance for a group from this source, and notes the activity.
pub(super) fn begin(
    world: &mut World,
    ctx: &Ctx,
    group: &mut Group,
    source: &LaunchSource,
    cause: &str,
) -> Result<GroupInstance, Fault> {
    match started(world, ctx, group, source) {
        Ok((instance, known)) => {
            let until = instance.state_since;
            let description = format!("Launching a new EC2 instance: {}", instance.id);
            let cause = format!("At {} {cause}.", wire_time(ctx.now));
            note(world, ctx, group, description, cause, Outcome::Ends(until));
            Ok(known)
        }
        Err(fault) => {
            let reason = format!("{} Launching EC2 instance failed.", fault.message);
            let cause = format!("At {} {cause}.", wire_time(ctx.now));
            let description = format!("Launching a new EC2 instance.  Status Reason: {reason}");
            note(world, ctx, group, description, cause, Outcome::Failed(reason));
            Err(fault)
        }
    }
}

/// Starts one instance for a group from this source.
pub(super) fn started(
    world: &mut World,
    ctx: &Ctx,
    group: &Group,
    source: &LaunchSource,
) -> Result<(Arc<Instance>, GroupInstance), Fault> {
    let zone = next_zone(world, ctx, group);
    let is_spot = source.mixed.is_some() && next_is_spot(world, ctx, group);
    let Start { mut prepared, launch_configuration, template, weight } =
        start(world, ctx, source, zone.as_ref(), is_spot)?;
    let propagated = group.tags.iter().filter(|(key, _)| group.propagated.iter().any(|name| name == key));
    prepared.launch.tag(propagated.chain([("aws:autoscaling:groupName", group.name.as_str())]));
    if let Some(GroupTemplate { id, version: Some(version), .. }) = &template {
        prepared.launch.tag_with_template(id, version);
    }
    prepared.launch.group = Some(group.name.clone());
    let instances = launch(world, ctx, &prepared.image, &prepared.launch);
    let instance = instances.into_iter().next().ok_or_else(|| Fault::validation("The group starts nothing."))?;
    let is_protected = group.options.flag("NewInstancesProtectedFromScaleIn").unwrap_or(false);
    let id = instance.id.clone();
    let known = GroupInstance { id, launch_configuration, template, weight, is_protected, is_on_standby: false };
    Ok((instance, known))
}

/// Terminates one instance of a group, and notes the activity.
pub(super) fn end(world: &mut World, ctx: &Ctx, group: &mut Group, gone: &GroupInstance, cause: &str) {
    let message = format!("Terminated by Auto Scaling group {}", group.name);
    terminate_because(world, ctx, &gone.id, "Server.ScheduledStop", &message);
    let until = ctx.now.plus_secs(world.pace.instance_secs.into());
    let description = format!("Terminating EC2 instance: {}", gone.id);
    let cause = format!("At {} {cause}.", wire_time(ctx.now));
    note(world, ctx, group, description, cause, Outcome::Ends(until));
}

/// Takes an instance out of the warm pool into service, starting it if it was stopped.
fn from_warm_pool(world: &mut World, ctx: &Ctx, group: &mut Group) -> Option<GroupInstance> {
    let pool = group.course.warm_pool.as_mut()?;
    let warm = if pool.instances.is_empty() { return None } else { pool.instances.remove(0) };
    let until = ctx.now.plus_secs(world.pace.instance_secs.into());
    let instance = world.scope_mut(ctx.account, &ctx.region).instances.get_mut(&warm.id).map(Arc::make_mut)?;
    if instance.state == InstanceState::Terminated {
        return None;
    }
    instance.restart(ctx.now, until);
    let description = format_compact!("Launching a new EC2 instance from warm pool: {}", warm.id);
    let cause = format!("At {} an instance was taken from the warm pool.", wire_time(ctx.now));
    note(world, ctx, group, description.to_string(), cause, Outcome::Ends(until));
    Some(warm)
}
