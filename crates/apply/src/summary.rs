//! What a run has come to, as read back from its journal.

use std::collections::HashMap;

use amictl_model::{ImageId, Moment, Region};
use amictl_plan::{Action, Change, Plan, Step, Target};
use serde::{Deserialize, Serialize};

use crate::event::{Fate, JournalCall, RunStarted, RunStatus, StepResult};
use crate::replay::{Produced, Replay, StepState};

/// A run, whole or so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// What it is about.
    pub run: RunStarted,
    /// When it began.
    pub started_at: Moment,
    /// When its last line was written.
    pub last_at: Moment,
    /// How its last process stopped; `None` when it is still at work or was killed.
    pub status: Option<RunStatus>,
    /// Every step of the plan, in its order.
    pub steps: Vec<StepSummary>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepSummary {
    /// The step.
    pub id: String,
    /// What it does.
    pub action: Action,
    /// The image, or what else it is about.
    pub target: Target,
    /// Its name. Attacker-controlled text.
    pub name: String,
    /// Its Region.
    pub region: Region,
    /// How far it got.
    pub progress: StepProgress,
    /// What a command asked for; `None` where the step follows from a verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Box<Change>>,
    /// The image that it made, or found made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<ImageId>,
    /// Whether the image was made by this run, or may have been.
    #[serde(default)]
    pub is_made: bool,
    /// Whether a call was sent, or may have been, that changes something.
    #[serde(default)]
    pub is_changed: bool,
    /// What else it produced.
    #[serde(default)]
    pub produced: Produced,
}

/// How far a step got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepProgress {
    /// Nothing was done yet.
    Pending,
    /// A call was sent, or may have been; the step is not over.
    Begun,
    /// The image is disabled, or may be; the step is not over.
    Fenced,
    /// The image is deregistered, or may be; the step is not over.
    Deregistering,
    /// It is over.
    Over(StepResult),
}

/// Numbers of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCounts {
    /// Steps done.
    pub done: u64,
    /// Steps skipped.
    pub skipped: u64,
    /// Images enabled again.
    pub returned: u64,
    /// Steps failed.
    pub failed: u64,
    /// Steps not over.
    pub unfinished: u64,
    /// Snapshots deleted, or gone already.
    pub snapshots_deleted: u64,
    /// Snapshots kept on purpose.
    pub snapshots_kept: u64,
    /// Snapshots on their way to the archive.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub snapshots_archived: u64,
    /// Snapshots that should have gone and did not.
    pub snapshots_failed: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl RunSummary {
    /// Images that it has brought to a stage.
    #[must_use]
    pub fn retired(&self) -> u64 {
        let is_retired = |step: &&StepSummary| {
            step.change.is_none()
                && step.action.stage().is_some()
                && matches!(step.progress, StepProgress::Over(StepResult::Done { .. }))
        };
        self.steps.iter().filter(is_retired).count() as u64
    }

    /// The numbers.
    #[must_use]
    pub fn counts(&self) -> RunCounts {
        let mut counts = RunCounts::default();
        for step in &self.steps {
            match &step.progress {
                StepProgress::Over(StepResult::Done { snapshots }) => {
                    counts.done += 1;
                    for snapshot in snapshots {
                        match snapshot.fate {
                            Fate::Deleted | Fate::AlreadyGone => counts.snapshots_deleted += 1,
                            Fate::Archived => counts.snapshots_archived += 1,
                            Fate::Kept(_) => counts.snapshots_kept += 1,
                            Fate::Failed(_) => counts.snapshots_failed += 1,
                        }
                    }
                }
                StepProgress::Over(StepResult::Skipped { .. }) => counts.skipped += 1,
                StepProgress::Over(StepResult::Returned { .. }) => counts.returned += 1,
                StepProgress::Over(StepResult::Failed { .. }) => counts.failed += 1,
                StepProgress::Pending | StepProgress::Begun | StepProgress::Fenced | StepProgress::Deregistering => {
                    counts.unfinished += 1;
                }
            }
        }
        counts
    }
}

impl RunCounts {
    /// Whether every step and every snapshot came to what the plan says.
    #[must_use]
    pub fn all_done(&self) -> bool {
        self.skipped + self.returned + self.failed + self.unfinished + self.snapshots_failed == 0
    }
}

impl RunSummary {
    /// A run's summary from its plan and its journal, with what undoing it has given back since.
    #[must_use]
    pub fn of(plan: &Plan, replay: &Replay, undone: &HashMap<String, StepResult>) -> Self {
        let names: HashMap<&ImageId, &str> =
            plan.verdicts.iter().map(|verdict| (&verdict.image_id, &*verdict.name)).collect();
        let steps = plan
            .steps
            .iter()
            .map(|step| {
                let state = replay.steps.get(step.id.as_str());
                let name = || names.get(step.image()).copied();
                StepSummary {
                    id: step.id.to_string(),
                    action: step.action,
                    target: step.target.clone(),
                    name: step.name.as_deref().or_else(name).unwrap_or_default().to_owned(),
                    region: step.region.clone(),
                    progress: progress(step, state, undone.get(step.id.as_str())),
                    change: step.change.clone(),
                    made: state.and_then(|state| state.made.clone()),
                    is_made: state.is_some_and(StepState::may_have_made),
                    is_changed: state.is_some_and(StepState::may_have_changed),
                    produced: state.map(|state| state.produced.clone()).unwrap_or_default(),
                }
            })
            .collect();
        Self {
            run: replay.run.clone(),
            started_at: replay.started_at,
            last_at: replay.last_at,
            status: replay.status,
            steps,
        }
    }
}

fn progress(step: &Step, state: Option<&StepState>, undone: Option<&StepResult>) -> StepProgress {
    match (state, undone) {
        (_, Some(result @ StepResult::Returned { .. })) => StepProgress::Over(result.clone()),
        (None, _) => StepProgress::Pending,
        (Some(StepState { result: Some(result), .. }), _) => StepProgress::Over(result.clone()),
        (Some(state), _) if state.may_have(&JournalCall::Deregister) => StepProgress::Deregistering,
        (Some(state), _) if step.change.is_none() && state.may_have(&JournalCall::Disable) => StepProgress::Fenced,
        (Some(state), _) if state.may_have_changed() => StepProgress::Begun,
        (Some(_), _) => StepProgress::Pending,
    }
}
