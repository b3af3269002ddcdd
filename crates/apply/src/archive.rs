//! The stage that archives the snapshots of a disabled image.
//!
//! Moves between the tiers take hours and begin with EC2's answer, so a step ends when they have begun. Looking at the tier status tells
//! whether one has; a step that was interrupted is gone through once more, if its image is still as it was.

use std::time::Duration;

use amictl_cloud::ops::{
    DescribeSnapshotPermissions, DescribeSnapshotPermissionsRequest, DescribeSnapshotTierStatus,
    DescribeSnapshotTierStatusRequest, ModifySnapshotTier, ModifySnapshotTierRequest, TierStatus,
};
use amictl_cloud::{Call, CloudError, ErrorClass, PageError, for_each_page};
use amictl_model::{Image, ImageState, SnapshotId, SnapshotState, StorageTier};
use amictl_plan::Step;
use amictl_policy::{Reached, Stage};

use crate::context::{Halt, RegionWork, RunConfig, halt_on_credentials};
use crate::event::{CallOutcome, Event, Fate, JournalCall, SnapshotFate, StepResult};
use crate::expects::difference_while_interrupted;
use crate::mutate::{Sent, send_again};
use crate::replay::{CallState, StepState};
use crate::returning::conclude;
use crate::staging;
use crate::sweeps::Sweeps;

/// Values of one filter, at most.
const IDS_PER_CALL_MAX: usize = 200;

/// The snapshots that a step of a run archived, or may have.
pub(crate) fn of_run(state: &StepState) -> impl Iterator<Item = &SnapshotId> {
    state.calls.iter().filter(|(_, how)| how.may_have_happened()).filter_map(|(call, _)| match call {
        JournalCall::ArchiveSnapshot(id) => Some(id),
        _ => None,
    })
}

/// A step that archives, and what it goes by.
pub(crate) struct Archiving<'a> {
    pub(crate) work: &'a RegionWork<'a>,
    pub(crate) config: &'a RunConfig,
    pub(crate) step: &'a Step,
    pub(crate) state: &'a StepState,
    pub(crate) recorded: &'a Image,
    pub(crate) first_sweep: Option<&'a Sweeps>,
}

/// What became of a snapshot.
enum Outcome {
    Over(Fate),
    /// EC2 knows of an image that uses it and is not disabled.
    InUse(String),
}

impl Archiving<'_> {
    /// Archives the snapshots of a step one by one, and tags the image with its stage unless one should have gone and did not.
    pub(crate) async fn carry_out(&self) -> Result<StepResult, Halt> {
        let Self { work, step, state, recorded, .. } = *self;
        let mut fates = Vec::with_capacity(step.snapshots.len());
        let mut is_in_use = false;
        for snapshot in &step.snapshots {
            let fate = match &snapshot.kept_because {
                Some(why) => Fate::Kept(why.to_string()),
                None => match self.one(&snapshot.id).await? {
                    Outcome::Over(fate) => fate,
                    Outcome::InUse(why) => {
                        is_in_use = true;
                        Fate::Kept(why)
                    }
                },
            };
            fates.push(SnapshotFate { id: snapshot.id.clone(), fate });
        }
        let failure = fates.iter().find_map(|SnapshotFate { id, fate }| match fate {
            Fate::Failed(why) => Some(format!("{id}: {why}")),
            _ => None,
        });
        let archived = fates.iter().filter(|snapshot| snapshot.fate == Fate::Archived).count();
        if let Some(why) = failure {
            let seen = archived_by_now(work, step, archived).await?.unwrap_or_default();
            return Ok(failed_with(why, seen.max(archived)));
        }
        // Its own image may be the one that uses it.
        if is_in_use && let Some(why) = self.enabled_meanwhile().await? {
            return given_up(work, step, archived, why).await;
        }
        match staging::tag(work, step, state, recorded, Reached::Stage(Stage::ArchiveSnapshots)).await? {
            StepResult::Done { .. } => Ok(StepResult::Done { snapshots: fates }),
            other => Ok(other),
        }
    }

    /// Archives one snapshot, unless it goes there already, or something keeps it where it is.
    async fn one(&self, id: &SnapshotId) -> Result<Outcome, Halt> {
        let Self { work, step, state, .. } = *self;
        work.check_stop()?;
        let call = JournalCall::ArchiveSnapshot(id.clone());
        if state.is_done(&call) {
            return Ok(Outcome::Over(Fate::Archived));
        }
        let may_be_sent = state.may_have(&call);
        let waits = if may_be_sent { work.seen_after } else { &work.seen_after[..1] };
        match go_to_archive(work, std::slice::from_ref(id), waits, 1).await {
            Ok(1) => {
                if state.call(&call) == CallState::Intended {
                    let outcome = CallOutcome::AlreadyDone;
                    work.journal(Event::Outcome { step: step.id.to_string(), call, outcome }).await?;
                }
                return Ok(Outcome::Over(Fate::Archived));
            }
            Ok(_) => {}
            Err(error) => return failed(&error).map(Outcome::Over),
        }
        // What was not archived before the image came to its stage is not archived after it.
        if state.may_have(&JournalCall::Tag) {
            return Ok(Outcome::Over(Fate::Kept("it was not archived before the run was interrupted".to_owned())));
        }
        match self.kept(id).await {
            Ok(None) => {}
            Ok(Some(why)) => return Ok(Outcome::Over(Fate::Kept(why))),
            Err(error) => return failed(&error).map(Outcome::Over),
        }
        work.intend(&step.id, call.clone()).await?;
        let request = ModifySnapshotTierRequest { snapshot: id.clone() };
        let sent = send_again(
            may_be_sent,
            || Call::<ModifySnapshotTier>::call(work.cloud, work.region, request.clone()),
            || goes_to_archive(work, id),
        )
        .await;
        // EC2 knows of every image that uses it, also of one that was registered since the plan.
        let is_in_use = matches!(&sent, Sent::Refused(error) if error.class == ErrorClass::InUse);
        Ok(match conclude(work, &step.id, call, sent).await? {
            None => Outcome::Over(Fate::Archived),
            Some(why) if is_in_use => Outcome::InUse(why),
            Some(why) => Outcome::Over(Fate::Failed(why)),
        })
    }

    /// Why a snapshot is not archived: archiving ends its sharing and its fast restores, and what is not read may be either.
    async fn kept(&self, id: &SnapshotId) -> Result<Option<String>, CloudError> {
        let Self { work, config, first_sweep, .. } = *self;
        if let Some(why) = work.held.why(id) {
            return Ok(Some(why.to_owned()));
        }
        if let Some(why) = work.held.unread.first() {
            return Ok(Some(format!("what holds snapshots could not be read: {why}")));
        }
        if let Some(why) = first_sweep.and_then(|sweep| sweep.names(id)) {
            return Ok(Some(why));
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

    /// Why the image is no longer what this stage is about, if somebody enabled it in the meantime.
    async fn enabled_meanwhile(&self) -> Result<Option<String>, Halt> {
        let Self { work, recorded, .. } = *self;
        let is_enabled = |image: Option<&Image>| image.is_none_or(|image| image.state != ImageState::Disabled);
        match work.look_until(&recorded.id, work.seen_after, is_enabled).await {
            Ok(image) if is_enabled(image.as_ref()) => {
                let now = image.map_or("gone", |image| image.state.as_str());
                Ok(Some(format!("{now} since the run began: nothing more of it is archived")))
            }
            Ok(_) => Ok(None),
            Err(error) => {
                halt_on_credentials(&error)?;
                Ok(Some(format!("could not be looked at: {error}")))
            }
        }
    }
}

/// Ends a step that was interrupted if anything speaks against it by now: while no process was there, nothing kept others away.
pub(crate) async fn no_longer_due(
    work: &RegionWork<'_>,
    config: &RunConfig,
    step: &Step,
    state: &StepState,
    recorded: &Image,
    first_sweep: Option<&Sweeps>,
) -> Result<Option<StepResult>, Halt> {
    // Its tags are set last: nothing more is archived, and what is left to do is to see that it has them.
    if state.may_have(&JournalCall::Tag) {
        return enabled_before_its_end(work, recorded).await;
    }
    let why = match first_sweep.and_then(|sweep| sweep.obstacle(config, step)) {
        Some(why) => Some(why),
        None => match work.looker.look(&recorded.id).await {
            Ok(image) => difference_while_interrupted(recorded, image.as_ref()),
            Err(error) => {
                halt_on_credentials(&error)?;
                Some(format!("could not be looked at: {error}"))
            }
        },
    };
    match why {
        Some(why) => given_up(work, step, of_run(state).count(), why).await.map(Some),
        None => Ok(None),
    }
}

/// The end of a step that was interrupted when the tags of its stage were set or to be set, if the image is not disabled any more: it is not to
/// get them now, and the stage is not what the image is in.
async fn enabled_before_its_end(work: &RegionWork<'_>, recorded: &Image) -> Result<Option<StepResult>, Halt> {
    let why = match work.looker.look(&recorded.id).await {
        Ok(Some(image)) if image.state == ImageState::Disabled => return Ok(None),
        Ok(image) => {
            let now = image.map_or("gone", |image| image.state.as_str());
            format!("{now} while the run was interrupted")
        }
        Err(error) => {
            halt_on_credentials(&error)?;
            format!("could not be looked at: {error}")
        }
    };
    Ok(Some(StepResult::Failed { why, left: "unknown, perhaps with the tags of its stage".to_owned() }))
}

/// The end of a step that is given up: what is archived by then stays so, and is told; so many snapshots may be.
async fn given_up(work: &RegionWork<'_>, step: &Step, may_be: usize, why: String) -> Result<StepResult, Halt> {
    Ok(match archived_by_now(work, step, may_be).await? {
        Ok(0) => StepResult::Skipped { why },
        Ok(archived) => failed_with(why, archived),
        Err(()) => StepResult::Failed { why, left: "unknown, some of its snapshots may be archived".to_owned() },
    })
}

fn failed_with(why: String, archived: usize) -> StepResult {
    StepResult::Failed { why, left: format!("disabled, {archived} of its snapshots archived") }
}

/// How many of the step's snapshots are archived, looked at until it is so many; the inner error is that it cannot be told.
async fn archived_by_now(work: &RegionWork<'_>, step: &Step, expected: usize) -> Result<Result<usize, ()>, Halt> {
    let archived = step.snapshots.iter().filter(|snapshot| snapshot.archive);
    let ids: Vec<SnapshotId> = archived.map(|snapshot| snapshot.id.clone()).collect();
    match go_to_archive(work, &ids, work.seen_after, expected).await {
        Ok(archived) => Ok(Ok(archived)),
        Err(error) => {
            halt_on_credentials(&error)?;
            Ok(Err(()))
        }
    }
}

fn failed(error: &CloudError) -> Result<Fate, Halt> {
    halt_on_credentials(error)?;
    Ok(Fate::Failed(error.to_string()))
}

pub(crate) async fn goes_to_archive(work: &RegionWork<'_>, id: &SnapshotId) -> Result<bool, CloudError> {
    Ok(statuses(work, std::slice::from_ref(id)).await?.first().is_some_and(TierStatus::goes_to_archive))
}

/// How many of these snapshots are in the archive or on their way there, once it is so many, or after all that waiting.
async fn go_to_archive(
    work: &RegionWork<'_>,
    ids: &[SnapshotId],
    waits: &[Duration],
    expected: usize,
) -> Result<usize, CloudError> {
    let mut last = Ok(0);
    for wait in waits {
        tokio::time::sleep(*wait).await;
        last =
            statuses(work, ids).await.map(|statuses| statuses.iter().filter(|status| status.goes_to_archive()).count());
        match &last {
            Ok(going) if *going >= expected => break,
            Err(error) if error.class == ErrorClass::Credentials => break,
            _ => {}
        }
    }
    last
}

/// Where these snapshots are between the tiers.
pub(crate) async fn statuses(work: &RegionWork<'_>, ids: &[SnapshotId]) -> Result<Vec<TierStatus>, CloudError> {
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
