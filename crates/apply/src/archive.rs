//! The stage that archives the snapshots of a disabled image, and what takes them out of the archive again.
//!
//! Moves between the tiers take hours and begin with EC2's answer, so a step ends when they have begun. Looking at the tier status tells
//! whether one has; a step that was interrupted is gone through once more.

use amictl_cloud::ops::{
    DescribeSnapshotPermissions, DescribeSnapshotPermissionsRequest, DescribeSnapshotTierStatus,
    DescribeSnapshotTierStatusRequest, ModifySnapshotTier, ModifySnapshotTierRequest, RestoreSnapshotTier,
    RestoreSnapshotTierRequest, TierStatus,
};
use amictl_cloud::{Call, CloudError, ErrorClass, PageError, for_each_page};
use amictl_model::{Image, SnapshotId, SnapshotState, StorageTier};
use amictl_plan::Step;
use amictl_policy::{Reached, STAGE_TAG, Stage};

use crate::context::{Halt, RegionWork, RunConfig, halt_on_credentials};
use crate::event::{CallOutcome, Event, Fate, JournalCall, SnapshotFate, StepResult};
use crate::mutate::{Sent, send};
use crate::replay::{CallState, StepState};
use crate::returning::conclude;
use crate::staging;

/// Values of one filter, at most.
const IDS_PER_CALL_MAX: usize = 200;

/// The snapshots that a step of a run archived, or may have.
pub(crate) fn of_run(state: &StepState) -> impl Iterator<Item = &SnapshotId> {
    state.calls.iter().filter(|(_, how)| how.may_have_happened()).filter_map(|(call, _)| match call {
        JournalCall::ArchiveSnapshot(id) => Some(id),
        _ => None,
    })
}

/// Archives the snapshots of a step one by one, and tags the image with its stage unless one should have gone and did not.
pub(crate) async fn archive(
    work: &RegionWork<'_>,
    config: &RunConfig,
    step: &Step,
    state: &StepState,
    recorded: &Image,
) -> Result<StepResult, Halt> {
    let mut fates = Vec::with_capacity(step.snapshots.len());
    for snapshot in &step.snapshots {
        let fate = match &snapshot.kept_because {
            Some(why) => Fate::Kept(why.to_string()),
            None => one(work, config, step, state, &snapshot.id).await?,
        };
        fates.push(SnapshotFate { id: snapshot.id.clone(), fate });
    }
    let failure = fates.iter().find_map(|SnapshotFate { id, fate }| match fate {
        Fate::Failed(why) => Some(format!("{id}: {why}")),
        _ => None,
    });
    if let Some(why) = failure {
        let archived = fates.iter().filter(|snapshot| snapshot.fate == Fate::Archived).count();
        let left = format!("disabled, {archived} of its snapshots archived");
        return Ok(StepResult::Failed { why, left });
    }
    match staging::tag(work, step, state, recorded, Reached::Stage(Stage::ArchiveSnapshots)).await? {
        StepResult::Done { .. } => Ok(StepResult::Done { snapshots: fates }),
        other => Ok(other),
    }
}

/// Archives one snapshot, unless it goes there already, or something keeps it where it is.
async fn one(
    work: &RegionWork<'_>,
    config: &RunConfig,
    step: &Step,
    state: &StepState,
    id: &SnapshotId,
) -> Result<Fate, Halt> {
    work.check_stop()?;
    let call = JournalCall::ArchiveSnapshot(id.clone());
    match goes_to_archive(work, id).await {
        Ok(true) => {
            if state.call(&call) == CallState::Intended {
                let outcome = CallOutcome::AlreadyDone;
                work.journal(Event::Outcome { step: step.id.to_string(), call, outcome }).await?;
            }
            return Ok(Fate::Archived);
        }
        Ok(false) => {}
        Err(error) => return failed(&error),
    }
    match kept(work, config, id).await {
        Ok(None) => {}
        Ok(Some(why)) => return Ok(Fate::Kept(why)),
        Err(error) => return failed(&error),
    }
    work.intend(&step.id, call.clone()).await?;
    let request = ModifySnapshotTierRequest { snapshot: id.clone() };
    let sent = send(
        || Call::<ModifySnapshotTier>::call(work.cloud, work.region, request.clone()),
        || goes_to_archive(work, id),
    )
    .await;
    // EC2 knows of every image that uses it, also of one that was registered since the plan.
    let is_in_use = matches!(&sent, Sent::Refused(error) if error.class == ErrorClass::InUse);
    Ok(match conclude(work, &step.id, call, sent).await? {
        None => Fate::Archived,
        Some(why) if is_in_use => Fate::Kept(why),
        Some(why) => Fate::Failed(why),
    })
}

fn failed(error: &CloudError) -> Result<Fate, Halt> {
    halt_on_credentials(error)?;
    Ok(Fate::Failed(error.to_string()))
}

/// Why a snapshot is not archived: archiving ends its sharing and its fast restores, and what is not read may be either.
async fn kept(work: &RegionWork<'_>, config: &RunConfig, id: &SnapshotId) -> Result<Option<String>, CloudError> {
    if let Some(why) = work.held.why(id) {
        return Ok(Some(why.to_owned()));
    }
    if let Some(why) = work.held.unread.first() {
        return Ok(Some(format!("what holds snapshots could not be read: {why}")));
    }
    let found = work.looker.look_at_snapshots(vec![id.clone()]).await?;
    let Some(snapshot) = found.first() else { return Ok(Some("it is gone".to_owned())) };
    if snapshot.state != SnapshotState::Completed || snapshot.tier != StorageTier::Standard {
        return Ok(Some(
            "changed since the plan: only completed snapshots of the standard tier are archived".to_owned(),
        ));
    }
    if let Some(why) = (config.keeps_snapshot)(&snapshot.tags) {
        return Ok(Some(format!("changed since the plan: {why}")));
    }
    let request = DescribeSnapshotPermissionsRequest { snapshot: id.clone() };
    let grantees = Call::<DescribeSnapshotPermissions>::call(work.cloud, work.region, request).await?;
    let first = grantees.first();
    Ok(first.map(|first| format!("shared with {first} by itself, and archiving would end that")))
}

async fn goes_to_archive(work: &RegionWork<'_>, id: &SnapshotId) -> Result<bool, CloudError> {
    Ok(statuses(work, std::slice::from_ref(id)).await?.first().is_some_and(TierStatus::goes_to_archive))
}

/// Where these snapshots are between the tiers.
async fn statuses(work: &RegionWork<'_>, ids: &[SnapshotId]) -> Result<Vec<TierStatus>, CloudError> {
    let mut statuses = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS_PER_CALL_MAX) {
        let request = DescribeSnapshotTierStatusRequest { snapshots: ids.to_vec(), next_token: None };
        let (_, result) = for_each_page::<DescribeSnapshotTierStatus>(work.cloud, work.region, request, |page| {
            statuses.extend(page.snapshots);
        })
        .await;
        result.map_err(|error| match error {
            PageError::Call(error) => error,
            other => CloudError {
                class: ErrorClass::Other,
                operation: "DescribeSnapshotTierStatus",
                code: None,
                message: other.to_string(),
                request_id: None,
            },
        })?;
    }
    Ok(statuses)
}

/// Takes the snapshots that a run archived out of the archive, and puts the tags of the stage back. The image stays disabled.
pub(crate) async fn take_back(
    work: &RegionWork<'_>,
    step: &Step,
    recorded: &Image,
    snapshots: &[SnapshotId],
) -> Result<StepResult, Halt> {
    let restoring = match restore(work, &step.id, snapshots).await? {
        Ok(restoring) => restoring,
        Err(why) => return Ok(StepResult::Failed { why, left: "archived".to_owned() }),
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
    step: &str,
    recorded: &Image,
) -> Result<Option<StepResult>, Halt> {
    if recorded.tags.get(STAGE_TAG) != Some(Reached::Stage(Stage::ArchiveSnapshots).as_str()) {
        return Ok(None);
    }
    let mut ids: Vec<SnapshotId> = recorded.snapshots().cloned().collect();
    ids.sort_unstable();
    ids.dedup();
    match restore(work, step, &ids).await? {
        Ok(0) => Ok(None),
        Ok(restoring) => Err(Halt::TimedOut(format!(
            "{}: {restoring} of its snapshots on the way out of the archive, which takes up to 72 hours; it is enabled when they are back",
            recorded.id
        ))),
        Err(why) => Ok(Some(StepResult::Failed { why, left: "disabled, its snapshots archived".to_owned() })),
    }
}

/// Sees to it that these snapshots come out of the archive for good; how many are on their way, or why one cannot.
async fn restore(work: &RegionWork<'_>, step: &str, ids: &[SnapshotId]) -> Result<Result<usize, String>, Halt> {
    let statuses = match statuses(work, ids).await {
        Ok(statuses) => statuses,
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(Err(format!("where its snapshots are could not be read: {error}")));
        }
    };
    let mut restoring = 0;
    for status in statuses {
        if status.goes_to_archive() {
            work.check_stop()?;
            let call = JournalCall::RestoreTier(status.snapshot.clone());
            work.intend(step, call.clone()).await?;
            let request = RestoreSnapshotTierRequest { snapshot: status.snapshot.clone() };
            let sent = send(
                || Call::<RestoreSnapshotTier>::call(work.cloud, work.region, request.clone()),
                || async { Ok(!goes_to_archive(work, &status.snapshot).await?) },
            )
            .await;
            if let Some(failure) = conclude(work, step, call, sent).await? {
                let still = if status.operation == "archival-in-progress" {
                    "; it is still on its way into the archive, and can come back once it is there"
                } else {
                    ""
                };
                return Ok(Err(format!("{} could not be taken out of the archive: {failure}{still}", status.snapshot)));
            }
            restoring += 1;
        } else if status.is_being_restored() {
            restoring += 1;
        }
    }
    Ok(Ok(restoring))
}
