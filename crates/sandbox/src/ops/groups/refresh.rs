//! Instance refreshes: going on from batch to batch as time passes, cancelling, and rolling back.

use std::sync::Arc;

use compact_str::CompactString;

use super::group_scaling::{begin, end, source_of};
use super::group_start::{LaunchSource, is_current};
use crate::ops::Ctx;
use crate::world::{Group, Refresh, RefreshPhase, Rollback};
use crate::{Fault, World};

/// What a refresh starts instances from: the desired configuration, or what the group has.
pub(super) fn target(group: &Group, refresh: &Refresh) -> LaunchSource {
    match &refresh.desired {
        Some(desired) if desired.template.is_some() || desired.mixed.is_some() => LaunchSource {
            launch_configuration: None,
            template: desired.template.clone(),
            mixed: desired.mixed.clone(),
        },
        _ => source_of(group),
    }
}

/// The instances of a group that a refresh has to replace.
pub(super) fn to_replace(
    world: &World,
    ctx: &Ctx,
    group: &Group,
    source: &LaunchSource,
    skip_matching: bool,
) -> Vec<CompactString> {
    let counts = group.instances.iter().filter(|known| !known.is_on_standby && !known.is_protected);
    let stale = counts.filter(|known| !(skip_matching && is_current(world, ctx, source, known)));
    stale.map(|known| known.id.clone()).collect()
}

/// Brings the refresh of a group to this time. The next step that is due is noted in the scope.
pub(super) fn advance(world: &mut World, ctx: &Ctx, name: &CompactString) {
    while let Some(refresh) = active(world, ctx, name) {
        if refresh.next_at > ctx.now {
            world.scope_mut(ctx.account, &ctx.region).note_group_work(name.clone(), refresh.next_at);
            return;
        }
        let Some(group) = world.scope_mut(ctx.account, &ctx.region).groups.get(name).map(Arc::clone) else { return };
        let mut group = Group::clone(&group);
        let at_that_time = Ctx { now: refresh.next_at, ..ctx.clone() };
        step(world, &at_that_time, &mut group, refresh);
        world.scope_mut(ctx.account, &ctx.region).put_group(group);
    }
}

fn active(world: &World, ctx: &Ctx, name: &CompactString) -> Option<Refresh> {
    let group = world.scope(ctx.account, &ctx.region)?.groups.get(name)?;
    group.course.refreshes.last().filter(|refresh| refresh.is_active()).cloned()
}

/// Ends the batch in hand.
fn step(world: &mut World, ctx: &Ctx, group: &mut Group, mut refresh: Refresh) {
    match refresh.phase {
        RefreshPhase::Cancelling => over(&mut refresh, ctx, RefreshPhase::Cancelled),
        RefreshPhase::RollingBack => {
            let source = source_of(group);
            match replace_batch(world, ctx, group, &mut refresh, &source) {
                Ok(()) if refresh.waiting.is_empty() => over(&mut refresh, ctx, RefreshPhase::RolledBack),
                Ok(()) => {}
                Err(fault) => {
                    refresh.reason = Some(failure(&fault).into());
                    over(&mut refresh, ctx, RefreshPhase::RollbackFailed);
                }
            }
        }
        _ => {
            let source = target(group, &refresh);
            match replace_batch(world, ctx, group, &mut refresh, &source) {
                Ok(()) if refresh.waiting.is_empty() => {
                    group.launch_configuration = source.launch_configuration;
                    group.template = source.template;
                    group.mixed = source.mixed;
                    over(&mut refresh, ctx, RefreshPhase::Successful);
                }
                Ok(()) => {}
                Err(fault) => {
                    let reason = failure(&fault);
                    if refresh.preferences.flag("AutoRollback").unwrap_or(false) {
                        roll_back(world, ctx, &mut refresh, &reason);
                    } else {
                        over(&mut refresh, ctx, RefreshPhase::Failed);
                    }
                    refresh.reason = Some(reason.into());
                }
            }
        }
    }
    if refresh.is_active() {
        let pause_secs = if is_at_checkpoint(&refresh) { checkpoint_delay_secs(&refresh) } else { 0 };
        refresh.next_at = ctx.now.plus_secs(i64::from(world.pace.task_secs) + pause_secs);
    }
    if let Some(last) = group.course.refreshes.last_mut() {
        *last = refresh;
    }
}

/// Whether as many instances are replaced as one of `CheckpointPercentages` says.
fn is_at_checkpoint(refresh: &Refresh) -> bool {
    let waiting = u32::try_from(refresh.waiting.len()).unwrap_or(u32::MAX);
    let done = refresh.total.saturating_sub(waiting);
    let percentages = refresh.preferences.texts("CheckpointPercentages").unwrap_or_default();
    let counts = percentages
        .iter()
        .filter_map(|text| text.parse::<u32>().ok())
        .map(|percentage| refresh.total.saturating_mul(percentage.min(100)).div_ceil(100));
    refresh.phase == RefreshPhase::Replacing && done > 0 && waiting > 0 && counts.into_iter().any(|count| count == done)
}

/// Seconds that a refresh waits at a checkpoint.
fn checkpoint_delay_secs(refresh: &Refresh) -> i64 {
    refresh.preferences.integer("CheckpointDelay").ok().flatten().unwrap_or(3600).clamp(0, 172_800)
}

fn failure(fault: &Fault) -> String {
    format!("Launching a new EC2 instance. Status Reason: {} Launching EC2 instance failed.", fault.message)
}

fn over(refresh: &mut Refresh, ctx: &Ctx, phase: RefreshPhase) {
    refresh.phase = phase;
    refresh.ended_at = Some(ctx.now);
}

/// Turns a refresh round: what it started is replaced by what the group has.
pub(super) fn roll_back(world: &World, ctx: &Ctx, refresh: &mut Refresh, reason: &str) {
    refresh.rollback = Some(Rollback {
        reason: reason.into(),
        started_at: ctx.now,
        percentage: refresh.percentage(),
        to_update: u32::try_from(refresh.waiting.len()).unwrap_or(u32::MAX),
    });
    refresh.waiting = std::mem::take(&mut refresh.started);
    refresh.phase = RefreshPhase::RollingBack;
    refresh.next_at = ctx.now.plus_secs(world.pace.task_secs.into());
}

/// Replaces the instances of one batch. One that cannot be started leaves the rest as it is.
fn replace_batch(
    world: &mut World,
    ctx: &Ctx,
    group: &mut Group,
    refresh: &mut Refresh,
    source: &LaunchSource,
) -> Result<(), Fault> {
    for at in 0..refresh.batch {
        if at > 0 && is_at_checkpoint(refresh) {
            return Ok(());
        }
        let Some(id) = refresh.waiting.first().cloned() else { return Ok(()) };
        // What was terminated meanwhile has been replaced by the group itself.
        if let Some(at) = group.instances.iter().position(|known| known.id == id) {
            let cause = "an instance was launched in response to an instance refresh";
            let known = begin(world, ctx, group, source, cause)?;
            refresh.started.push(known.id.clone());
            let gone = std::mem::replace(&mut group.instances[at], known);
            end(world, ctx, group, &gone, "an instance was taken out of service in response to an instance refresh");
        }
        refresh.waiting.remove(0);
    }
    Ok(())
}
