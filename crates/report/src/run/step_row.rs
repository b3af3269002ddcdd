//! One step of a run as a record.

use amictl_apply::{Fate, Produced, SnapshotFate, StepProgress, StepResult, StepSummary};
use amictl_model::{ImageId, Region, SnapshotId};
use amictl_plan::{Action, Change, Target, Undo};
use serde::Serialize;

use crate::change;

/// The record.
#[derive(Serialize)]
pub(super) struct StepRow<'a> {
    pub(super) id: &'a str,
    pub(super) action: Action,
    /// The image, where it is about one.
    pub(super) image_id: Option<&'a ImageId>,
    /// What is acted on.
    pub(super) target: &'a Target,
    pub(super) name: &'a str,
    pub(super) region: &'a Region,
    pub(super) outcome: &'static str,
    pub(super) reason: Option<&'a str>,
    /// What state a failed step left the image in.
    pub(super) left: Option<&'a str>,
    /// What to do about a step that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) advice: Option<&'static str>,
    pub(super) snapshots: Vec<SnapshotRow<'a>>,
    /// What a command asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) change: Option<&'a Change>,
    /// The image that was made, or that was there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) made: Option<&'a ImageId>,
    /// Whether that was made by this run.
    #[serde(skip)]
    pub(super) is_made: bool,
    /// Whether a step of a command sent anything that may have changed something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) changed: Option<bool>,
    /// What it produced beside images: `version`, `refreshes` and `instances`.
    #[serde(skip_serializing_if = "is_nothing")]
    pub(super) produced: &'a Produced,
}

fn is_nothing(produced: &Produced) -> bool {
    *produced == Produced::default()
}

/// What became of a snapshot.
#[derive(Serialize)]
pub(super) struct SnapshotRow<'a> {
    pub(super) id: &'a SnapshotId,
    pub(super) fate: &'static str,
    pub(super) why: Option<&'a str>,
}

impl<'a> StepRow<'a> {
    pub(super) fn of(step: &'a StepSummary) -> Self {
        let (outcome, reason, left): (_, Option<&str>, Option<&str>) = match &step.progress {
            StepProgress::Pending => ("pending", None, None),
            StepProgress::Begun => ("begun", None, None),
            StepProgress::Fenced => ("fenced", None, Some("disabled")),
            StepProgress::Deregistering => ("deregistering", None, None),
            StepProgress::Over(result) => match result {
                StepResult::Done { .. } => (result.as_str(), None, None),
                StepResult::Skipped { why } | StepResult::Returned { why } => (result.as_str(), Some(why), None),
                StepResult::Failed { why, left } => (result.as_str(), Some(why), Some(left)),
            },
        };
        let snapshots = match &step.progress {
            StepProgress::Over(StepResult::Done { snapshots }) => snapshots.iter().map(SnapshotRow::of).collect(),
            _ => Vec::new(),
        };
        let failed = reason.filter(|_| outcome == "failed");
        let mut whys =
            failed.into_iter().chain(snapshots.iter().filter(|one| one.fate == "failed").filter_map(|one| one.why));
        let advice = whys.find_map(amictl_cloud::advice);
        Self {
            id: &step.id,
            action: step.action,
            image_id: step.target.image(),
            target: &step.target,
            name: &step.name,
            region: &step.region,
            outcome,
            reason,
            left,
            advice,
            snapshots,
            change: step.change.as_deref(),
            made: step.made.as_ref(),
            is_made: step.is_made,
            changed: step.change.is_some().then_some(step.is_changed),
            produced: &step.produced,
        }
    }

    /// What a step of a command came to, in a few words.
    pub(super) fn came_to(&self) -> String {
        if self.change.is_none() {
            return format!("{}, which was planned by its verdict", self.action.as_str());
        }
        match (self.made, self.changed == Some(true)) {
            (Some(made), _) if self.is_made => format!("{made} in {}", self.region),
            (Some(made), _) => format!("{made} was there already"),
            (None, true) if *self.produced != Produced::default() => change::produced(self.produced, self.region),
            (None, true) => self.change.map(|change| change::words(change, self.region)).unwrap_or_default(),
            (None, false) => "it was so already".to_owned(),
        }
    }

    /// Whether it came to exactly what the plan says, every snapshot included.
    pub(super) fn is_plainly_done(&self) -> bool {
        self.outcome == "done" && self.snapshots.iter().all(|snapshot| snapshot.why.is_none())
    }

    /// Whether what was done to the image, or may have been, can be taken back.
    pub(super) fn can_be_undone(&self) -> bool {
        if let Some(change) = self.change {
            if change.undo() == Undo::None {
                return false;
            }
            let has_changed = if change.makes().is_some() { self.is_made } else { self.changed == Some(true) };
            let is_back = self.outcome == "returned" || self.produced.turned_back.is_some();
            return has_changed && !is_back && change.undo() != Undo::None;
        }
        match self.outcome {
            "done" => {
                matches!(self.action, Action::Mark | Action::Deprecate | Action::Disable | Action::ArchiveSnapshots)
            }
            "begun" => self.action != Action::Leave,
            "fenced" => true,
            "failed" if self.action == Action::Leave => false,
            "failed" => ["disabled", "deprecated", "archived", "marked"]
                .iter()
                .any(|what| self.left.is_some_and(|left| left.starts_with(what) || left.ends_with(what))),
            _ => false,
        }
    }

    /// Whether taking it back enables the image.
    pub(super) fn is_disabled(&self) -> bool {
        self.change.is_none() && self.can_be_undone() && matches!(self.action, Action::Disable | Action::Deregister)
    }

    /// Why it is not plainly done.
    pub(super) fn why(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        match (self.outcome, self.reason) {
            (_, Some(reason)) => parts.push(reason.to_owned()),
            ("pending", None) => parts.push("not begun".to_owned()),
            ("begun", None) => parts.push("a call was sent, or may have been; the step is not over".to_owned()),
            ("fenced", None) => parts.push("the image is disabled, or may be; the step is not over".to_owned()),
            ("deregistering", None) => {
                parts.push("the image is deregistered, or may be; the step is not over".to_owned());
            }
            (_, None) => {}
        }
        if let (Some(left), "failed") = (self.left, self.outcome) {
            let is_of_image = !self.change.is_some_and(Change::leaves_the_image);
            parts.push(if is_of_image { format!("the image is left {left}") } else { left.to_owned() });
        }
        for (fate, what) in [("failed", "could not be deleted"), ("kept", "kept")] {
            let snapshots = self.snapshots.iter().filter(|snapshot| snapshot.fate == fate).count();
            if snapshots > 0 {
                let noun = if snapshots == 1 { "snapshot" } else { "snapshots" };
                parts.push(format!("{snapshots} {noun} {what}"));
            }
        }
        parts.join("; ")
    }
}

/// Whether what was deleted is in no Recycle Bin, as far as was known.
impl<'a> SnapshotRow<'a> {
    fn of(snapshot: &'a SnapshotFate) -> Self {
        let (fate, why) = match &snapshot.fate {
            Fate::Deleted => ("deleted", None),
            Fate::AlreadyGone => ("already_gone", None),
            Fate::Archived => ("archived", None),
            Fate::Kept(why) => ("kept", Some(why.as_str())),
            Fate::Failed(why) => ("failed", Some(why.as_str())),
        };
        Self { id: &snapshot.id, fate, why }
    }
}
