//! A disk in a file becomes a snapshot, once: what was imported says so by a tag, and what was sent is not sent again.

use std::path::Path;
use std::time::Duration;

use amictl_cloud::ops::{
    CompleteSnapshot, CompleteSnapshotRequest, DescribeSnapshots, DescribeSnapshotsRequest, StartSnapshot,
    StartSnapshotRequest,
};
use amictl_cloud::{Call, CloudError, ErrorClass, PageError, for_each_page};
use amictl_model::{Snapshot, SnapshotId, SnapshotState};
use amictl_plan::{CONTENT_TAG, Importing, KEY_TAG, Step, Via};

use super::done;
use super::one::failed;
use super::putting::{Put, put_blocks};
use super::tasking;
use super::uploading::Place;
use super::waiting::{Awaited, Waited, wait};
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::disk::DiskFile;
use crate::event::{CallOutcome, Event, JournalCall, RunEvent, StepResult};
use crate::made::Made;
use crate::mutate::{Sent, send_by_token};
use crate::replay::StepState;

/// So long EBS waits for the next block (`Timeout`): long enough to take a run up again on the next day.
const TIMEOUT_MINUTES: u32 = 24 * 60;

/// Imports the disk unless that was done, or goes on with it.
pub(super) async fn import(
    work: &RegionWork<'_>,
    step: &Step,
    importing: &Importing,
    state: &StepState,
) -> Result<StepResult, Halt> {
    let snapshot = match &state.produced.snapshot {
        // It was there already.
        Some(_) if !is_begun(state) => return Ok(done()),
        Some(snapshot) => snapshot.clone(),
        None => {
            if let Some(result) = found(work, step, importing, state).await? {
                return Ok(result);
            }
            let made = match &importing.via {
                Via::Ebs => begin(work, step, importing, state).await?,
                Via::S3 { bucket, key } => {
                    tasking::by_task(work, step, importing, Place { bucket, key }, state).await?
                }
            };
            match made {
                Ok(snapshot) => snapshot,
                Err(result) => return Ok(result),
            }
        }
    };
    work.between.made_is(&step.id, Made::Snapshot(snapshot.clone()));
    let result = match &importing.via {
        Via::Ebs => fill(work, step, importing, &snapshot, state).await?,
        Via::S3 { .. } => tasking::tag(work, step, importing, &snapshot)
            .await?
            .map(|why| failed(format!("{snapshot} is there, and could not be tagged: {why}"), "without its tags")),
    };
    if let Some(result) = result {
        return Ok(result);
    }
    match wait(&work.watch(), &Awaited::Snapshot(snapshot.clone()), Duration::from_secs(importing.wait_seconds)).await?
    {
        Waited::Ready => Ok(done()),
        Waited::Bad { state, why } => Ok(failed(format!("{snapshot} is {state}: {why}"), state)),
        Waited::TimedOut(last) => Err(Halt::TimedOut(format!("{snapshot} in {}: {last}", work.region))),
    }
}

/// Whether the step has begun to make a snapshot itself.
fn is_begun(state: &StepState) -> bool {
    state.may_have(&JournalCall::StartSnapshot) || state.may_have(&JournalCall::ImportSnapshot)
}

/// Puts what is missing into a snapshot that was started, and completes it; a result ends the step.
async fn fill(
    work: &RegionWork<'_>,
    step: &Step,
    importing: &Importing,
    snapshot: &SnapshotId,
    state: &StepState,
) -> Result<Option<StepResult>, Halt> {
    if !state.is_done(&JournalCall::PutBlocks) {
        let disk = match open(importing) {
            Ok(disk) => disk,
            Err(why) => return Ok(Some(failed(why, &left(snapshot)))),
        };
        match put_blocks(work, step, importing, snapshot, &disk, state.produced.sent_below).await? {
            Put::All => {}
            Put::Not(why) => return Ok(Some(failed(why, &left(snapshot)))),
        }
    }
    if state.is_done(&JournalCall::CompleteSnapshot) {
        return Ok(None);
    }
    complete(work, step, importing, snapshot, state).await
}

/// What becomes of a snapshot that nobody goes on with.
fn left(snapshot: &SnapshotId) -> String {
    let hours = TIMEOUT_MINUTES / 60;
    format!(
        "{snapshot} is not complete: EBS gives it up {hours} hours after its last block, and keeps it in state error"
    )
}

pub(super) fn open(importing: &Importing) -> Result<DiskFile, String> {
    let disk = DiskFile::open(Path::new(&*importing.disk));
    let disk = disk.map_err(|error| format!("{} cannot be read: {error}", importing.disk))?;
    disk.check(importing).map_err(|why| format!("{}: {why}", importing.disk))?;
    Ok(disk)
}

/// Looks whether the disk was imported; a result ends the step.
async fn found(
    work: &RegionWork<'_>,
    step: &Step,
    importing: &Importing,
    state: &StepState,
) -> Result<Option<StepResult>, Halt> {
    let Ok(_permit) = work.permits.raise.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    // What an interrupted process has begun is told by its client token.
    if is_begun(state) {
        return Ok(None);
    }
    match find(work, importing, |snapshot| is_fit(snapshot, importing)).await {
        Ok(Some(there)) => {
            work.journal(Event::FoundSnapshot { step: step.id.to_string(), snapshot: there.clone() }).await?;
            work.between.made_is(&step.id, Made::Snapshot(there));
            Ok(Some(done()))
        }
        Ok(None) => Ok(None),
        Err(error) => {
            halt_on_credentials(&error)?;
            Ok(Some(failed(format!("what is there could not be looked at: {error}"), "unchanged")))
        }
    }
}

/// Starts a snapshot; the inner error ends the step.
async fn begin(
    work: &RegionWork<'_>,
    step: &Step,
    importing: &Importing,
    state: &StepState,
) -> Result<Result<SnapshotId, StepResult>, Halt> {
    let Ok(_permit) = work.permits.raise.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    if !state.may_have(&JournalCall::StartSnapshot)
        && let Err(why) = open(importing)
    {
        return Ok(Err(failed(why, "unchanged")));
    }
    let request = StartSnapshotRequest {
        size_gib: importing.size_gib,
        description: importing.description.as_ref().map(ToString::to_string),
        tags: importing.all_tags(),
        encrypted: importing.encrypted,
        kms_key: importing.kms_key.as_ref().map(ToString::to_string),
        timeout_minutes: TIMEOUT_MINUTES,
        client_token: importing.client_token.to_string(),
    };
    work.intend(&step.id, JournalCall::StartSnapshot).await?;
    let sent = send_by_token(|| Call::<StartSnapshot>::call(work.cloud, work.region, request.clone())).await;
    let (outcome, started) = match &sent {
        Sent::Done(Some(started)) => (CallOutcome::Snapshot(started.clone()), Ok(started.clone())),
        Sent::Refused(error) => (CallOutcome::Failed(error.to_string()), Err(failed(error.to_string(), "unchanged"))),
        Sent::Unknown(_) | Sent::Done(None) => {
            let why = match &sent {
                Sent::Unknown(error) => error.to_string(),
                _ => "the answer was lost".to_owned(),
            };
            let left =
                format!("unknown: a snapshot with the tag {CONTENT_TAG}={} may have been started", importing.content);
            (CallOutcome::Unknown(why.clone()), Err(failed(why, &left)))
        }
    };
    work.journal(Event::Outcome { step: step.id.to_string(), call: JournalCall::StartSnapshot, outcome }).await?;
    if let Sent::Refused(error) = &sent {
        halt_on_credentials(error)?;
    }
    Ok(started)
}

/// A completed snapshot of the same content that is such a one, the oldest there is.
pub(super) async fn find(
    work: &RegionWork<'_>,
    importing: &Importing,
    is_such: impl Fn(&Snapshot) -> bool,
) -> Result<Option<SnapshotId>, CloudError> {
    let tag = Some((CONTENT_TAG.to_owned(), importing.content.to_string()));
    let request = DescribeSnapshotsRequest { tag, ..DescribeSnapshotsRequest::default() };
    let mut found: Vec<Snapshot> = Vec::new();
    let (_, result) =
        for_each_page::<DescribeSnapshots>(work.cloud, work.region, request, |page| found.extend(page.snapshots)).await;
    result.map_err(|error| match error {
        PageError::Call(error) => error,
        other => CloudError {
            class: ErrorClass::Other,
            operation: "DescribeSnapshots",
            code: None,
            message: other.to_string(),
            request_id: None,
        },
    })?;
    found.retain(is_such);
    found.sort_by(|one, other| (one.started_at, &one.id).cmp(&(other.started_at, &other.id)));
    for other in found.iter().filter(|snapshot| snapshot.state == SnapshotState::Pending) {
        let what = format!("{} is of the same disk and pending: another run may be at work on it", other.id);
        work.tell(&RunEvent::Noted { region: work.region.clone(), what });
    }
    Ok(found.into_iter().find(|snapshot| snapshot.state == SnapshotState::Completed).map(|snapshot| snapshot.id))
}

/// Whether a snapshot is what was asked for, once it is completed. Tags are text from outside: the digest is compared here too.
pub(super) fn is_fit(snapshot: &Snapshot, importing: &Importing) -> bool {
    snapshot.tags.get(CONTENT_TAG) == Some(&*importing.content)
        && (snapshot.size_gib == importing.size_gib || importing.size_gib == 0)
        && (snapshot.encrypted || !importing.is_encrypted())
        && importing.kms_key.as_deref().is_none_or(|key| snapshot.tags.get(KEY_TAG) == Some(key))
}

/// Completes the snapshot; a result ends the step.
async fn complete(
    work: &RegionWork<'_>,
    step: &Step,
    importing: &Importing,
    snapshot: &SnapshotId,
    state: &StepState,
) -> Result<Option<StepResult>, Halt> {
    let Ok(_permit) = work.permits.act.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    let was_meant = state.may_have(&JournalCall::CompleteSnapshot);
    work.intend(&step.id, JournalCall::CompleteSnapshot).await?;
    let request = CompleteSnapshotRequest {
        snapshot: snapshot.clone(),
        blocks: importing.blocks,
        checksum: importing.checksum.to_string(),
    };
    let sent = send_by_token(|| Call::<CompleteSnapshot>::call(work.cloud, work.region, request.clone())).await;
    let (outcome, result) = match &sent {
        Sent::Done(_) => (CallOutcome::Done, None),
        // What was sent before may have completed it, and a snapshot that is complete is not completed again: its state will tell.
        Sent::Refused(error) if was_meant => (CallOutcome::Unknown(error.to_string()), None),
        Sent::Unknown(error) => (CallOutcome::Unknown(error.to_string()), None),
        Sent::Refused(error) => {
            (CallOutcome::Failed(error.to_string()), Some(failed(error.to_string(), &left(snapshot))))
        }
    };
    work.journal(Event::Outcome { step: step.id.to_string(), call: JournalCall::CompleteSnapshot, outcome }).await?;
    if let Sent::Refused(error) = &sent {
        halt_on_credentials(error)?;
    }
    Ok(result)
}
