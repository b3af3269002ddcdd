//! What groups and fleets do by themselves, looked after when anything is called: instances that are gone are replaced, instance
//! refreshes go on. It depends on the time and on what there is, not on which call it was.

use amictl_model::Moment;
use compact_str::CompactString;

use super::group_scaling::scale;
use super::refresh::advance;
use crate::World;
use crate::ops::Ctx;
use crate::ops::fleets::fleet_launch::replenish;

/// Steps that one call may take, so that a clock that jumps far is caught up with in a few calls at most.
const STEPS_MAX: usize = 10_000;

/// Does what groups of the caller's account and Region had to do until now.
pub(crate) fn settle(world: &mut World, ctx: &Ctx) {
    for _ in 0..STEPS_MAX {
        if let Some((id, at)) = next_fleet(world, ctx) {
            world.scope_mut(ctx.account, &ctx.region).fleet_work.remove(&id);
            replenish(world, &Ctx { now: at, dry_run: false, ..ctx.clone() }, &id);
            continue;
        }
        let Some((name, at)) = next(world, ctx) else { return };
        let at_that_time = Ctx { now: at, dry_run: false, ..ctx.clone() };
        world.scope_mut(ctx.account, &ctx.region).group_work.remove(&name);
        advance(world, &at_that_time, &name);
        scale(world, &at_that_time, &name);
    }
}

/// The fleet whose time has come.
fn next_fleet(world: &World, ctx: &Ctx) -> Option<(CompactString, Moment)> {
    let work = &world.scope(ctx.account, &ctx.region)?.fleet_work;
    let (id, at) = work.iter().min_by_key(|(_, at)| **at)?;
    (*at <= ctx.now).then(|| (id.clone(), *at))
}

/// The group that has to do something first, if its time has come.
fn next(world: &World, ctx: &Ctx) -> Option<(CompactString, Moment)> {
    let work = &world.scope(ctx.account, &ctx.region)?.group_work;
    let (name, at) = work.iter().min_by_key(|(_, at)| **at)?;
    (*at <= ctx.now).then(|| (name.clone(), *at))
}
