//! The journal read back: how far every step got. What the code could not have written is an error, not a guess.

use std::collections::{BTreeMap, HashMap};

use amictl_model::{Image, ImageId, ImageState, Moment, SnapshotId};
use serde::{Deserialize, Serialize};

use crate::event::{
    CallOutcome, Event, Fate, JournalCall, Overruled, Record, RunStarted, RunStatus, SnapshotFate, StepResult,
};

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

/// What a step produced beside images.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Produced {
    /// The version of the launch template that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The instance refreshes that were started, by group. Names are text from outside.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refreshes: BTreeMap<Box<str>, Box<str>>,
    /// The instances that were launched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<Box<str>>,
    /// The snapshot that was made, or found made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotId>,
    /// The upload of a disk to S3 that was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<Box<str>>,
    /// The task that imports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Box<str>>,
    /// The first block of a disk that may not have been put into it yet.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub sent_below: u32,
    /// Why what the step did was put back, if it was. Text from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turned_back: Option<Box<str>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// How far a step got.
#[derive(Debug, Clone, Default)]
pub struct StepState {
    /// The image as it was before the run acted on it.
    pub recorded: Option<Box<Image>>,
    /// Whether the resource was looked at and recorded that the step is about, where that is no image.
    pub is_seen: bool,
    /// How far each call got that was meant.
    pub calls: BTreeMap<JournalCall, CallState>,
    /// When `DisableImage` was journaled last, intent or outcome.
    pub disabled_at: Option<Moment>,
    /// The image that the step made, or found made.
    pub made: Option<ImageId>,
    /// What else the step produced.
    pub produced: Produced,
    /// Why the image was to be enabled again, if it was.
    pub found: Option<String>,
    /// What was seen behind the fence and did not keep the image.
    pub overruled: Option<Overruled>,
    /// Whether references were read again behind the fence that stands, and nothing was found.
    pub is_cleared: bool,
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
            Event::Recorded { step, image } => {
                let state = self.open(step)?;
                // Before anything was done it is looked at anew.
                if state.may_have_changed() {
                    return Err(format!("the image of step {step} is recorded after something was done to it"));
                }
                state.recorded = Some(image.clone());
            }
            Event::Intent { step, call } => self.open(step)?.intend(call, record.at)?,
            Event::Outcome { step, call, outcome } => self.open(step)?.conclude(call, outcome, record.at)?,
            Event::Seen { step, .. } => self.open(step)?.is_seen = true,
            Event::Found { step, image } => self.open(step)?.made = Some(image.clone()),
            Event::Rechecked { step, found, overruled } => self.open(step)?.recheck(found, overruled)?,
            Event::FoundSnapshot { step, snapshot } => {
                self.open(step)?.produced.snapshot = Some(snapshot.clone());
            }
            Event::Sent { step, below } => self.open(step)?.send(*below)?,
            Event::TurnedBack { step, why } => self.open(step)?.produced.turned_back = Some(why.as_str().into()),
            Event::StepFinished { step, result } => self.open(step)?.result = Some(result.clone()),
        }
        Ok(())
    }

    /// The state of a step that is not over, in a run that is not.
    fn open(&mut self, step: &str) -> Result<&mut StepState, String> {
        if self.status == Some(RunStatus::Finished) {
            return Err("the run was over".to_owned());
        }
        let state = self.steps.entry(step.to_owned()).or_default();
        if state.result.is_some() { Err(format!("step {step} was over")) } else { Ok(state) }
    }
}

impl StepState {
    /// How far this call got.
    #[must_use]
    pub fn call(&self, call: &JournalCall) -> CallState {
        self.calls.get(call).copied().unwrap_or_default()
    }

    /// Whether this call had its effect.
    #[must_use]
    pub fn is_done(&self, call: &JournalCall) -> bool {
        self.call(call) == CallState::Done
    }

    /// Whether this call may have had its effect.
    #[must_use]
    pub fn may_have(&self, call: &JournalCall) -> bool {
        self.call(call).may_have_happened()
    }

    /// Whether an image may have been made, and not only found.
    #[must_use]
    pub fn may_have_made(&self) -> bool {
        self.calls.iter().any(|(call, state)| call.makes_image() && state.may_have_happened())
    }

    /// Whether a call may have changed something, or have changed it back.
    #[must_use]
    pub fn may_have_changed(&self) -> bool {
        self.calls.values().any(|state| state.may_have_happened())
    }

    fn intend(&mut self, call: &JournalCall, at: Moment) -> Result<(), String> {
        if self.recorded.is_none() && self.made.is_none() && !self.is_seen && call.is_about_an_image() {
            return Err("an intent without a record of the image".to_owned());
        }
        match call {
            JournalCall::Disable => {
                self.disabled_at = Some(at);
                self.is_cleared = false;
            }
            JournalCall::Deregister if !self.is_cleared => {
                return Err("an image is deregistered before references were read again".to_owned());
            }
            JournalCall::DeleteManifest
                if !matches!(self.call(&JournalCall::DeleteParts), CallState::No | CallState::Done) =>
            {
                return Err("a manifest is deleted before its parts".to_owned());
            }
            JournalCall::PutBlocks if self.produced.snapshot.is_none() => {
                return Err("blocks are put into no snapshot".to_owned());
            }
            JournalCall::CompleteUpload if !self.is_done(&JournalCall::UploadParts) => {
                return Err("an upload is completed before its parts are there".to_owned());
            }
            JournalCall::CompleteSnapshot if !self.is_done(&JournalCall::PutBlocks) => {
                return Err("a snapshot is completed before its blocks are put".to_owned());
            }
            JournalCall::ArchiveSnapshot(_)
                if self.recorded.as_ref().is_none_or(|image| image.state != ImageState::Disabled) =>
            {
                return Err("a snapshot of an image that is not disabled is archived".to_owned());
            }
            JournalCall::DeleteSnapshot(_) if !self.is_seen && !self.is_done(&JournalCall::Deregister) => {
                return Err("a snapshot is deleted before its image is deregistered".to_owned());
            }
            _ => {}
        }
        self.calls.insert(call.clone(), CallState::Intended);
        Ok(())
    }

    fn send(&mut self, below: u32) -> Result<(), String> {
        if self.call(&JournalCall::PutBlocks) != CallState::Intended {
            return Err("blocks were put that were not meant to be".to_owned());
        }
        if below < self.produced.sent_below {
            return Err("blocks that were put are not put any more".to_owned());
        }
        self.produced.sent_below = below;
        Ok(())
    }

    fn recheck(&mut self, found: &Option<String>, overruled: &Option<Overruled>) -> Result<(), String> {
        if self.recorded.is_none() {
            return Err("references were read again for an image that was not recorded".to_owned());
        }
        self.is_cleared = found.is_none();
        self.found.clone_from(found);
        self.overruled.clone_from(overruled);
        Ok(())
    }

    fn conclude(&mut self, call: &JournalCall, outcome: &CallOutcome, at: Moment) -> Result<(), String> {
        if matches!(outcome, CallOutcome::Deregistered(_)) && *call != JournalCall::Deregister {
            return Err("snapshots that went with an image come out of another call".to_owned());
        }
        if let CallOutcome::Made(made) = outcome {
            if !call.makes_image() {
                return Err("an image comes out of a call that makes none".to_owned());
            }
            self.made = Some(made.clone());
        }
        match (call, outcome) {
            (JournalCall::TemplateVersion, CallOutcome::Version(number)) => self.produced.version = Some(*number),
            (JournalCall::TemplateVersionBack, CallOutcome::Version(_)) => {}
            (JournalCall::Refresh(refresh), CallOutcome::Refresh(id)) => {
                self.produced.refreshes.insert(refresh.group.clone(), id.clone());
            }
            (JournalCall::RefreshBack(_), CallOutcome::Refresh(_)) => {}
            (JournalCall::Launch, CallOutcome::Launched(instances)) => self.produced.instances.clone_from(instances),
            (JournalCall::BeginUpload, CallOutcome::Upload(id)) => self.produced.upload = Some(id.clone()),
            (JournalCall::ImportSnapshot, CallOutcome::Task(id)) => self.produced.task = Some(id.clone()),
            (JournalCall::StartSnapshot, CallOutcome::Snapshot(id)) => self.produced.snapshot = Some(id.clone()),
            (
                _,
                CallOutcome::Version(_)
                | CallOutcome::Refresh(_)
                | CallOutcome::Launched(_)
                | CallOutcome::Snapshot(_)
                | CallOutcome::Upload(_)
                | CallOutcome::Task(_),
            ) => {
                return Err("what came out of a call is not what it makes".to_owned());
            }
            _ => {}
        }
        let state = match outcome {
            CallOutcome::Done
            | CallOutcome::AlreadyDone
            | CallOutcome::Deregistered(_)
            | CallOutcome::Made(_)
            | CallOutcome::Version(_)
            | CallOutcome::Refresh(_)
            | CallOutcome::Launched(_)
            | CallOutcome::Snapshot(_)
            | CallOutcome::Upload(_)
            | CallOutcome::Task(_) => CallState::Done,
            CallOutcome::Failed(_) => CallState::Failed,
            CallOutcome::Unknown(_) => CallState::Unknown,
        };
        match self.calls.get_mut(call) {
            Some(slot @ CallState::Intended) => *slot = state,
            _ => return Err("an outcome without an intent".to_owned()),
        }
        match (call, outcome) {
            (JournalCall::Disable, _) => self.disabled_at = Some(at),
            (JournalCall::Deregister, CallOutcome::Deregistered(fates)) => {
                self.snapshots.extend(fates.iter().map(|SnapshotFate { id, fate }| (id.clone(), fate.clone())));
            }
            (JournalCall::DeleteSnapshot(id), outcome) => {
                let fate = match outcome {
                    CallOutcome::AlreadyDone => Fate::AlreadyGone,
                    CallOutcome::Failed(why) | CallOutcome::Unknown(why) => Fate::Failed(why.clone()),
                    _ => Fate::Deleted,
                };
                self.snapshots.insert(id.clone(), fate);
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use amictl_model::{AccountId, Region};

    use super::*;

    const IMAGE: &str = r#"{
        "id": "ami-0123456789abcdef0", "name": "web-1", "owner": "123456789012", "state": "available", "public": false,
        "root_device_type": "ebs", "created_at": null, "deprecation_at": null, "last_launched_at": null,
        "protection": "disabled", "architecture": "x86_64", "block_devices": []
    }"#;

    fn started() -> Event {
        let account: AccountId = "123456789012".parse().unwrap();
        let region: Region = "us-east-1".parse().unwrap();
        Event::RunStarted(RunStarted {
            run_id: "run".to_owned(),
            plan_id: "plan".to_owned(),
            plan_digest: "sha256:0".to_owned(),
            account,
            regions: vec![region],
            steps: 1,
            settle_seconds: 60,
        })
    }

    fn step() -> String {
        "s1".to_owned()
    }

    fn recorded() -> Event {
        let image = serde_json::from_str(IMAGE).unwrap_or_else(|error| panic!("{error}"));
        Event::Recorded { step: step(), image: Box::new(image) }
    }

    fn intent(call: JournalCall) -> Event {
        Event::Intent { step: step(), call }
    }

    fn outcome(call: JournalCall, outcome: CallOutcome) -> Event {
        Event::Outcome { step: step(), call, outcome }
    }

    fn rechecked(found: Option<&str>) -> Event {
        Event::Rechecked { step: step(), found: found.map(str::to_owned), overruled: None }
    }

    fn finished() -> Event {
        Event::StepFinished { step: step(), result: StepResult::Done { snapshots: Vec::new() } }
    }

    /// What is wrong with the last of these events.
    fn wrong(events: &[Event]) -> Option<String> {
        let at = Moment::from_secs(1_800_000_000);
        let event = |(seq, event): (u64, &Event)| Record { seq, at, event: event.clone() };
        let records: Vec<Record> = (1..).zip(events).map(event).collect();
        assert!(Replay::of(&records[..records.len() - 1]).is_ok() || records.len() == 1, "an earlier line is wrong");
        Replay::of(&records).err().map(|error| {
            assert_eq!(error.line, records.len(), "{error}");
            error.what
        })
    }

    #[test]
    fn a_whole_step_reads_back() {
        use JournalCall::{Deregister, Disable};
        let events = [
            started(),
            recorded(),
            intent(Disable),
            outcome(Disable, CallOutcome::Done),
            rechecked(None),
            intent(Deregister),
            outcome(Deregister, CallOutcome::Deregistered(Vec::new())),
            finished(),
            Event::RunFinished { status: RunStatus::Finished },
        ];
        for end in 1..=events.len() {
            assert_eq!(wrong(&events[..end]), None, "{end}");
        }
        assert_eq!(wrong(&[started(), recorded(), Event::RunResumed, recorded()]), None);
    }

    #[test]
    fn what_no_run_can_have_written_is_refused() {
        use JournalCall::{DeleteManifest, DeleteParts, DeleteSnapshot, Deregister, Disable, Tag};
        let snapshot = DeleteSnapshot("snap-0123456789abcdef0".parse().unwrap());
        let archived = JournalCall::ArchiveSnapshot("snap-0123456789abcdef0".parse().unwrap());
        let disabled = [started(), recorded(), intent(Disable), outcome(Disable, CallOutcome::Done)];
        let after = |events: &[Event], last: Event| wrong(&[events, &[last]].concat());
        let over = Event::RunFinished { status: RunStatus::Finished };
        for (what, found) in [
            ("a journal begins", wrong(&[recorded()])),
            ("starts a second time", after(&disabled, started())),
            ("recorded after something was done", after(&disabled, recorded())),
            ("an intent without a record", after(&[started()], intent(Disable))),
            ("that was not recorded", after(&[started()], rechecked(None))),
            ("an outcome without an intent", after(&disabled, outcome(Tag, CallOutcome::Done))),
            ("an outcome without an intent", after(&disabled, outcome(Disable, CallOutcome::Done))),
            ("before references were read again", after(&disabled, intent(Deregister))),
            (
                "before references were read again",
                after(&[&disabled[..], &[rechecked(Some("in use"))]].concat(), intent(Deregister)),
            ),
            // A fence that is raised anew has to be looked behind anew.
            (
                "before references were read again",
                after(&[&disabled[..], &[rechecked(None), intent(Disable)]].concat(), intent(Deregister)),
            ),
            ("before its image is deregistered", after(&disabled, intent(snapshot))),
            ("before its parts", after(&[started(), intent(DeleteParts)], intent(DeleteManifest))),
            (
                "come out of another call",
                after(&[&disabled[..], &[intent(Tag)]].concat(), outcome(Tag, CallOutcome::Deregistered(Vec::new()))),
            ),
            ("that is not disabled is archived", after(&disabled, intent(archived))),
            ("was over", after(&[&disabled[..], &[finished()]].concat(), intent(Tag))),
            ("the run was over", after(&[&disabled[..], &[over]].concat(), intent(Tag))),
        ] {
            assert!(found.as_deref().is_some_and(|found| found.contains(what)), "{what}: {found:?}");
        }
    }
}
