//! What must hold after every run.

use std::collections::{BTreeMap, HashSet};

use amictl_apply::{CallOutcome, Event, Fate, JournalCall, Replay, RunTools, StepResult, Stop};
use amictl_cloud::Clouds;
use amictl_model::{ImageId, ImageState, SnapshotId, Tags};
use amictl_plan::{Action, Plan};

use crate::adversary::Watched;
use crate::story::{MemoryJournal, Story, account, region};

/// Operations that change something.
const MUTATING: [&str; 11] = [
    "DisableImage",
    "EnableImage",
    "ModifyImageAttribute",
    "DeregisterImage",
    "DeleteSnapshot",
    "EnableImageDeprecation",
    "DisableImageDeprecation",
    "CreateTags",
    "DeleteTags",
    "ModifySnapshotTier",
    "RestoreSnapshotTier",
];

/// What the world shows against what was said.
pub(crate) fn of_world(story: &Story, plan: &Plan, watched: &Watched, journal: &MemoryJournal) -> Vec<String> {
    let mut known = watched.known();
    let replay = journal.replay();
    let world = story.sandbox.world();
    known.look(&world, story.clock.now());
    let mut wrong = std::mem::take(&mut known.wrong);
    let scope = world.scope(account(), &region()).unwrap();
    let snapshots: HashSet<SnapshotId> = scope.snapshots().map(|snapshot| snapshot.id.clone()).collect();
    let result = |image: &ImageId| {
        let step = plan.steps.iter().find(|step| step.target == *image)?;
        Some((step, replay.steps.get(step.id.as_str()).and_then(|state| state.result.clone())))
    };
    for (id, own) in &known.images {
        let image = scope.image(id);
        let state = image.map(|image| image.state);
        let was = &known.before[id];
        // What somebody shares in the very moment of the disabling, AWS forgets, and nobody can have seen it.
        let is_available = || {
            image.is_some_and(|image| {
                image.state == ImageState::Available
                    && image.permissions.is_superset(&known.shared_before[id])
                    && image.permissions.is_subset(&known.permissions[id])
            })
        };
        let has_old_stage = || image.is_some_and(|image| stage(&image.tags) == stage(&was.tags));
        let has_old_deprecation = || image.is_some_and(|image| image.deprecation_at == was.deprecation_at);
        let is_disabled = state == Some(ImageState::Disabled);
        let stands = || if was.state == ImageState::Disabled { is_disabled } else { is_available() };
        let has_old_tiers = || known.tiers.are_as_before(scope, own);
        let is_as_before = || stands() && has_old_stage() && has_old_deprecation() && has_old_tiers();
        let is_any_archived = || own.iter().any(|snapshot| known.tiers.is_archived(snapshot));
        let is_deprecated = || image.is_some_and(|image| image.deprecation_at.is_some());
        let is_at = |name: &str| image.is_some_and(|image| image.tags.get("amictl:stage") == Some(name));
        match result(id) {
            None if !is_as_before() => wrong.push(format!("{id} is not as it was, and no step is about it")),
            None => {}
            Some((_, None)) => wrong.push(format!("the run ended, and the step of {id} did not")),
            Some((step, Some(StepResult::Done { .. }))) => {
                let holds = match step.action {
                    Action::Mark => stands() && has_old_deprecation() && is_at("marked"),
                    Action::Deprecate => is_available() && is_deprecated() && is_at("deprecate"),
                    Action::Disable => is_disabled && is_at("disable"),
                    Action::ArchiveSnapshots => is_disabled && is_at("archive_snapshots"),
                    Action::Deregister => image.is_none(),
                    Action::Leave => {
                        is_available() && !is_deprecated() && image.is_some_and(|image| stage(&image.tags).is_empty())
                    }
                    // Only commands do anything else.
                    _ => false,
                };
                if !holds {
                    wrong.push(format!("{id} is said to be done ({:?}), and is {image:?}", step.action));
                }
            }
            Some((_, Some(StepResult::Skipped { why }))) if !is_as_before() => {
                wrong.push(format!("{id} is said to be skipped ({why}), and is not as it was: {image:?}"));
            }
            Some((_, Some(StepResult::Returned { why }))) if !is_as_before() => {
                wrong.push(format!("{id} is said to be given back ({why}), and is not as it was: {image:?}"));
            }
            Some((_, Some(StepResult::Skipped { .. } | StepResult::Returned { .. }))) => {}
            Some((step, Some(StepResult::Failed { why, left }))) => {
                let holds = match left.as_str() {
                    "unchanged" => is_as_before(),
                    "disabled" | "disabled, perhaps without the tags of its stage" => is_disabled,
                    "disabled, without the tags of its stage" => is_disabled && has_old_stage(),
                    "deprecated, perhaps without the tags of its stage" => is_available() && is_deprecated(),
                    "deprecated, without the tags of its stage" => is_available() && is_deprecated() && has_old_stage(),
                    "available, deprecated by its stage" => is_available() && is_deprecated() && has_old_stage(),
                    "available, perhaps deprecated by its stage" => is_available() && has_old_stage(),
                    "as it was, with the tags of its stage" => is_available() && !is_deprecated() && has_old_stage(),
                    "as it was, perhaps with the tags of its stage" => is_available() && !is_deprecated(),
                    "archived, perhaps without the tags of its stage" => is_disabled,
                    "archived, without the tags of its stage" => is_disabled && has_old_stage(),
                    "disabled, its snapshots archived" => is_disabled && is_any_archived(),
                    "enabled again" => state == Some(ImageState::Available),
                    "enabled again, shared differently" => state == Some(ImageState::Available) && !is_as_before(),
                    other => match of_its_snapshots(other) {
                        Some(archived) => is_disabled && has_old_stage() && known.tiers.archived_of(step) == archived,
                        None => other.starts_with("unknown"),
                    },
                };
                if !holds {
                    wrong.push(format!("{id} failed ({why}), is said to be left {left}, and is {image:?}"));
                }
            }
        }
        if let Some((_, Some(result))) = result(id) {
            wrong.extend(known.tiers.of_result(&result));
        }
        if state == Some(ImageState::Available) && is_any_archived() {
            wrong.push(format!("{id} is available, and a snapshot of it archived"));
        }
        // As long as an image is there, so are its snapshots.
        if image.is_some()
            && let Some(lost) = own.iter().find(|snapshot| !snapshots.contains(snapshot))
        {
            wrong.push(format!("{id} is there, and its snapshot {lost} is not"));
        }
    }
    wrong.extend(of_snapshots(&replay, &snapshots));
    wrong.extend(of_journal(&journal.events()));
    wrong.extend(known.tiers.of_journal(scope, &replay));
    wrong
}

/// N of "disabled, N of its snapshots archived".
fn of_its_snapshots(left: &str) -> Option<usize> {
    left.strip_prefix("disabled, ")?.strip_suffix(" of its snapshots archived")?.parse().ok()
}

/// The tags of stages.
fn stage(tags: &Tags) -> Vec<(String, String)> {
    let tags = tags.iter().filter(|(key, _)| key.starts_with("amictl:") && *key != "amictl:keep");
    tags.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// What was said of each snapshot, by all steps together: one may keep what a later one deletes.
fn of_snapshots(replay: &Replay, there: &HashSet<SnapshotId>) -> Vec<String> {
    let mut said: BTreeMap<&SnapshotId, Vec<&Fate>> = BTreeMap::new();
    for state in replay.steps.values() {
        let Some(StepResult::Done { snapshots }) = &state.result else { continue };
        for of in snapshots {
            said.entry(&of.id).or_default().push(&of.fate);
        }
    }
    let mut wrong = Vec::new();
    for (id, fates) in said {
        // That is no claim either way.
        if fates.iter().any(|fate| matches!(fate, Fate::Failed(why) if why.starts_with("could not be looked at"))) {
            continue;
        }
        let is_gone = fates.iter().any(|fate| matches!(fate, Fate::Deleted | Fate::AlreadyGone));
        if is_gone == there.contains(id) {
            wrong.push(format!("{id} is said to be {fates:?}, and is there: {}", there.contains(id)));
        }
    }
    wrong
}

/// Every outcome was intended before, so whatever happened can be known from the journal.
fn of_journal(events: &[Event]) -> Vec<String> {
    let mut intended: HashSet<(String, String)> = HashSet::new();
    let mut wrong = Vec::new();
    for event in events {
        match event {
            Event::Intent { step, call } => {
                intended.insert((step.clone(), format!("{call:?}")));
            }
            Event::Outcome { step, call, outcome } if *outcome != CallOutcome::AlreadyDone => {
                let is_part = matches!(call, JournalCall::DeleteSnapshot(_))
                    && intended.contains(&(step.clone(), format!("{:?}", JournalCall::Deregister)));
                if !is_part && !intended.contains(&(step.clone(), format!("{call:?}"))) {
                    wrong.push(format!("{call:?} of {step} was not intended before it came out as {outcome:?}"));
                }
            }
            _ => {}
        }
    }
    wrong
}

/// What is over is over: going on once more changes nothing.
pub(crate) async fn of_a_second_run(
    story: &Story,
    clouds: &dyn Clouds,
    plan: &Plan,
    journal: &MemoryJournal,
) -> Vec<String> {
    let calls = || MUTATING.map(|operation| story.calls(operation));
    let before = calls();
    let states = journal.replay().steps;
    let stop = Stop::default();
    let tools = RunTools { clouds, clock: &story.clock, journal, observer: &(), stop: &stop };
    Story::carry_on_with(tools, plan, &states, true).await;
    let after = calls();
    if before == after { Vec::new() } else { vec![format!("a second run called {before:?} → {after:?}")] }
}
