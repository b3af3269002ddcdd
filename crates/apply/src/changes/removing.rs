//! Deletes what images and instances left behind: each is looked at once more just before, and must be what the plan saw.

use amictl_cloud::ops::{DeleteVolume, DescribeVolumes, DescribeVolumesRequest, VolumeRequest};
use amictl_cloud::{Call, CloudError, ErrorClass, PageError, for_each_page};
use amictl_model::{SnapshotId, Volume, VolumeId};
use amictl_plan::{SnapshotRemoval, Step, VolumeRemoval};

use super::done;
use super::one::failed;
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{CallOutcome, Event, Fate, JournalCall, SeenResource, SnapshotFate, StepResult};
use crate::mutate::{Sent, send};
use crate::replay::StepState;
use crate::snapshots;

fn skipped(why: impl Into<String>) -> StepResult {
    StepResult::Skipped { why: why.into() }
}

/// The fields that are not the same any more.
fn changed(checks: &[(&str, bool)]) -> Option<String> {
    let changed: Vec<&str> = checks.iter().filter(|(_, same)| !same).map(|(field, _)| *field).collect();
    (!changed.is_empty()).then(|| format!("changed since the plan: {}", changed.join(", ")))
}

/// Deletes a snapshot that nothing uses.
pub(super) async fn delete_snapshot(
    work: &RegionWork<'_>,
    step: &Step,
    removal: &SnapshotRemoval,
    state: &StepState,
) -> Result<StepResult, Halt> {
    let Ok(_permit) = work.permits.act.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    let (planned, id) = (&removal.snapshot, &removal.snapshot.id);
    let now = match work.looker.look_at_snapshots(vec![id.clone()]).await {
        Ok(found) => found.into_iter().next(),
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(failed(error.to_string(), "unchanged"));
        }
    };
    let call = JournalCall::DeleteSnapshot(id.clone());
    let Some(now) = now else { return Ok(gone(id, state.may_have(&call))) };
    let different = changed(&[
        ("owner", planned.owner == now.owner),
        ("state", planned.state == now.state),
        ("tier", planned.tier == now.tier),
        ("description", planned.description == now.description),
        ("tags", planned.tags == now.tags),
    ]);
    if let Some(why) = different {
        return Ok(skipped(why));
    }
    if let Some(why) = work.leftovers.keeps_snapshot(id, removal.named).await {
        return Ok(skipped(why));
    }
    work.check_stop()?;
    work.journal(Event::Seen { step: step.id.to_string(), resource: SeenResource::Snapshot(Box::new(now)) }).await?;
    Ok(match snapshots::delete_one(work, &step.id, id).await? {
        Fate::Deleted | Fate::AlreadyGone => gone(id, true),
        Fate::Kept(why) => skipped(why),
        // Deleting archives nothing.
        Fate::Failed(why) => failed(why, "not deleted, as far as is known"),
        Fate::Archived => failed("it is on its way to the archive tier", "unchanged"),
    })
}

fn gone(id: &SnapshotId, is_deleted: bool) -> StepResult {
    let fate = if is_deleted { Fate::Deleted } else { Fate::AlreadyGone };
    StepResult::Done { snapshots: vec![SnapshotFate { id: id.clone(), fate }] }
}

/// Deletes a volume that is attached to nothing.
pub(super) async fn delete_volume(
    work: &RegionWork<'_>,
    step: &Step,
    removal: &VolumeRemoval,
) -> Result<StepResult, Halt> {
    let Ok(_permit) = work.permits.act.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    let (planned, id) = (&removal.volume, &removal.id);
    let now = match look(work, id).await {
        Ok(found) => found,
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(failed(error.to_string(), "unchanged"));
        }
    };
    let Some(now) = now.filter(is_there) else { return Ok(done()) };
    let different = changed(&[
        ("state", planned.state == now.state),
        ("attachments", planned.attached_to == now.attached_to),
        ("snapshot", planned.snapshot == now.snapshot),
        ("size", planned.size_gib == now.size_gib),
        ("tags", planned.tags == now.tags),
    ]);
    if let Some(why) = different {
        return Ok(skipped(why));
    }
    if let Some(why) = work.leftovers.keeps_volume(id, removal.named).await {
        return Ok(skipped(why));
    }
    work.check_stop()?;
    work.journal(Event::Seen { step: step.id.to_string(), resource: SeenResource::Volume(Box::new(now)) }).await?;
    let call = JournalCall::DeleteVolume(id.clone());
    work.intend(&step.id, call.clone()).await?;
    let request = VolumeRequest { volume: id.clone() };
    let sent = send(
        || Call::<DeleteVolume>::call(work.cloud, work.region, request.clone()),
        || async { Ok(!look(work, id).await?.is_some_and(|volume| is_there(&volume))) },
    )
    .await;
    let (outcome, result) = match &sent {
        Sent::Done(_) => (CallOutcome::Done, done()),
        Sent::Refused(error) if error.class == ErrorClass::NotFound => (CallOutcome::AlreadyDone, done()),
        Sent::Refused(error) => (CallOutcome::Failed(error.to_string()), failed(error.to_string(), "unchanged")),
        Sent::Unknown(error) => {
            (CallOutcome::Unknown(error.to_string()), failed(error.to_string(), "unknown, may be deleted"))
        }
    };
    work.journal(Event::Outcome { step: step.id.to_string(), call, outcome }).await?;
    if let Sent::Refused(error) = &sent {
        halt_on_credentials(error)?;
    }
    Ok(result)
}

/// A volume that was deleted is shown for a while.
pub(super) fn is_there(volume: &Volume) -> bool {
    !matches!(volume.state.as_str(), "deleting" | "deleted")
}

/// The volume as it is now.
pub(super) async fn look(work: &RegionWork<'_>, id: &VolumeId) -> Result<Option<Volume>, CloudError> {
    let request = DescribeVolumesRequest { volumes: vec![id.clone()], next_token: None };
    let mut found = None;
    let (_, result) = for_each_page::<DescribeVolumes>(work.cloud, work.region, request, |page| {
        found = found.take().or(page.volumes.into_iter().find(|volume| volume.id == id.as_str()));
    })
    .await;
    match result {
        Ok(()) => Ok(found),
        Err(PageError::Call(error)) => Err(error),
        Err(other) => Err(CloudError {
            class: ErrorClass::Other,
            operation: "DescribeVolumes",
            code: None,
            message: other.to_string(),
            request_id: None,
        }),
    }
}
