//! Undo of a deregistration from the Recycle Bin, and what it says beforehand.

use std::collections::HashMap;

use amictl_apply::{
    Event, JournalCall, RunTools, StepResult, StepState, Stop, Takeback, UndoEnd, UndoItem, look_ahead, undo,
    undo_items,
};
use amictl_model::ImageState;
use amictl_plan::{Plan, Undo};
use amictl_sandbox::world::ResourceKind;

use crate::faults::lost;
use crate::story::{DAY, DEREGISTER, MemoryJournal, Story, disable_policy};

const BOTH: [ResourceKind; 2] = [ResourceKind::Image, ResourceKind::Snapshot];

/// What is deleted from now on stays in the bin for a week.
fn keep_in_bin(story: &Story, kinds: &[ResourceKind]) {
    kinds.iter().for_each(|kind| story.keep_in_bin(*kind, 7));
}

async fn run(story: &Story, plan: &Plan) -> HashMap<String, StepState> {
    let journal = MemoryJournal::default();
    story.apply(plan, &journal).await;
    journal.replay().steps
}

async fn items(story: &Story, plan: &Plan, states: &HashMap<String, StepState>) -> Vec<UndoItem> {
    let mut items = undo_items(plan, states);
    look_ahead(&story.cloud, plan, states, &mut items).await;
    items
}

async fn take_back(
    story: &Story,
    plan: &Plan,
    states: &HashMap<String, StepState>,
    journal: &MemoryJournal,
) -> UndoEnd {
    let stop = Stop::default();
    let tools = RunTools { clouds: &story.cloud, clock: &story.clock, journal, observer: &(), stop: &stop };
    let items = items(story, plan, states).await;
    undo(tools, plan, states, &items, 4).await
}

fn is_back(result: &StepResult) -> bool {
    matches!(result, StepResult::Returned { .. })
}

#[tokio::test(start_paused = true)]
async fn deregistered_images_come_back_with_their_snapshots_and_whom_they_were_shared_with() {
    let story = Story::new();
    keep_in_bin(&story, &BOTH);
    // The snapshot that two images share goes with the second of them, and both need it.
    let shared = story.snapshot();
    let images =
        [story.image_on("a", &[story.snapshot(), shared.clone()]), story.image_on("b", std::slice::from_ref(&shared))];
    let before: Vec<_> = images.iter().map(|image| story.image_now(image)).collect();
    let plan = story.plan(DEREGISTER).await;
    let states = run(&story, &plan).await;
    assert_eq!((story.snapshot_count(), story.state_of(&images[0])), (0, None));

    let until = story.clock.now().plus_secs(7 * DAY);
    for item in items(&story, &plan, &states).await {
        let Takeback::Restore { until: Some(said) } = item.takeback else { panic!("{item:?}") };
        assert!((0..=120).contains(&until.seconds_since(said)), "{said} and not {until}");
    }
    let journal = MemoryJournal::default();
    let end = take_back(&story, &plan, &states, &journal).await;
    assert!(end.results.len() == 2 && end.results.iter().all(|(_, result)| is_back(result)), "{end:?}");
    let restored = |event: &Event| match event {
        Event::Intent { call: JournalCall::RestoreSnapshot(_), .. } => Some("snapshot"),
        Event::Intent { call: JournalCall::Restore, .. } => Some("image"),
        _ => None,
    };
    let order: Vec<_> = journal.events().iter().filter_map(restored).collect();
    assert_eq!((order.first(), order.last(), order.len()), (Some(&"snapshot"), Some(&"image"), 4));
    for (image, before) in images.iter().zip(before) {
        let after = story.image_now(image);
        assert_eq!((after.state, &after.permissions, &after.tags), (before.state, &before.permissions, &before.tags));
        assert_eq!(after.mappings, before.mappings);
    }
    assert_eq!((story.snapshot_count(), story.calls("RestoreSnapshotFromRecycleBin")), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_in_the_bin_is_said_beforehand() {
    for (kinds, wait, lost) in [
        (&[][..], 0, "not in the Recycle Bin; its record"),
        (&[ResourceKind::Image], 0, "is deleted and not in the Recycle Bin"),
        (&BOTH, 8 * DAY, "not in the Recycle Bin; its record"),
    ] {
        let story = Story::new();
        keep_in_bin(&story, kinds);
        let image = story.image("a");
        let plan = story.plan(DEREGISTER).await;
        let states = run(&story, &plan).await;
        tokio::time::advance(std::time::Duration::from_secs(u64::try_from(wait).unwrap())).await;
        let items = items(&story, &plan, &states).await;
        let Takeback::Impossible(why) = &items[0].takeback else { panic!("{items:?}") };
        assert!(why.contains(lost), "{why}");
        let end = take_back(&story, &plan, &states, &MemoryJournal::default()).await;
        assert!(matches!(&end.results[0].1, StepResult::Failed { why, .. } if why.contains(lost)), "{end:?}");
        assert_eq!((story.state_of(&image), story.calls("RestoreImageFromRecycleBin")), (None, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_an_earlier_run_had_disabled_comes_back_disabled() {
    let story = Story::new();
    keep_in_bin(&story, &BOTH);
    let image = story.image("a");
    let plan = story.plan(&disable_policy()).await;
    run(&story, &plan).await;
    assert_eq!(story.state_of(&image), Some(ImageState::Disabled));
    let plan = story.plan(DEREGISTER).await;
    let states = run(&story, &plan).await;
    let end = take_back(&story, &plan, &states, &MemoryJournal::default()).await;
    assert!(is_back(&end.results[0].1), "{end:?}");
    assert_eq!((story.state_of(&image), story.is_shared(&image)), (Some(ImageState::Disabled), false));
}

/// Cut off at every line of its journal, an undo that is begun anew comes to the same end.
#[tokio::test(start_paused = true)]
async fn an_undo_that_is_cut_off_is_simply_begun_anew() {
    let mut lines = 1;
    loop {
        let story = Story::new();
        keep_in_bin(&story, &BOTH);
        let image = story.image("a");
        let plan = story.plan(DEREGISTER).await;
        let states = run(&story, &plan).await;
        let journal = MemoryJournal::default();
        journal.break_after(lines);
        let broke = take_back(&story, &plan, &states, &journal).await;
        if broke.stopped_by.is_some() {
            let end = take_back(&story, &plan, &states, &MemoryJournal::default()).await;
            assert!(is_back(&end.results[0].1), "{end:?} after {lines} lines");
        }
        assert_eq!(story.state_of(&image), Some(ImageState::Available), "after {lines} lines");
        assert!(story.is_shared(&image) && story.snapshot_count() == 2, "after {lines} lines");
        if broke.stopped_by.is_none() {
            break;
        }
        lines += 1;
    }
    assert!(lines > 8, "the journal has {lines} lines: the test would show nothing");
}

#[tokio::test(start_paused = true)]
async fn lost_answers_while_restoring_are_resolved_by_looking() {
    for operation in ["RestoreSnapshotFromRecycleBin", "RestoreImageFromRecycleBin", "EnableImage"] {
        for after_effect in [false, true] {
            let story = Story::new();
            keep_in_bin(&story, &BOTH);
            let image = story.image("a");
            let plan = story.plan(DEREGISTER).await;
            let states = run(&story, &plan).await;
            story.faults(vec![lost(operation, after_effect)]);
            let end = take_back(&story, &plan, &states, &MemoryJournal::default()).await;
            assert!(is_back(&end.results[0].1), "{operation} {after_effect}: {end:?}");
            assert!(story.is_shared(&image), "{operation} {after_effect}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_says_for_how_long_a_step_can_be_taken_back() {
    let story = Story::new();
    story.image("a");
    let asked = DEREGISTER.replace("[deregister]", "[{ deregister: { require_recycle_bin: 7d } }]");
    let (asked, not_asked) = (story.plan(&asked).await, story.plan(DEREGISTER).await);
    assert_eq!((asked.steps[0].undo, not_asked.steps[0].undo), (Undo::Restore, Undo::None));
    assert_eq!(asked.steps[0].require_recycle_bin_days.map(u32::from), Some(7));
}
