//! Lost answers, crashes at every line of the journal, interruptions: nothing is lost and nothing untrue is said.

use std::collections::HashMap;

use amictl_apply::{Event, Journal, RunStatus, RunTools, StepResult, Stop, Takeback, look_ahead, undo, undo_items};
use amictl_model::ImageState;
use amictl_sandbox::{FaultKind, FaultRule, HookPoint, When};

use crate::story::{self, DEREGISTER, MemoryJournal, Story, disable_policy, launch_in};

/// An answer that is lost, before or after the call had its effect.
/// The first answer of an operation is lost, before or after it had its effect.
pub(crate) fn lost(operation: &str, after_effect: bool) -> FaultRule {
    let rule = FaultRule::new(operation, FaultKind::Reset).when(When::Nth(1));
    if after_effect { rule.after_effect() } else { rule }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_resolved_by_looking() {
    for operation in ["DisableImage", "DeregisterImage"] {
        for after_effect in [false, true] {
            let story = Story::new();
            let image = story.image("a");
            let plan = story.plan(DEREGISTER).await;
            story.faults(vec![lost(operation, after_effect)]);
            let journal = MemoryJournal::default();
            story.apply(&plan, &journal).await;
            assert_eq!(story.state_of(&image), None, "{operation} {after_effect}");
            assert_eq!(story.snapshot_count(), 0, "{operation} {after_effect}");
            assert!(story.summary(&plan, &journal).counts().all_done(), "{operation} {after_effect}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_while_giving_back_is_resolved_by_looking() {
    for operation in ["EnableImage", "ModifyImageAttribute"] {
        for after_effect in [false, true] {
            let story = Story::new();
            let image = story.image("a");
            let launched = image.clone();
            story.sandbox.hook(HookPoint::After, "DisableImage", 1, move |world, _, _| launch_in(world, &launched));
            let plan = story.plan(DEREGISTER).await;
            story.faults(vec![lost(operation, after_effect)]);
            story.apply(&plan, &MemoryJournal::default()).await;
            assert_eq!(story.state_of(&image), Some(ImageState::Available), "{operation} {after_effect}");
            assert!(story.is_shared(&image), "{operation} {after_effect}");
        }
    }
}

/// The process dies after any line of the journal: `resume` ends what was begun, and the account is as if nothing had happened.
#[tokio::test(start_paused = true)]
async fn a_crash_at_any_line_of_the_journal_is_resumed() {
    for policy in [DEREGISTER.to_owned(), disable_policy()] {
        let mut lines = 1;
        loop {
            let story = Story::new();
            let images = [story.image("a"), story.image("b")];
            let used = story.image("c");
            story.launch(&used);
            let plan = story.plan(&policy).await;
            let journal = MemoryJournal::breaking_after(lines);
            let end = story.apply(&plan, &journal).await;
            journal.mend();
            let broke = end.stopped_by.is_some();
            if broke {
                assert_eq!(end.status, RunStatus::Stopped);
                assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished, "after {lines} lines");
            }
            let expected = if policy == DEREGISTER { None } else { Some(ImageState::Disabled) };
            for image in &images {
                assert_eq!(story.state_of(image), expected, "after {lines} lines");
            }
            assert_eq!(story.state_of(&used), Some(ImageState::Available));
            assert_eq!(story.snapshot_count(), if policy == DEREGISTER { 2 } else { 6 }, "after {lines} lines");
            assert!(story.summary(&plan, &journal).counts().all_done(), "after {lines} lines");
            if !broke {
                break;
            }
            lines += 1;
        }
        assert!(lines > 8, "the journal has {lines} lines: the test would show nothing");
    }
}

/// The same for images that have to come back.
#[tokio::test(start_paused = true)]
async fn a_crash_while_giving_back_is_resumed() {
    let mut lines = 1;
    loop {
        let story = Story::new();
        let image = story.image("a");
        let launched = image.clone();
        story.sandbox.hook(HookPoint::After, "DisableImage", 1, move |world, _, _| launch_in(world, &launched));
        let plan = story.plan(DEREGISTER).await;
        let journal = MemoryJournal::breaking_after(lines);
        let end = story.apply(&plan, &journal).await;
        journal.mend();
        let broke = end.stopped_by.is_some();
        if broke {
            story.resume(&plan, &journal).await;
        }
        assert_eq!(story.state_of(&image), Some(ImageState::Available), "after {lines} lines");
        assert!(story.is_shared(&image), "after {lines} lines");
        assert_eq!(story.snapshot_count(), 2, "after {lines} lines");
        if !broke {
            break;
        }
        lines += 1;
    }
    assert!(lines > 6, "the journal has {lines} lines: the test would show nothing");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_before_its_intent_is_durable() {
    let story = Story::new();
    story.image("a");
    let plan = story.plan(DEREGISTER).await;
    // Room for the start and the record, not for the intent to disable.
    story.apply(&plan, &MemoryJournal::breaking_after(2)).await;
    assert_eq!(story.calls("DisableImage"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_interruption_leaves_fenced_images_to_resume() {
    let story = Story::new();
    let image = story.image("a");
    let plan = story.plan(DEREGISTER).await;
    let journal = MemoryJournal::default();
    journal.append(amictl_started(&plan)).await.unwrap();
    let stop = Stop::default();
    let wish = async {
        // In the middle of the settle time.
        tokio::time::sleep(std::time::Duration::from_secs(30)).await;
        stop.request();
    };
    let states = HashMap::new();
    let (end, ()) = tokio::join!(story.go_on(&plan, &journal, &states, &stop), wish);
    assert_eq!(end.status, RunStatus::Interrupted);
    assert_eq!(story.state_of(&image), Some(ImageState::Disabled));
    assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished);
    assert_eq!(story.state_of(&image), None);
}

fn amictl_started(plan: &amictl_plan::Plan) -> Event {
    Event::RunStarted(amictl_apply::RunStarted {
        run_id: "run".to_owned(),
        plan_id: plan.plan_id.clone(),
        plan_digest: plan.digest.clone(),
        account: story::account(),
        regions: vec![story::region()],
        steps: plan.steps.len() as u64,
        settle_seconds: 60,
    })
}

#[tokio::test(start_paused = true)]
async fn expired_credentials_stop_the_run_and_resume_goes_on() {
    let story = Story::new();
    let images = [story.image("a"), story.image("b")];
    let plan = story.plan(DEREGISTER).await;
    let expired = FaultKind::Error { code: "RequestExpired".to_owned(), status: 400, message: "expired".to_owned() };
    story.faults(vec![FaultRule::new("DeregisterImage", expired)]);
    let journal = MemoryJournal::default();
    let end = story.apply(&plan, &journal).await;
    assert_eq!(end.status, RunStatus::Stopped);
    story.faults(Vec::new());
    assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished);
    assert!(images.iter().all(|image| story.state_of(image).is_none()));
}

#[tokio::test(start_paused = true)]
async fn undo_enables_what_was_disabled_and_shares_it_as_before() {
    let story = Story::new();
    let images = [story.image("a"), story.image("b")];
    let plan = story.plan(&disable_policy()).await;
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;
    let states = journal.replay().steps;
    let items = undo_items(&plan, &states);
    assert_eq!(items.len(), 2);
    let undo_journal = MemoryJournal::default();
    let stop = Stop::default();
    let tools =
        RunTools { clouds: &story.cloud, clock: &story.clock, journal: &undo_journal, observer: &(), stop: &stop };
    let end = undo(tools, &plan, &states, &items[..1], 1).await;
    assert!(matches!(end.results[0].1, StepResult::Returned { .. }));
    let back = images.iter().filter(|image| story.state_of(image) == Some(ImageState::Available)).count();
    assert_eq!(back, 1, "only the step that was named");
    assert!(images.iter().any(|image| story.is_shared(image)));
}

#[tokio::test(start_paused = true)]
async fn undo_says_what_cannot_be_taken_back() {
    let story = Story::new();
    story.image("a");
    let plan = story.plan(DEREGISTER).await;
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;
    let states = journal.replay().steps;
    let mut items = undo_items(&plan, &states);
    assert_eq!(items[0].takeback, Takeback::Restore { until: None });
    look_ahead(&story.cloud, &plan, &states, &mut items).await;
    assert!(matches!(items[0].takeback, Takeback::Impossible(_)));
}
