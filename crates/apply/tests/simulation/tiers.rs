//! Snapshots between the standard tier and the archive: what happens to them is watched, and held against what the run says of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use amictl_apply::{CallState, Event, Fate, JournalCall, Replay, StepResult};
use amictl_model::{ImageState, Moment, SnapshotId, StorageTier};
use amictl_plan::{Plan, Step};
use amictl_sandbox::world::{Scope, Snapshot, TieringKind};

use crate::story::MemoryJournal;

/// What is known of the tiers beside the world itself.
pub(crate) struct Tiers {
    /// The snapshots in the archive, or on their way there, when the plan was made.
    before: BTreeSet<SnapshotId>,
    /// The same now.
    now: BTreeSet<SnapshotId>,
    /// The steps that archive snapshots.
    steps: HashMap<SnapshotId, String>,
    /// Snapshots that must stay in their tier, as something holds them that any look shows.
    held: BTreeMap<SnapshotId, &'static str>,
}

/// Whether it is in the archive for good, or on its way there.
fn goes_to_archive(snapshot: &Snapshot) -> bool {
    match snapshot.more.as_ref().and_then(|more| more.tiering.as_ref()) {
        Some(tiering) => tiering.kind != TieringKind::PermanentRestore,
        None => snapshot.tier == StorageTier::Archive,
    }
}

impl Tiers {
    /// As the plan found them.
    pub(crate) fn of(scope: &Scope, plan: &Plan, at: Moment) -> Self {
        let mut tiers =
            Self { before: BTreeSet::new(), now: BTreeSet::new(), steps: HashMap::new(), held: BTreeMap::new() };
        for step in &plan.steps {
            let archived = step.snapshots.iter().filter(|snapshot| snapshot.archive);
            tiers.steps.extend(archived.map(|snapshot| (snapshot.id.clone(), step.id.to_string())));
        }
        for snapshot in scope.snapshots() {
            if goes_to_archive(snapshot) {
                tiers.before.insert(snapshot.id.clone());
            } else if let Some(why) = holds(scope, snapshot, at) {
                tiers.hold(&snapshot.id, why);
            }
        }
        tiers.now.clone_from(&tiers.before);
        tiers
    }

    /// From now on this snapshot must not be archived, unless it is already.
    pub(crate) fn hold(&mut self, snapshot: &SnapshotId, why: &'static str) {
        if !self.is_archived(snapshot) {
            self.held.insert(snapshot.clone(), why);
        }
    }

    pub(crate) fn is_archived(&self, snapshot: &SnapshotId) -> bool {
        self.now.contains(snapshot)
    }

    /// Looks at what has changed; what must not have is returned.
    pub(crate) fn look(&mut self, scope: &Scope, journal: &MemoryJournal) -> Vec<String> {
        let mut wrong = Vec::new();
        for snapshot in scope.snapshots() {
            let id = &snapshot.id;
            match (goes_to_archive(snapshot), self.now.contains(id)) {
                (true, false) => {
                    self.now.insert(id.clone());
                    wrong.extend(self.was_archived(scope, id, journal));
                }
                (false, true) => {
                    self.now.remove(id);
                    if !is_intended(journal, None, &JournalCall::RestoreTier(id.clone())) {
                        wrong.push(format!("{id} left the archive, and the journal did not say that it would"));
                    }
                }
                _ => {}
            }
        }
        wrong
    }

    /// A snapshot has just been archived.
    fn was_archived(&self, scope: &Scope, id: &SnapshotId, journal: &MemoryJournal) -> Vec<String> {
        let mut wrong = Vec::new();
        match self.steps.get(id) {
            None => wrong.push(format!("{id} was archived, and no step of the plan does that")),
            Some(step) if !is_intended(journal, Some(step), &JournalCall::ArchiveSnapshot(id.clone())) => {
                wrong.push(format!("{id} was archived, and the journal did not say that it would be"));
            }
            Some(_) => {}
        }
        if let Some(why) = self.held.get(id) {
            wrong.push(format!("{id} was archived, and {why}"));
        }
        let users = scope.users_of(id).iter().filter_map(|user| scope.image(user));
        wrong.extend(
            users
                .filter(|image| image.state != ImageState::Disabled)
                .map(|image| format!("{id} was archived, and {} uses it, which is {}", image.id, image.state.as_str())),
        );
        wrong
    }

    /// Whether the snapshots of a step are where they were.
    pub(crate) fn are_as_before(&self, scope: &Scope, own: &[SnapshotId]) -> bool {
        let is_there = |id: &&SnapshotId| scope.snapshots().any(|snapshot| snapshot.id == **id);
        own.iter().filter(is_there).all(|id| self.before.contains(id) == self.now.contains(id))
    }

    /// How many snapshots of the step are archived of those that it should archive.
    pub(crate) fn archived_of(&self, step: &Step) -> usize {
        step.snapshots.iter().filter(|snapshot| snapshot.archive && self.now.contains(&snapshot.id)).count()
    }

    /// What a step says of its snapshots, and is not so.
    pub(crate) fn of_result(&self, result: &StepResult) -> Vec<String> {
        let StepResult::Done { snapshots } = result else { return Vec::new() };
        let is_untrue = |id: &SnapshotId, fate: &Fate| match fate {
            Fate::Archived => !self.now.contains(id),
            Fate::Kept(_) | Fate::Failed(_) => self.now.contains(id) && !self.before.contains(id),
            Fate::Deleted | Fate::AlreadyGone => false,
        };
        let untrue = snapshots.iter().filter(|of| is_untrue(&of.id, &of.fate));
        untrue
            .map(|of| format!("{} is said to be {:?}, and is archived: {}", of.id, of.fate, self.now.contains(&of.id)))
            .collect()
    }

    /// What came of each call by the journal, and is not so.
    pub(crate) fn of_journal(&self, scope: &Scope, replay: &Replay) -> Vec<String> {
        let is_there = |id: &SnapshotId| scope.snapshots().any(|snapshot| snapshot.id == *id);
        let calls = replay.steps.values().flat_map(|state| &state.calls);
        let mut wrong = Vec::new();
        for (call, state) in calls {
            let (id, goes) = match call {
                JournalCall::ArchiveSnapshot(id) => (id, true),
                JournalCall::RestoreTier(id) => (id, false),
                _ => continue,
            };
            let is_as_wished = self.now.contains(id) == goes;
            let was_so = self.before.contains(id) == goes;
            let is_untrue = match state {
                CallState::Done => !is_as_wished,
                CallState::Failed => is_as_wished && !was_so,
                CallState::No | CallState::Intended | CallState::Unknown => false,
            };
            if is_untrue && is_there(id) {
                wrong.push(format!("{call:?} is {state:?} by the journal, and archived: {}", self.now.contains(id)));
            }
        }
        wrong
    }
}

/// Whether a step, or any, meant this call.
fn is_intended(journal: &MemoryJournal, step: Option<&str>, call: &JournalCall) -> bool {
    let is_it = |event: &Event| matches!(event, Event::Intent { step: of, call: meant } if step.is_none_or(|step| of == step) && meant == call);
    journal.events().iter().any(is_it)
}

/// Why a snapshot must not be archived, as far as the world tells.
fn holds(scope: &Scope, snapshot: &Snapshot, at: Moment) -> Option<&'static str> {
    let users: BTreeSet<_> = scope.users_of(&snapshot.id).iter().collect();
    let is_shared = snapshot.is_public() || snapshot.more.as_ref().is_some_and(|more| !more.users.is_empty());
    match () {
        () if users.len() > 1 => Some("several images use it"),
        () if snapshot.is_locked(at) => Some("it is locked"),
        () if is_shared => Some("it is shared by itself"),
        () if !snapshot.tags.is_empty() => Some("it is tagged to be kept"),
        () => None,
    }
}
