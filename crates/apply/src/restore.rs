//! Takes deregistered images out of the Recycle Bin: their snapshots first, then the image, then it is made what it was.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use amictl_cloud::ops::{
    AllRequest, DisableImage, DisableImageRequest, ListImagesInRecycleBin, ListImagesInRecycleBinReply,
    ListSnapshotsInRecycleBin, ListSnapshotsInRecycleBinReply, ListVolumesInRecycleBin, ListVolumesInRecycleBinReply,
    RestoreImageFromRecycleBin, RestoreImageRequest, RestoreSnapshotFromRecycleBin, RestoreSnapshotRequest,
};
use amictl_cloud::{Call, Cloud, PageError, for_each_page};
use amictl_model::{Image, ImageId, ImageState, Moment, Region, SnapshotId, SnapshotState, VolumeId};
use amictl_plan::Target;
use futures::join;
use tokio::sync::Mutex;

use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{JournalCall, StepResult};
use crate::looker::Looker;
use crate::mutate::{Sent, send};
use crate::returning::{self, conclude};

/// What the Recycle Bin of a Region holds, and until when.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bin {
    images: HashMap<ImageId, Option<Moment>>,
    snapshots: HashMap<SnapshotId, Option<Moment>>,
}

/// Whether a deregistered image can be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// It is there: it was never deregistered, or was restored since.
    There,
    /// It can be, until the first of what it needs leaves the bin; `None` where AWS did not say when.
    Restorable(Option<Moment>),
    /// It cannot be, and why.
    Lost(String),
}

/// Reads the whole bin of a Region.
pub(crate) async fn read_bin(cloud: &dyn Cloud, region: &Region) -> Result<Bin, PageError> {
    let mut bin = Bin::default();
    let all = || AllRequest { next_token: None };
    let images = |page: ListImagesInRecycleBinReply| {
        bin.images.extend(page.images.into_iter().map(|image| (image.id, image.leaves_at)));
    };
    let snapshots = |page: ListSnapshotsInRecycleBinReply| {
        bin.snapshots.extend(page.snapshots.into_iter().map(|snapshot| (snapshot.id, snapshot.leaves_at)));
    };
    let (of_images, of_snapshots) = join!(
        for_each_page::<ListImagesInRecycleBin>(cloud, region, all(), images),
        for_each_page::<ListSnapshotsInRecycleBin>(cloud, region, all(), snapshots)
    );
    of_images.1.and(of_snapshots.1).map(|()| bin)
}

/// Reads which volumes the bin of a Region holds, and until when.
pub(crate) async fn read_volume_bin(
    cloud: &dyn Cloud,
    region: &Region,
) -> Result<HashMap<VolumeId, Option<Moment>>, PageError> {
    let mut volumes = HashMap::new();
    let each = |page: ListVolumesInRecycleBinReply| {
        volumes.extend(page.volumes.into_iter().map(|volume| (volume.id, volume.leaves_at)));
    };
    let all = AllRequest { next_token: None };
    for_each_page::<ListVolumesInRecycleBin>(cloud, region, all, each).await.1.map(|()| volumes)
}

/// Whether a snapshot or volume that was deleted can come back.
pub(crate) async fn outlook_of_leftover(
    looker: &Looker<'_>,
    bin: &Result<Bin, String>,
    volumes: &Result<HashMap<VolumeId, Option<Moment>>, String>,
    target: &Target,
) -> Outlook {
    let unread = |why: &String| Outlook::Lost(format!("what the Recycle Bin holds could not be read: {why}"));
    let found = match target {
        Target::Snapshot(id) => match (looker.look_at_snapshots(vec![id.clone()]).await, bin) {
            (Ok(there), _) if !there.is_empty() => return Outlook::There,
            (_, Ok(bin)) => bin.snapshots.get(id),
            (_, Err(why)) => return unread(why),
        },
        Target::Volume(id) => match volumes {
            Ok(volumes) => volumes.get(id),
            Err(why) => return unread(why),
        },
        Target::Image(_) | Target::Instance(_) | Target::S3(_) | Target::File(_) => None,
    };
    match found {
        Some(until) => Outlook::Restorable(*until),
        None => Outlook::Lost("it is deleted and not in the Recycle Bin".to_owned()),
    }
}

/// The snapshots without which an image cannot be restored; a snapshot that two devices share is named once.
fn snapshots_of(image: &Image) -> Vec<SnapshotId> {
    let mut seen = HashSet::new();
    image.snapshots().filter(|id| seen.insert(*id)).cloned().collect()
}

/// Whether this image can come back, by what the bin holds and what is there.
pub(crate) async fn outlook(looker: &Looker<'_>, bin: &Result<Bin, String>, recorded: &Image) -> Outlook {
    match looker.look(&recorded.id).await {
        Ok(Some(_)) => return Outlook::There,
        Ok(None) => {}
        Err(error) => return Outlook::Lost(format!("it could not be looked at: {error}")),
    }
    let bin = match bin {
        Ok(bin) => bin,
        Err(why) => return Outlook::Lost(format!("what the Recycle Bin holds could not be read: {why}")),
    };
    let Some(image_until) = bin.images.get(&recorded.id) else {
        return Outlook::Lost("it is deregistered and not in the Recycle Bin; its record is in the journal".to_owned());
    };
    let needed = snapshots_of(recorded);
    let there: HashSet<SnapshotId> = match looker.look_at_snapshots(needed.clone()).await {
        Ok(snapshots) => snapshots.into_iter().map(|snapshot| snapshot.id).collect(),
        Err(error) => return Outlook::Lost(format!("its snapshots could not be looked at: {error}")),
    };
    let mut until = *image_until;
    for id in needed.iter().filter(|id| !there.contains(*id)) {
        let Some(snapshot_until) = bin.snapshots.get(id) else {
            return Outlook::Lost(format!("its snapshot {id} is deleted and not in the Recycle Bin"));
        };
        until = match (until, *snapshot_until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
    Outlook::Restorable(until)
}

/// How long to wait before each look at snapshots that are being restored: ten minutes in all, as nothing else is known to take longer.
fn snapshot_waits() -> impl Iterator<Item = Duration> {
    let growing = [0, 1, 2, 4, 8].into_iter().map(Duration::from_secs);
    growing.chain(std::iter::repeat_n(Duration::from_secs(15), 40))
}

/// Restores the snapshots that are missing, then the image, and makes it what it was before the run. Images share snapshots, so `turn`
/// lets one after the other restore its own.
pub(crate) async fn restore(
    work: &RegionWork<'_>,
    turn: &Mutex<()>,
    step: &str,
    recorded: &Image,
) -> Result<StepResult, Halt> {
    match restore_image(work, turn, step, &recorded.id, &snapshots_of(recorded)).await? {
        Some(failure) => Ok(failure),
        None => as_it_was(work, step, recorded).await,
    }
}

/// Restores those of an image's snapshots that are missing, and then the image, unless it is there; what that failed with, if it did.
pub(crate) async fn restore_image(
    work: &RegionWork<'_>,
    turn: &Mutex<()>,
    step: &str,
    image: &ImageId,
    needed: &[SnapshotId],
) -> Result<Option<StepResult>, Halt> {
    let failed = |why: String, left: &str| Ok(Some(StepResult::Failed { why, left: left.to_owned() }));
    let is_there = match work.looker.look(image).await {
        Ok(image) => image.is_some(),
        Err(error) => {
            halt_on_credentials(&error)?;
            return failed(error.to_string(), "unknown, may be deregistered");
        }
    };
    if !is_there {
        if !needed.is_empty() {
            let lacking = {
                let _turn = turn.lock().await;
                restore_snapshots(work, step, needed).await?
            };
            let lacking = if lacking.is_none() { wait_for(work, needed).await? } else { lacking };
            if let Some(why) = lacking {
                return failed(why, "deregistered");
            }
        }
        work.check_stop()?;
        work.intend(step, JournalCall::Restore).await?;
        let request = RestoreImageRequest { image: image.clone() };
        let sent = send(
            || Call::<RestoreImageFromRecycleBin>::call(work.cloud, work.region, request.clone()),
            || async { Ok(work.looker.look(image).await?.is_some()) },
        )
        .await;
        let left = if matches!(sent, Sent::Unknown(_)) { "unknown, may be deregistered" } else { "deregistered" };
        if let Some(why) = conclude(work, step, JournalCall::Restore, sent).await? {
            return failed(why, left);
        }
    }
    Ok(None)
}

/// Restores those of these snapshots that are not there; why that failed, if it did.
pub(crate) async fn restore_snapshots(
    work: &RegionWork<'_>,
    step: &str,
    needed: &[SnapshotId],
) -> Result<Option<String>, Halt> {
    let there = match work.looker.look_at_snapshots(needed.to_vec()).await {
        Ok(snapshots) => snapshots,
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(Some(format!("its snapshots could not be looked at: {error}")));
        }
    };
    for id in needed.iter().filter(|id| there.iter().all(|snapshot| snapshot.id != **id)) {
        work.check_stop()?;
        let call = JournalCall::RestoreSnapshot(id.clone());
        work.intend(step, call.clone()).await?;
        let request = RestoreSnapshotRequest { snapshot: id.clone() };
        let is_there = || async { Ok(!work.looker.look_at_snapshots(vec![id.clone()]).await?.is_empty()) };
        let sent =
            send(|| Call::<RestoreSnapshotFromRecycleBin>::call(work.cloud, work.region, request.clone()), is_there)
                .await;
        if let Some(failure) = conclude(work, step, call, sent).await? {
            // Somebody else may have been first.
            if !is_there().await.is_ok_and(|is_there| is_there) {
                return Ok(Some(format!("its snapshot {id} could not be restored: {failure}")));
            }
        }
    }
    Ok(None)
}

/// Waits until these snapshots are complete; why they are not, if they will not be.
pub(crate) async fn wait_for(work: &RegionWork<'_>, needed: &[SnapshotId]) -> Result<Option<String>, Halt> {
    let mut last = "they were not looked at".to_owned();
    for wait in snapshot_waits() {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = work.tools.stop.requested() => return Err(Halt::Interrupted),
        }
        match work.looker.look_at_snapshots(needed.to_vec()).await {
            Ok(snapshots) => {
                if let Some(broken) = snapshots.iter().find(|snapshot| snapshot.state == SnapshotState::Error) {
                    return Ok(Some(format!("its snapshot {} came back in state error", broken.id)));
                }
                let complete = snapshots.iter().filter(|snapshot| snapshot.state == SnapshotState::Completed).count();
                if complete == needed.len() {
                    return Ok(None);
                }
                last = format!("{complete} of {} were complete", needed.len());
            }
            Err(error) => {
                halt_on_credentials(&error)?;
                last = error.to_string();
            }
        }
    }
    Ok(Some(format!("its snapshots were not complete in time ({last}): undo it once more later")))
}

/// Makes a restored image what it was: AWS gives it back available, shared as it was in the bin, which the fence had ended.
async fn as_it_was(work: &RegionWork<'_>, step: &str, recorded: &Image) -> Result<StepResult, Halt> {
    let why = || "restored from the Recycle Bin".to_owned();
    let looked = work.look_until(&recorded.id, work.seen_after, |image| image.is_some()).await;
    let state = match looked {
        Ok(Some(image)) => image.state,
        Ok(None) => {
            let why = "it was restored and is not to be seen yet".to_owned();
            return Ok(StepResult::Failed { why, left: "restored, shared differently".to_owned() });
        }
        Err(error) => {
            halt_on_credentials(&error)?;
            let left = "restored, perhaps shared differently".to_owned();
            return Ok(StepResult::Failed { why: error.to_string(), left });
        }
    };
    match (recorded.state, state) {
        (ImageState::Disabled, ImageState::Available) => disable(work, step, recorded, why()).await,
        (ImageState::Disabled, _) => Ok(StepResult::Returned { why: why() }),
        (_, ImageState::Disabled) => returning::enable_again(work, step, recorded, why()).await,
        _ => returning::share_again(work, step, recorded, why()).await,
    }
}

/// An earlier stage had disabled the image: it is disabled again.
async fn disable(work: &RegionWork<'_>, step: &str, recorded: &Image, why: String) -> Result<StepResult, Halt> {
    work.intend(step, JournalCall::Disable).await?;
    let request = DisableImageRequest { image: recorded.id.clone() };
    let sent = send(
        || Call::<DisableImage>::call(work.cloud, work.region, request.clone()),
        || async {
            let image = work.looker.look(&recorded.id).await?;
            Ok(image.is_some_and(|image| image.state == ImageState::Disabled))
        },
    )
    .await;
    Ok(match conclude(work, step, JournalCall::Disable, sent).await? {
        None => StepResult::Returned { why },
        Some(failure) => StepResult::Failed {
            why: format!("{why}; it was disabled before and could not be disabled again: {failure}"),
            left: "available".to_owned(),
        },
    })
}
