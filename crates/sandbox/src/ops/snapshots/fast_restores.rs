//! EC2 `EnableFastSnapshotRestores` and `DisableFastSnapshotRestores`: each snapshot in each zone by itself.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Moment, Region, SnapshotId};
use compact_str::{CompactString, format_compact};

use super::own_snapshot::{require_usable, restorable_snapshot};
use crate::ops::input::snapshot_id;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{FastRestore, Scope, zones};
use crate::world::{zone_id, zone_of_id};
use crate::{Fault, World};

pub(crate) struct FastRestoresInput {
    zones: Vec<String>,
    zone_ids: Vec<String>,
    snapshots: Vec<SnapshotId>,
}

pub(crate) struct FastRestoresOutput {
    successful: Vec<Arc<FastRestore>>,
    unsuccessful: Vec<(SnapshotId, Vec<(String, Fault)>)>,
    ctx: Ctx,
}

pub(crate) struct EnableFastSnapshotRestores;

impl Op for EnableFastSnapshotRestores {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "EnableFastSnapshotRestores");
    type Input = FastRestoresInput;
    type Output = FastRestoresOutput;

    fn decode(params: &Params) -> Result<FastRestoresInput, Fault> {
        decode(params)
    }

    fn run(world: &mut World, ctx: &Ctx, input: FastRestoresInput) -> Result<FastRestoresOutput, Fault> {
        let enabled_at = ctx.now.plus_secs(world.pace.task_secs.into());
        each(world, ctx, &input, |world, snapshot, zone| {
            let found = restorable_snapshot(world, ctx, &ctx.region, snapshot)
                .ok_or_else(|| Fault::no_snapshot(snapshot.as_str()))?;
            require_usable(&found, ctx)?;
            let shelf = &mut world.scope_mut(ctx.account, &ctx.region).snapshot_shelves.fast_restores;
            if let Some(have) = shelf.get(&key(snapshot, zone)).filter(|have| have.disabling_at.is_none()) {
                return Ok(Arc::clone(have));
            }
            Ok(Arc::new(FastRestore {
                snapshot: snapshot.clone(),
                zone: zone.into(),
                enabling_at: ctx.now,
                enabled_at,
                disabling_at: None,
            }))
        })
    }
}

pub(crate) struct DisableFastSnapshotRestores;

impl Op for DisableFastSnapshotRestores {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DisableFastSnapshotRestores");
    type Input = FastRestoresInput;
    type Output = FastRestoresOutput;

    fn decode(params: &Params) -> Result<FastRestoresInput, Fault> {
        decode(params)
    }

    fn run(world: &mut World, ctx: &Ctx, input: FastRestoresInput) -> Result<FastRestoresOutput, Fault> {
        let done = ctx.now.plus_secs(world.pace.task_secs.into());
        each(world, ctx, &input, |world, snapshot, zone| {
            let shelf = &world.scope_mut(ctx.account, &ctx.region).snapshot_shelves.fast_restores;
            match shelf.get(&key(snapshot, zone)).filter(|have| have.disabling_at.is_none()) {
                Some(have) => {
                    Ok(Arc::new(FastRestore { disabling_at: Some((ctx.now, done)), ..FastRestore::clone(have) }))
                }
                None => {
                    let message = format!("Fast snapshot restores are not enabled for {snapshot} in {zone}.");
                    Err(Fault::new("InvalidFastSnapshotRestoreState", message))
                }
            }
        })
    }
}

fn decode(params: &Params) -> Result<FastRestoresInput, Fault> {
    let input = FastRestoresInput {
        zones: params.texts("AvailabilityZone")?,
        zone_ids: params.texts("AvailabilityZoneId")?,
        snapshots: params.texts("SourceSnapshotId")?.iter().map(|id| snapshot_id(id)).collect::<Result<_, _>>()?,
    };
    match (input.zones.is_empty(), input.zone_ids.is_empty()) {
        (true, true) => return Err(Fault::missing("AvailabilityZone")),
        (false, false) => {
            let message = "AvailabilityZone cannot be used with AvailabilityZoneId";
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        _ => {}
    }
    if input.snapshots.is_empty() {
        return Err(Fault::missing("SourceSnapshotId"));
    }
    Ok(input)
}

/// Does something with each snapshot in each zone; what fails does not stop the rest.
fn each(
    world: &mut World,
    ctx: &Ctx,
    input: &FastRestoresInput,
    act: impl Fn(&mut World, &SnapshotId, &str) -> Result<Arc<FastRestore>, Fault>,
) -> Result<FastRestoresOutput, Fault> {
    let mut output = FastRestoresOutput { successful: Vec::new(), unsuccessful: Vec::new(), ctx: ctx.clone() };
    let zones = named_zones(ctx, input);
    for snapshot in &input.snapshots {
        let mut failed = Vec::new();
        for zone in &zones {
            let restore = match zone {
                Ok(zone) => act(world, snapshot, zone).map_err(|fault| (zone.clone(), fault)),
                Err((name, fault)) => Err((name.clone(), fault.clone())),
            };
            match restore {
                Ok(restore) => output.successful.push(restore),
                Err(error) => failed.push(error),
            }
        }
        if !failed.is_empty() {
            output.unsuccessful.push((snapshot.clone(), failed));
        }
    }
    ctx.commit()?;
    let shelf = &mut world.scope_mut(ctx.account, &ctx.region).snapshot_shelves.fast_restores;
    for restore in &output.successful {
        shelf.insert(key(&restore.snapshot, &restore.zone), Arc::clone(restore));
    }
    Ok(output)
}

/// The zones that are named or identified; those that are not there with the refusal.
fn named_zones(ctx: &Ctx, input: &FastRestoresInput) -> Vec<Result<String, (String, Fault)>> {
    let have = zones(&ctx.region);
    let by_name = input.zones.iter().map(|zone| have.contains(zone).then(|| zone.clone()).ok_or(zone));
    let by_id = input.zone_ids.iter().map(|id| zone_of_id(&ctx.region, id).ok_or(id));
    let refusal = |name: &String| {
        let message = format!("The zone '{}' does not exist.", name.chars().take(60).collect::<String>());
        (name.clone(), Fault::new("InvalidZone.NotFound", message))
    };
    by_name.chain(by_id).map(|zone| zone.map_err(refusal)).collect()
}

fn key(snapshot: &SnapshotId, zone: &str) -> CompactString {
    format_compact!("{snapshot}/{zone}")
}

/// Whether fast restores of this snapshot are on in any zone.
pub(crate) fn is_on(world: &World, ctx: &Ctx, snapshot: &SnapshotId) -> bool {
    world.scope(ctx.account, &ctx.region).is_some_and(|scope| {
        let restores = scope.snapshot_shelves.fast_restores.values();
        restores.into_iter().any(|restore| restore.snapshot == *snapshot && restore.disabling_at.is_none())
    })
}

/// Whether fast restores of this snapshot have been enabled in this zone.
pub(crate) fn is_enabled(world: &World, ctx: &Ctx, snapshot: &SnapshotId, zone: &str) -> bool {
    let restore = world
        .scope(ctx.account, &ctx.region)
        .and_then(|scope| scope.snapshot_shelves.fast_restores.get(&key(snapshot, zone)));
    restore.is_some_and(|restore| restore.state(ctx.now) == "enabled")
}

/// Switches off the fast restores of a snapshot that goes.
pub(super) fn switch_off(scope: &mut Scope, snapshot: &SnapshotId, now: Moment) {
    let shelf = &mut scope.snapshot_shelves.fast_restores;
    let keys: Vec<CompactString> =
        shelf.iter().filter(|(_, restore)| restore.snapshot == *snapshot).map(|(key, _)| key.clone()).collect();
    for key in keys {
        if let Some(restore) = shelf.get_mut(&key)
            && restore.disabling_at.is_none()
        {
            Arc::make_mut(restore).disabling_at = Some((now, now));
        }
    }
}

impl Encode for FastRestoresOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("successful", "item", &self.successful, |xml, restore| write_fast_restore(xml, restore, &self.ctx));
        xml.list("unsuccessful", "item", &self.unsuccessful, |xml, (snapshot, errors)| {
            xml.text("snapshotId", snapshot);
            xml.list("fastSnapshotRestoreStateErrorSet", "item", errors, |xml, (zone, fault)| {
                xml.text("availabilityZone", zone);
                xml.element("error", |xml| {
                    xml.text("code", &fault.code);
                    xml.text("message", &fault.message);
                });
            });
        });
    }
}

/// The members of a fast restore.
pub(super) fn write_fast_restore(xml: &mut Xml, restore: &FastRestore, ctx: &Ctx) {
    let region: &Region = &ctx.region;
    xml.text("snapshotId", &restore.snapshot);
    xml.text("availabilityZone", &restore.zone);
    xml.text("availabilityZoneId", zone_id(region, &restore.zone));
    let state = restore.state(ctx.now);
    xml.text("state", state);
    let is_on_its_way = matches!(state, "enabling" | "disabling");
    let reason =
        if is_on_its_way { "Client.UserInitiated" } else { "Client.UserInitiated - Lifecycle state transition" };
    xml.text("stateTransitionReason", reason);
    xml.value("ownerId", ctx.account);
    let (disabling_at, disabled_at) = restore.disabling_at.unzip();
    let reached = |at: &Moment| *at <= ctx.now;
    let until = |at: &Moment| disabling_at.is_none_or(|end| *at <= end);
    for (name, at) in [
        ("enablingTime", Some(restore.enabling_at)),
        ("optimizingTime", Some(restore.optimizing_at()).filter(until)),
        ("enabledTime", Some(restore.enabled_at).filter(until)),
        ("disablingTime", disabling_at),
        ("disabledTime", disabled_at),
    ] {
        if let Some(at) = at.filter(reached) {
            xml.time(name, at);
        }
    }
}
