//! Starting the instances of a fleet until it has its capacity.

use std::sync::Arc;

use compact_str::CompactString;

use super::fleet_input::{Candidate, candidates};
use crate::ops::Ctx;
use crate::ops::instances::launch::launch;
use crate::ops::instances::launch_spec::LaunchSpec;
use crate::ops::instances::prepare::{Prepared, prepare};
use crate::world::{Fleet, FleetError, FleetMember, Instance, InstanceState};
use crate::{Fault, World};

/// The members that have not been terminated.
pub(super) fn living<'a>(
    world: &'a World,
    ctx: &'a Ctx,
    fleet: &'a Fleet,
) -> impl Iterator<Item = (&'a FleetMember, &'a Arc<Instance>)> {
    let scope = world.scope(ctx.account, &ctx.region);
    fleet.members.iter().filter_map(move |member| {
        let instance = scope?.instances.get(&member.instance)?;
        (instance.state != InstanceState::Terminated).then_some((member, instance))
    })
}

/// The capacity in all, and that of instances on demand.
pub(super) fn capacity(world: &World, ctx: &Ctx, fleet: &Fleet) -> (u32, u32) {
    living(world, ctx, fleet).fold((0, 0), |(all, on_demand), (member, _)| {
        (all + member.weight, on_demand + if member.is_spot { 0 } else { member.weight })
    })
}

/// Starts what is missing. What cannot be started is noted in the fleet's errors.
pub(super) fn fill(world: &mut World, ctx: &Ctx, fleet: &mut Fleet) {
    let (all, on_demand) = capacity(world, ctx, fleet);
    let spot_target = fleet.target.saturating_sub(fleet.on_demand);
    let missing =
        [(false, fleet.on_demand.saturating_sub(on_demand)), (true, spot_target.saturating_sub(all - on_demand))];
    for (is_spot, missing) in missing {
        if missing > 0 {
            fill_market(world, ctx, fleet, is_spot, missing);
        }
    }
    fleet.settled_at = ctx.now.plus_secs(world.pace.instance_secs.into());
}

fn fill_market(world: &mut World, ctx: &Ctx, fleet: &mut Fleet, is_spot: bool, missing: u32) {
    let candidates = match candidates(world, ctx, fleet, is_spot) {
        Ok(candidates) => candidates,
        Err(fault) => return note(fleet, &fault, is_spot, (0, 0)),
    };
    let is_diversified = is_spot && strategy(fleet) == "diversified";
    let (mut missing, mut turn) = (missing, 0);
    while missing > 0 {
        let order = (0..candidates.len()).map(|at| (at + turn) % candidates.len().max(1));
        let mut begun = None;
        for candidate in order.map(|at| &candidates[at]) {
            match start(world, ctx, fleet, candidate) {
                Ok(instance) => {
                    begun = Some((instance, candidate));
                    break;
                }
                Err(fault) => note(fleet, &fault, is_spot, candidate.origin),
            }
        }
        let Some((instance, candidate)) = begun else { return };
        fleet.members.push(FleetMember { instance, is_spot, weight: candidate.weight, origin: candidate.origin });
        missing = missing.saturating_sub(candidate.weight);
        turn += usize::from(is_diversified);
    }
}

fn strategy(fleet: &Fleet) -> &str {
    let of_spot = fleet.request.structure("SpotOptions").and_then(|options| options.text("AllocationStrategy"));
    of_spot.or_else(|| fleet.request.text("AllocationStrategy")).unwrap_or_default()
}

/// Each error is noted once.
fn note(fleet: &mut Fleet, fault: &Fault, is_spot: bool, origin: (usize, usize)) {
    let error =
        FleetError { code: fault.code.as_ref().into(), message: fault.message.as_str().into(), is_spot, origin };
    if !fleet.errors.contains(&error) {
        fleet.errors.push(error);
    }
}

fn start(world: &mut World, ctx: &Ctx, fleet: &Fleet, candidate: &Candidate) -> Result<CompactString, Fault> {
    let Prepared { image, launch: mut what } = prepare(world, ctx, LaunchSpec::decode(&candidate.data)?, 1)?;
    let key = if fleet.is_spot_fleet() { "aws:ec2spot:fleet-request-id" } else { "aws:ec2:fleet-id" };
    what.tag([(key, fleet.id.as_str())]);
    if let Some((template, version)) = &candidate.template {
        what.tag_with_template(template, &version.to_string());
    }
    let instances = launch(world, ctx, &image, &what);
    let first = instances.first().map(|instance| instance.id.clone());
    first.ok_or_else(|| Fault::new("InternalError", "Nothing was started."))
}

/// Starts what a fleet of type `maintain` lost.
pub(crate) fn replenish(world: &mut World, ctx: &Ctx, id: &CompactString) {
    let scope = world.scope_mut(ctx.account, &ctx.region);
    let Some(fleet) = scope.fleets.get(id) else { return };
    if fleet.kind != "maintain" || fleet.ended.is_some() {
        return;
    }
    let mut fleet = Fleet::clone(fleet);
    fill(world, ctx, &mut fleet);
    world.scope_mut(ctx.account, &ctx.region).fleets.insert(id.clone(), Arc::new(fleet));
}
