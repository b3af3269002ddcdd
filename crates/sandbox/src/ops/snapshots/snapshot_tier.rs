//! EC2 `ModifySnapshotTier` and `RestoreSnapshotTier`: into the archive and out of it, for a time or for good.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageState, Moment, SnapshotId, StorageTier};

use super::own_snapshot::{change_snapshot, own_snapshot, require_usable};
use crate::ops::input::snapshot_id;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{Snapshot, Tiering, TieringKind};
use crate::{Fault, World};

const DAY_SECS: i64 = 86_400;

pub(crate) struct ModifySnapshotTier;

pub(crate) struct ModifySnapshotTierOutput {
    snapshot: SnapshotId,
    started_at: Moment,
}

impl Op for ModifySnapshotTier {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ModifySnapshotTier");
    type Input = SnapshotId;
    type Output = ModifySnapshotTierOutput;

    fn decode(params: &Params) -> Result<SnapshotId, Fault> {
        match params.text("StorageTier") {
            None | Some("" | "archive") => snapshot_id(params.required("SnapshotId")?),
            Some(other) => Err(Fault::invalid_value("StorageTier", other)),
        }
    }

    fn run(world: &mut World, ctx: &Ctx, id: SnapshotId) -> Result<ModifySnapshotTierOutput, Fault> {
        let snapshot = own_snapshot(world, ctx, &id)?;
        require_at_rest(&snapshot, ctx)?;
        require_usable(&snapshot, ctx)?;
        if snapshot.tier == StorageTier::Archive {
            let message = format!("Snapshot '{id}' is temporarily restored and returns to the archive by itself.");
            return Err(Fault::new("IncorrectState", message));
        }
        require_no_launchable_image(world, ctx, &id)?;
        if super::fast_restores::is_on(world, ctx, &id) {
            let message = format!("Snapshot '{id}' is enabled for fast snapshot restore and cannot be archived.");
            return Err(Fault::new("IncorrectState", message));
        }
        let done_at = ctx.now.plus_secs(world.pace.task_secs.into());
        change_snapshot(world, ctx, &id, |snapshot| {
            snapshot.tier = StorageTier::Archive;
            let kind = TieringKind::Archive;
            snapshot.more_mut().tiering = Some(Tiering { kind, started_at: ctx.now, done_at, archived_at: done_at });
        })?;
        Ok(ModifySnapshotTierOutput { snapshot: id, started_at: ctx.now })
    }
}

/// Refuses while a move between the tiers is going on.
fn require_at_rest(snapshot: &Snapshot, ctx: &Ctx) -> Result<(), Fault> {
    let tiering = snapshot.more.as_ref().and_then(|more| more.tiering.as_ref());
    match tiering.filter(|tiering| tiering.is_running(ctx.now)) {
        None => Ok(()),
        Some(tiering) => {
            let message = format!("Snapshot '{}' is in the state '{}'.", snapshot.id, tiering.status(ctx.now));
            Err(Fault::new("IncorrectState", message))
        }
    }
}

/// Refuses a snapshot with an image that is not disabled.
fn require_no_launchable_image(world: &World, ctx: &Ctx, id: &SnapshotId) -> Result<(), Fault> {
    let Some(scope) = world.scope(ctx.account, &ctx.region) else { return Ok(()) };
    let is_disabled = |image| scope.image(image).is_none_or(|image| image.state == ImageState::Disabled);
    match scope.users_of(id).iter().find(|image| !is_disabled(image)) {
        None => Ok(()),
        Some(image) => {
            let message = format!("The snapshot {id} is currently in use by {image}, which is not disabled");
            Err(Fault::new("InvalidSnapshot.InUse", message))
        }
    }
}

impl Encode for ModifySnapshotTierOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.text("snapshotId", &self.snapshot);
        xml.time("tieringStartTime", self.started_at);
    }
}

pub(crate) struct RestoreSnapshotTier;

pub(crate) struct RestoreSnapshotTierInput {
    snapshot: SnapshotId,
    /// Days of a temporary restore; none is for good.
    days: Option<u32>,
}

pub(crate) struct RestoreSnapshotTierOutput {
    snapshot: SnapshotId,
    started_at: Moment,
    days: Option<u32>,
}

impl Op for RestoreSnapshotTier {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RestoreSnapshotTier");
    type Input = RestoreSnapshotTierInput;
    type Output = RestoreSnapshotTierOutput;

    fn decode(params: &Params) -> Result<RestoreSnapshotTierInput, Fault> {
        let days = params.unsigned("TemporaryRestoreDays")?;
        match (days, params.flag("PermanentRestore")?) {
            (None, false) => Err(Fault::missing("TemporaryRestoreDays")),
            (Some(_), true) => Err(Fault::new(
                "InvalidParameterCombination",
                "TemporaryRestoreDays cannot be used with PermanentRestore",
            )),
            (Some(days), false) if !(1..=180).contains(&days) => {
                Err(Fault::invalid_value("TemporaryRestoreDays", &days.to_string()))
            }
            (days, _) => Ok(RestoreSnapshotTierInput { snapshot: snapshot_id(params.required("SnapshotId")?)?, days }),
        }
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let snapshot = own_snapshot(world, ctx, &input.snapshot)?;
        require_at_rest(&snapshot, ctx)?;
        if snapshot.tier != StorageTier::Archive {
            let message = format!("Snapshot '{}' is not archived.", input.snapshot);
            return Err(Fault::new("IncorrectState", message));
        }
        let is_restored = snapshot.tier_at(ctx.now) == StorageTier::Standard;
        // Of a snapshot that is restored already only the period is changed.
        let secs = if is_restored { 0 } else { i64::from(world.pace.task_secs) };
        let done_at = ctx.now.plus_secs(secs);
        let kind = match input.days {
            None => TieringKind::PermanentRestore,
            Some(days) => TieringKind::TemporaryRestore { expires_at: done_at.plus_secs(i64::from(days) * DAY_SECS) },
        };
        change_snapshot(world, ctx, &input.snapshot, |snapshot| {
            if kind == TieringKind::PermanentRestore {
                snapshot.tier = StorageTier::Standard;
            }
            let more = snapshot.more_mut();
            let archived_at = more.tiering.as_ref().map_or(ctx.now, |tiering| tiering.archived_at);
            more.tiering = Some(Tiering { kind, started_at: ctx.now, done_at, archived_at });
        })?;
        Ok(RestoreSnapshotTierOutput { snapshot: input.snapshot, started_at: ctx.now, days: input.days })
    }
}

impl Encode for RestoreSnapshotTierOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.text("snapshotId", &self.snapshot);
        xml.time("restoreStartTime", self.started_at);
        if let Some(days) = self.days {
            xml.value("restoreDuration", days);
        }
        xml.value("isPermanentRestore", self.days.is_none());
    }
}
