//! Deregisters an image behind the fence, and sees to each of its snapshots.

use std::collections::HashMap;

use amictl_cloud::ops::{DeregisterImage, DeregisterImageReply, DeregisterImageRequest, SnapshotReturnCode};
use amictl_cloud::{Call, ErrorClass};
use amictl_model::SnapshotId;
use amictl_plan::{SnapshotDeletion, Step};

use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{CallOutcome, Event, Fate, JournalCall, SnapshotFate, StepResult};
use crate::mutate::{Sent, send};
use crate::replay::StepState;
use crate::snapshots;

/// What came of deregistering.
pub(crate) enum Deregistered {
    /// The image is gone; the fates that AWS told.
    Gone(HashMap<SnapshotId, Fate>),
    /// AWS refused.
    Refused(String),
    /// Nobody knows.
    Unknown(String),
}

/// Sends `DeregisterImage` and journals what came of it, each snapshot's return code included.
pub(crate) async fn deregister(work: &RegionWork<'_>, step: &Step) -> Result<Deregistered, Halt> {
    work.intend(&step.id, JournalCall::Deregister).await?;
    let request = DeregisterImageRequest {
        image: step.image().clone(),
        delete_snapshots: step.snapshot_deletion == SnapshotDeletion::WithImage,
    };
    let sent = send(
        || Call::<DeregisterImage>::call(work.cloud, work.region, request.clone()),
        || async { Ok(work.looker.look(step.image()).await?.is_none()) },
    )
    .await;
    let mut expired = None;
    let (outcome, result) = match sent {
        Sent::Done(reply) => {
            let fates = reply.map(fates_of).unwrap_or_default();
            let known = fates.iter().map(|SnapshotFate { id, fate }| (id.clone(), fate.clone())).collect();
            (CallOutcome::Deregistered(fates), Deregistered::Gone(known))
        }
        Sent::Refused(error) if matches!(error.class, ErrorClass::NotFound | ErrorClass::Unavailable) => {
            (CallOutcome::AlreadyDone, Deregistered::Gone(HashMap::new()))
        }
        Sent::Refused(error) => {
            let why = error.to_string();
            expired = Some(error);
            (CallOutcome::Failed(why.clone()), Deregistered::Refused(why))
        }
        Sent::Unknown(error) => (CallOutcome::Unknown(error.to_string()), Deregistered::Unknown(error.to_string())),
    };
    work.journal(Event::Outcome { step: step.id.to_string(), call: JournalCall::Deregister, outcome }).await?;
    if let Some(error) = expired {
        halt_on_credentials(&error)?;
    }
    Ok(result)
}

/// Goes on after an interruption during or after deregistration; `None` when the image still stands.
pub(crate) async fn go_on(work: &RegionWork<'_>, step: &Step, state: &StepState) -> Result<Option<StepResult>, Halt> {
    let Ok(_permit) = work.permits.act.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    if state.is_done(&JournalCall::Deregister) {
        return finish_snapshots(work, step, state.snapshots.clone()).await.map(Some);
    }
    // That it is gone need not be seen yet.
    match work.look_until(step.image(), work.seen_after, |image| image.is_none()).await {
        Ok(None) => {
            let (call, outcome) = (JournalCall::Deregister, CallOutcome::Deregistered(Vec::new()));
            work.intend(&step.id, call.clone()).await?;
            work.journal(Event::Outcome { step: step.id.to_string(), call, outcome }).await?;
            finish_snapshots(work, step, HashMap::new()).await.map(Some)
        }
        Ok(Some(_)) => Ok(None),
        Err(error) => {
            halt_on_credentials(&error)?;
            Ok(Some(StepResult::Failed { why: error.to_string(), left: "unknown, may be deregistered".to_owned() }))
        }
    }
}

/// Sees to every snapshot of the step that AWS has not told the fate of.
pub(crate) async fn finish_snapshots(
    work: &RegionWork<'_>,
    step: &Step,
    mut known: HashMap<SnapshotId, Fate>,
) -> Result<StepResult, Halt> {
    let open: Vec<SnapshotId> = step
        .snapshots
        .iter()
        .filter(|snapshot| snapshot.delete && !known.contains_key(&snapshot.id))
        .map(|snapshot| snapshot.id.clone())
        .collect();
    known.extend(snapshots::delete(work, &step.id, open).await?);
    let fates = step
        .snapshots
        .iter()
        .map(|snapshot| {
            let kept = || Fate::Kept(snapshot.kept_because.as_deref().unwrap_or("the plan keeps it").to_owned());
            SnapshotFate { id: snapshot.id.clone(), fate: known.remove(&snapshot.id).unwrap_or_else(kept) }
        })
        .collect();
    Ok(StepResult::Done { snapshots: fates })
}

/// What AWS said of the snapshots. Internal errors are left open, so that they are tried once more one by one.
fn fates_of(reply: DeregisterImageReply) -> Vec<SnapshotFate> {
    reply
        .snapshots
        .unwrap_or_default()
        .into_iter()
        .filter_map(|result| {
            let fate = match result.code {
                SnapshotReturnCode::Success => Fate::Deleted,
                SnapshotReturnCode::Skipped => Fate::Kept("other images use it".to_owned()),
                SnapshotReturnCode::InternalError => return None,
                SnapshotReturnCode::MissingPermissions => {
                    Fate::Failed("missing-permissions: allow ec2:DeleteSnapshot".to_owned())
                }
                code => Fate::Failed(code.as_str().to_owned()),
            };
            Some(SnapshotFate { id: result.snapshot, fate })
        })
        .collect()
}
