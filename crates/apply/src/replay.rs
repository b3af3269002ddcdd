//! The journal read back: how far every step got. What the code could not have written is an error, not a guess.

use std::collections::HashMap;

use amictl_model::{Image, Moment, SnapshotId};

use crate::event::{CallOutcome, Event, Fate, JournalCall, Record, RunStarted, RunStatus, SnapshotFate, StepResult};

/// A journal that cannot be one of amictl's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the journal is not possible there: {what}")]
pub struct ReplayError {
    line: usize,
    what: String,
}

/// How far a mutating call got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CallState {
    /// Never meant.
    #[default]
    No,
    /// Meant; whether it was sent, and what came of it, is unknown.
    Intended,
    /// It had its effect.
    Done,
    /// It had none.
    Failed,
    /// Sent, and what came of it could not be found out.
    Unknown,
}

impl CallState {
    /// Whether it may have had its effect.
    #[must_use]
    pub fn may_have_happened(self) -> bool {
        matches!(self, Self::Intended | Self::Done | Self::Unknown)
    }
}

/// How far a step got.
#[derive(Debug, Clone, Default)]
pub struct StepState {
    /// The image as it was before the run acted on it.
    pub recorded: Option<Box<Image>>,
    /// `DisableImage`.
    pub disable: CallState,
    /// When `DisableImage` was journaled last, intent or outcome.
    pub disabled_at: Option<Moment>,
    /// `DeregisterImage`.
    pub deregister: CallState,
    /// `EnableImage`.
    pub enable: CallState,
    /// Launch permissions put back.
    pub share: CallState,
    /// `EnableImageDeprecation` by a stage.
    pub deprecate: CallState,
    /// The deprecation put back.
    pub undeprecate: CallState,
    /// `CreateTags`.
    pub tag: CallState,
    /// `DeleteTags`.
    pub untag: CallState,
    /// Why the image was to be enabled again, if it was.
    pub found: Option<String>,
    /// What became of snapshots so far.
    pub snapshots: HashMap<SnapshotId, Fate>,
    /// What came of the step, if it is over.
    pub result: Option<StepResult>,
}

/// A run as its journal tells it.
#[derive(Debug, Clone)]
pub struct Replay {
    /// What it is about.
    pub run: RunStarted,
    /// When it began.
    pub started_at: Moment,
    /// When its last line was written.
    pub last_at: Moment,
    /// The number of that line.
    pub last_seq: u64,
    /// How its last process stopped.
    pub status: Option<RunStatus>,
    /// The steps that something was written of.
    pub steps: HashMap<String, StepState>,
}

impl Replay {
    /// Reads a journal back.
    ///
    /// # Errors
    /// [`ReplayError`] names the line that cannot follow the ones before it.
    pub fn of(records: &[Record]) -> Result<Self, ReplayError> {
        let refuse = |line: usize, what: &str| ReplayError { line, what: what.to_owned() };
        let Some(Record { at, event: Event::RunStarted(run), .. }) = records.first() else {
            return Err(refuse(1, "a journal begins with the start of its run"));
        };
        let mut replay =
            Self { run: run.clone(), started_at: *at, last_at: *at, last_seq: 0, status: None, steps: HashMap::new() };
        for (index, record) in records.iter().enumerate() {
            let line = index + 1;
            if record.seq != line as u64 {
                return Err(refuse(line, "its number leaves a gap"));
            }
            replay.take(index, record).map_err(|what| ReplayError { line, what })?;
            replay.last_at = record.at;
            replay.last_seq = record.seq;
        }
        Ok(replay)
    }

    fn take(&mut self, index: usize, record: &Record) -> Result<(), String> {
        match &record.event {
            Event::RunStarted(_) if index > 0 => return Err("the run starts a second time".to_owned()),
            Event::RunStarted(_) => {}
            Event::RunResumed => self.status = None,
            Event::RunFinished { status } => self.status = Some(*status),
            Event::Recorded { step, image } => self.open(step)?.recorded = Some(image.clone()),
            Event::Intent { step, call } => self.open(step)?.intend(call, record.at)?,
            Event::Outcome { step, call, outcome } => self.open(step)?.conclude(call, outcome, record.at)?,
            Event::Rechecked { step, found } => self.open(step)?.found.clone_from(found),
            Event::StepFinished { step, result } => self.open(step)?.result = Some(result.clone()),
        }
        Ok(())
    }

    /// The state of a step that is not over.
    fn open(&mut self, step: &str) -> Result<&mut StepState, String> {
        let state = self.steps.entry(step.to_owned()).or_default();
        if state.result.is_some() { Err(format!("step {step} was over")) } else { Ok(state) }
    }
}

impl StepState {
    /// Whether a call may have changed something, or have changed it back.
    #[must_use]
    pub fn may_have_changed(&self) -> bool {
        let calls = [
            self.disable,
            self.deregister,
            self.enable,
            self.share,
            self.deprecate,
            self.undeprecate,
            self.tag,
            self.untag,
        ];
        calls.into_iter().any(CallState::may_have_happened)
    }

    fn intend(&mut self, call: &JournalCall, at: Moment) -> Result<(), String> {
        if self.recorded.is_none() {
            return Err("an intent without a record of the image".to_owned());
        }
        match call {
            JournalCall::Disable => {
                self.disable = CallState::Intended;
                self.disabled_at = Some(at);
            }
            JournalCall::Enable => self.enable = CallState::Intended,
            JournalCall::Share => self.share = CallState::Intended,
            JournalCall::Deregister => self.deregister = CallState::Intended,
            JournalCall::Deprecate => self.deprecate = CallState::Intended,
            JournalCall::Undeprecate => self.undeprecate = CallState::Intended,
            JournalCall::Tag => self.tag = CallState::Intended,
            JournalCall::Untag => self.untag = CallState::Intended,
            JournalCall::DeleteSnapshot(_) if self.deregister != CallState::Done => {
                return Err("a snapshot is deleted before its image is deregistered".to_owned());
            }
            JournalCall::DeleteSnapshot(_) => {}
        }
        Ok(())
    }

    fn conclude(&mut self, call: &JournalCall, outcome: &CallOutcome, at: Moment) -> Result<(), String> {
        let state = match outcome {
            CallOutcome::Done | CallOutcome::AlreadyDone | CallOutcome::Deregistered(_) => CallState::Done,
            CallOutcome::Failed(_) => CallState::Failed,
            CallOutcome::Unknown(_) => CallState::Unknown,
        };
        let slot = match call {
            JournalCall::Disable => {
                self.disabled_at = Some(at);
                &mut self.disable
            }
            JournalCall::Enable => &mut self.enable,
            JournalCall::Share => &mut self.share,
            JournalCall::Deprecate => &mut self.deprecate,
            JournalCall::Undeprecate => &mut self.undeprecate,
            JournalCall::Tag => &mut self.tag,
            JournalCall::Untag => &mut self.untag,
            JournalCall::Deregister => {
                if let CallOutcome::Deregistered(fates) = outcome {
                    self.snapshots.extend(fates.iter().map(|SnapshotFate { id, fate }| (id.clone(), fate.clone())));
                }
                &mut self.deregister
            }
            JournalCall::DeleteSnapshot(id) => {
                let fate = match outcome {
                    CallOutcome::Done | CallOutcome::Deregistered(_) => Fate::Deleted,
                    CallOutcome::AlreadyDone => Fate::AlreadyGone,
                    CallOutcome::Failed(why) | CallOutcome::Unknown(why) => Fate::Failed(why.clone()),
                };
                self.snapshots.insert(id.clone(), fate);
                return Ok(());
            }
        };
        if *slot != CallState::Intended {
            return Err("an outcome without an intent".to_owned());
        }
        *slot = state;
        Ok(())
    }
}
