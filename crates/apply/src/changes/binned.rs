//! Takes images, snapshots and volumes out of the Recycle Bin.

use amictl_cloud::Call;
use amictl_cloud::ops::{RestoreVolumeFromRecycleBin, VolumeRequest};
use amictl_model::{SnapshotId, VolumeId};
use amictl_plan::{Restoring, Step, Target};

use super::done;
use super::one::failed;
use super::removing::{is_there, look};
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{Event, JournalCall, SeenResource, StepResult};
use crate::mutate::{Sent, send};
use crate::restore::{restore_image, restore_snapshots, wait_for};
use crate::returning::conclude;

/// Restores what the step is about, unless it is there.
pub(super) async fn restore(
    work: &RegionWork<'_>,
    step: &Step,
    target: &Target,
    restoring: &Restoring,
) -> Result<StepResult, Halt> {
    let Ok(_permit) = work.permits.act.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    let resource = SeenResource::Binned { target: target.clone() };
    work.journal(Event::Seen { step: step.id.to_string(), resource }).await?;
    match target {
        Target::Image(image) => {
            Ok(restore_image(work, work.bin_turn, &step.id, image, &restoring.snapshots).await?.unwrap_or_else(done))
        }
        Target::Snapshot(snapshot) => self::snapshot(work, &step.id, snapshot).await,
        Target::Volume(volume) => self::volume(work, &step.id, volume).await,
        Target::Instance(_) | Target::S3(_) | Target::File(_) => Ok(failed("it is in no Recycle Bin", "unchanged")),
    }
}

/// Restores a snapshot, and waits until it is complete.
pub(super) async fn snapshot(work: &RegionWork<'_>, step: &str, snapshot: &SnapshotId) -> Result<StepResult, Halt> {
    let needed = std::slice::from_ref(snapshot);
    let lacking = {
        let _turn = work.bin_turn.lock().await;
        restore_snapshots(work, step, needed).await?
    };
    let lacking = if lacking.is_none() { wait_for(work, needed).await? } else { lacking };
    Ok(lacking.map_or_else(done, |why| failed(why, "not restored")))
}

/// Restores a volume.
pub(super) async fn volume(work: &RegionWork<'_>, step: &str, id: &VolumeId) -> Result<StepResult, Halt> {
    let is_back = || async { Ok(look(work, id).await?.is_some_and(|volume| is_there(&volume))) };
    match is_back().await {
        Ok(true) => return Ok(done()),
        Ok(false) => {}
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(failed(error.to_string(), "unchanged"));
        }
    }
    let call = JournalCall::RestoreVolume(id.clone());
    work.intend(step, call.clone()).await?;
    let request = VolumeRequest { volume: id.clone() };
    let sent =
        send(|| Call::<RestoreVolumeFromRecycleBin>::call(work.cloud, work.region, request.clone()), is_back).await;
    let left = if matches!(sent, Sent::Unknown(_)) { "unknown, may be restored" } else { "not restored" };
    Ok(match conclude(work, step, call, sent).await? {
        None => done(),
        Some(why) => failed(why, left),
    })
}
