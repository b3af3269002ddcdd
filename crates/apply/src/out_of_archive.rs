//! What takes snapshots out of the archive again: undo, and an image that is kept again.

use amictl_cloud::Call;
use amictl_cloud::ops::{RestoreSnapshotTier, RestoreSnapshotTierRequest};
use amictl_model::{Image, SnapshotId};
use amictl_plan::Step;
use amictl_policy::{Reached, STAGE_TAG, Stage};

use crate::archive::{goes_to_archive, statuses};
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{JournalCall, StepResult};
use crate::mutate::{Sent, send_again};
use crate::replay::StepState;
use crate::returning::conclude;
use crate::staging;

/// Takes the snapshots that a run archived out of the archive, and puts the tags of the stage back. The image stays disabled.
pub(crate) async fn take_back(
    work: &RegionWork<'_>,
    step: &Step,
    recorded: &Image,
    snapshots: &[SnapshotId],
) -> Result<StepResult, Halt> {
    // An undo that was cut off is begun anew, so each call may have been sent before.
    let restoring = match restore(work, &step.id, |_| true, snapshots).await? {
        Ok(restoring) => restoring,
        Err(NotRestored { why, .. }) => return Ok(StepResult::Failed { why, left: "archived".to_owned() }),
    };
    let why = match restoring {
        0 => "taken back: no snapshot of it is archived".to_owned(),
        1 => format!("taken back: 1 snapshot {TAKES}"),
        several => format!("taken back: {several} snapshots {TAKES}"),
    };
    staging::untag(work, &step.id, recorded, why).await
}

const TAKES: &str =
    "on the way out of the archive, which takes up to 72 hours; AWS charges for 90 days in it all the same";

/// Takes the snapshots of an image that is kept again out of the archive; `None` once all are in the standard tier.
///
/// # Errors
/// [`Halt::TimedOut`] while they are on their way, which takes up to 72 hours: the step is not over, and `resume` or a later plan goes on.
pub(crate) async fn out_of_archive(
    work: &RegionWork<'_>,
    step: &Step,
    state: &StepState,
    recorded: &Image,
) -> Result<Option<StepResult>, Halt> {
    if recorded.tags.get(STAGE_TAG) != Some(Reached::Stage(Stage::ArchiveSnapshots).as_str()) {
        return Ok(None);
    }
    let mut ids: Vec<SnapshotId> = recorded.snapshots().cloned().collect();
    ids.sort_unstable();
    ids.dedup();
    match restore(work, &step.id, |call| state.may_have(call), &ids).await? {
        Ok(0) => Ok(None),
        Ok(restoring) => Err(Halt::TimedOut(format!(
            "{}: {restoring} of its snapshots on the way out of the archive, which takes up to 72 hours; it is enabled when they are back",
            recorded.id
        ))),
        Err(NotRestored { why, is_archived }) => {
            let left = if is_archived { "disabled, its snapshots archived" } else { "disabled" };
            Ok(Some(StepResult::Failed { why, left: left.to_owned() }))
        }
    }
}

/// Why snapshots do not come out of the archive.
struct NotRestored {
    why: String,
    /// Whether one is known to be there.
    is_archived: bool,
}

/// Sees to it that these snapshots come out of the archive for good; how many are on their way, or why one cannot.
async fn restore(
    work: &RegionWork<'_>,
    step: &str,
    was_sent: impl Fn(&JournalCall) -> bool,
    ids: &[SnapshotId],
) -> Result<Result<usize, NotRestored>, Halt> {
    let statuses = match statuses(work, ids).await {
        Ok(statuses) => statuses,
        Err(error) => {
            halt_on_credentials(&error)?;
            let why = format!("where its snapshots are could not be read: {error}");
            return Ok(Err(NotRestored { why, is_archived: false }));
        }
    };
    let mut restoring = 0;
    for status in statuses {
        if status.goes_to_archive() {
            work.check_stop()?;
            let call = JournalCall::RestoreTier(status.snapshot.clone());
            let was_sent = was_sent(&call);
            work.intend(step, call.clone()).await?;
            let request = RestoreSnapshotTierRequest { snapshot: status.snapshot.clone() };
            let sent = send_again(
                was_sent,
                || Call::<RestoreSnapshotTier>::call(work.cloud, work.region, request.clone()),
                || async { Ok(!goes_to_archive(work, &status.snapshot).await?) },
            )
            .await;
            let is_archived = matches!(sent, Sent::Refused(_));
            if let Some(failure) = conclude(work, step, call, sent).await? {
                let still = if status.operation == "archival-in-progress" {
                    "; it is still on its way into the archive, and can come back once it is there"
                } else {
                    ""
                };
                let why = format!("{} could not be taken out of the archive: {failure}{still}", status.snapshot);
                return Ok(Err(NotRestored { why, is_archived }));
            }
            restoring += 1;
        } else if status.is_being_restored() {
            restoring += 1;
        }
    }
    Ok(Ok(restoring))
}
