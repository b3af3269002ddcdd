//! EC2 `LockSnapshot` and `UnlockSnapshot`.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Moment, SnapshotId};

use super::lock_xml::write_lock;
use super::own_snapshot::{change_snapshot, own_snapshot};
use crate::ops::input::snapshot_id;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{LockState, Snapshot, SnapshotLock};
use crate::{Fault, World};

const DAY_SECS: i64 = 86_400;

/// Days that a lock may hold.
const DAYS_MAX: u32 = 36_500;

pub(crate) struct LockSnapshot;

pub(crate) struct LockSnapshotInput {
    snapshot: SnapshotId,
    is_compliance: bool,
    cool_off_hours: Option<u32>,
    until: Until,
}

/// How long a lock is to hold.
enum Until {
    Days(u32),
    Date(Moment),
}

pub(crate) struct LockSnapshotOutput {
    snapshot: SnapshotId,
    lock: SnapshotLock,
    now: Moment,
}

impl Op for LockSnapshot {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "LockSnapshot");
    type Input = LockSnapshotInput;
    type Output = LockSnapshotOutput;

    fn decode(params: &Params) -> Result<LockSnapshotInput, Fault> {
        let is_compliance = match params.required("LockMode")? {
            "compliance" => true,
            "governance" => false,
            other => return Err(Fault::invalid_value("LockMode", other)),
        };
        let cool_off_hours = params.unsigned("CoolOffPeriod")?;
        match cool_off_hours {
            Some(_) if !is_compliance => {
                let message = "CoolOffPeriod can be used with the lock mode compliance only";
                return Err(Fault::new("InvalidParameterCombination", message));
            }
            Some(hours) if !(1..=72).contains(&hours) => {
                return Err(Fault::invalid_value("CoolOffPeriod", &hours.to_string()));
            }
            _ => {}
        }
        let until = match (params.unsigned("LockDuration")?, params.moment("ExpirationDate")?) {
            (Some(days @ 1..=DAYS_MAX), None) => Until::Days(days),
            (Some(days), None) => return Err(Fault::invalid_value("LockDuration", &days.to_string())),
            (None, Some(date)) => Until::Date(date),
            (None, None) => return Err(Fault::missing("LockDuration")),
            (Some(_), Some(_)) => {
                let message = "LockDuration cannot be used with ExpirationDate";
                return Err(Fault::new("InvalidParameterCombination", message));
            }
        };
        let snapshot = snapshot_id(params.required("SnapshotId")?)?;
        Ok(LockSnapshotInput { snapshot, is_compliance, cool_off_hours, until })
    }

    fn run(world: &mut World, ctx: &Ctx, input: LockSnapshotInput) -> Result<LockSnapshotOutput, Fault> {
        let snapshot = own_snapshot(world, ctx, &input.snapshot)?;
        let lock = new_lock(&snapshot, ctx, &input)?;
        require_extension(&snapshot, ctx, &lock)?;
        change_snapshot(world, ctx, &input.snapshot, |snapshot| snapshot.more_mut().lock = Some(lock.clone()))?;
        Ok(LockSnapshotOutput { snapshot: input.snapshot, lock, now: ctx.now })
    }
}

/// The lock that is asked for; of a pending snapshot its duration starts when the snapshot is completed.
fn new_lock(snapshot: &Snapshot, ctx: &Ctx, input: &LockSnapshotInput) -> Result<SnapshotLock, Fault> {
    let completed_at = snapshot.more.as_ref().and_then(|more| more.completed_at);
    let starts_at = completed_at.map_or(ctx.now, |at| at.max(ctx.now));
    let (days, expires_at) = match input.until {
        Until::Days(days) => (days, starts_at.plus_secs(i64::from(days) * DAY_SECS)),
        Until::Date(date) => {
            let days = date.seconds_since(starts_at).div_euclid(DAY_SECS);
            match u32::try_from(days) {
                Ok(days @ 1..=DAYS_MAX) => (days, date),
                _ => return Err(Fault::invalid_value("ExpirationDate", &date.to_string())),
            }
        }
    };
    Ok(SnapshotLock {
        is_compliance: input.is_compliance,
        days,
        cool_off_hours: input.cool_off_hours,
        created_at: ctx.now,
        starts_at,
        expires_at,
    })
}

/// A compliance lock that has cooled off can only be extended.
fn require_extension(snapshot: &Snapshot, ctx: &Ctx, lock: &SnapshotLock) -> Result<(), Fault> {
    let have = snapshot.more.as_ref().and_then(|more| more.lock.as_ref());
    let Some(have) = have.filter(|have| have.state(ctx.now) == LockState::Compliance) else { return Ok(()) };
    let extends = lock.is_compliance && lock.cool_off_hours.is_none() && lock.expires_at >= have.expires_at;
    if extends { Ok(()) } else { Err(in_compliance(&snapshot.id)) }
}

fn in_compliance(id: &SnapshotId) -> Fault {
    let message = format!("The snapshot '{id}' is locked in compliance mode: its lock can only be extended.");
    Fault::new("OperationNotPermitted", message)
}

impl Encode for LockSnapshotOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.text("snapshotId", &self.snapshot);
        write_lock(xml, &self.lock, self.now);
    }
}

pub(crate) struct UnlockSnapshot;

pub(crate) struct UnlockSnapshotOutput(SnapshotId);

impl Op for UnlockSnapshot {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "UnlockSnapshot");
    type Input = SnapshotId;
    type Output = UnlockSnapshotOutput;

    fn decode(params: &Params) -> Result<SnapshotId, Fault> {
        snapshot_id(params.required("SnapshotId")?)
    }

    fn run(world: &mut World, ctx: &Ctx, id: SnapshotId) -> Result<UnlockSnapshotOutput, Fault> {
        match own_snapshot(world, ctx, &id)?.lock_state(ctx.now) {
            Some(LockState::Governance | LockState::CoolOff) => {}
            Some(LockState::Compliance) => return Err(in_compliance(&id)),
            None | Some(LockState::Expired) => {
                return Err(Fault::new("IncorrectState", format!("The snapshot '{id}' is not locked.")));
            }
        }
        change_snapshot(world, ctx, &id, |snapshot| snapshot.more_mut().lock = None)?;
        Ok(UnlockSnapshotOutput(id))
    }
}

impl Encode for UnlockSnapshotOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.text("snapshotId", &self.0);
    }
}
