//! The stages of retirement, run after run: each wait is kept, tags tell how far an image has come, and one that is kept again gets
//! everything back.

use std::time::Duration;

use amictl_apply::{GuardFacts, Refusal, RunStatus, RunTools, StepResult, Stop, Takeback, guard, undo, undo_items};
use amictl_model::{Grantee, ImageId, ImageState, Moment, Tags};
use amictl_plan::{Action, Plan};
use amictl_sandbox::world::ResourceKind;
use amictl_sandbox::{FaultKind, FaultRule, When};

use crate::story::{self, DAY, MemoryJournal, Story, friend, now};

/// Three stages, each with its wait, and a tag that takes an image out of them.
const STAGES: &str = r#"
version: 1
references: { other_accounts: ignore }
protect: [{ tag: { hold: "*" } }]
limits: { max_actions: 1000, max_percent: 100, min_images: 1 }
families:
  - name: all
    match: { name: "*" }
    keep: { younger_than: 30d }
    retire: [{ deprecate: { after: 7d } }, { disable: { after: 14d } }, { deregister: { after: 28d } }]
"#;

async fn days(days: i64) {
    tokio::time::advance(Duration::from_secs(u64::try_from(days * DAY).unwrap())).await;
}

fn actions(plan: &Plan) -> Vec<Action> {
    plan.steps.iter().map(|step| step.action).collect()
}

/// Plans and applies; what was done to each image.
async fn run(story: &Story, policy: &str) -> (Plan, MemoryJournal) {
    let plan = story.plan(policy).await;
    let journal = MemoryJournal::default();
    assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::Finished);
    (plan, journal)
}

async fn done(story: &Story, policy: &str) -> Vec<Action> {
    let (plan, journal) = run(story, policy).await;
    let summary = story.summary(&plan, &journal);
    assert!(summary.counts().all_done(), "{summary:#?}");
    actions(&plan)
}

fn tag(story: &Story, image: &ImageId, key: &str) -> Option<String> {
    story.image_now(image).tags.get(key).map(str::to_owned)
}

fn stage_tags(story: &Story, image: &ImageId) -> usize {
    story.image_now(image).tags.iter().filter(|(key, _)| key.starts_with("amictl:")).count()
}

fn with(tags: &Tags, key: &str, value: &str) -> Tags {
    tags.iter().chain([(key, value)]).collect()
}

/// Brings a new image to the stage `disable`.
async fn disabled(story: &Story) -> ImageId {
    let image = story.image("a");
    assert_eq!(done(story, STAGES).await, [Action::Mark]);
    days(8).await;
    assert_eq!(done(story, STAGES).await, [Action::Deprecate]);
    days(7).await;
    assert_eq!(done(story, STAGES).await, [Action::Disable]);
    image
}

#[tokio::test(start_paused = true)]
async fn an_image_goes_through_all_stages_and_each_wait_is_kept() {
    let story = Story::new();
    let image = story.image("a");
    assert_eq!(done(&story, STAGES).await, [Action::Mark]);
    assert_eq!(tag(&story, &image, "amictl:stage").as_deref(), Some("marked"));
    assert_eq!(tag(&story, &image, "amictl:policy").as_deref(), Some("all"));
    assert_eq!(done(&story, STAGES).await, [], "a second run of the same day does nothing");
    days(6).await;
    assert_eq!(done(&story, STAGES).await, []);

    // A run that is late by a month: the waits between the stages are kept all the same.
    days(40).await;
    assert_eq!(done(&story, STAGES).await, [Action::Deprecate]);
    assert_eq!(tag(&story, &image, "amictl:stage").as_deref(), Some("deprecate"));
    assert_eq!(tag(&story, &image, "amictl:deprecation").as_deref(), Some("none"));
    assert!(story.image_now(&image).deprecation_at.is_some());
    assert!(story.is_shared(&image) && story.state_of(&image) == Some(ImageState::Available));
    days(6).await;
    assert_eq!(done(&story, STAGES).await, []);
    days(1).await;
    assert_eq!(done(&story, STAGES).await, [Action::Disable]);
    assert_eq!(story.state_of(&image), Some(ImageState::Disabled));
    assert_eq!(tag(&story, &image, "amictl:stage").as_deref(), Some("disable"));
    assert_eq!(tag(&story, &image, "amictl:shared").as_deref(), Some("210987654321 end"));
    days(13).await;
    assert_eq!(done(&story, STAGES).await, []);
    days(1).await;
    assert_eq!(done(&story, STAGES).await, [Action::Deregister]);
    assert_eq!((story.state_of(&image), story.snapshot_count()), (None, 0));
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_kept_again_gets_everything_back() {
    let story = Story::new();
    let image = disabled(&story).await;
    story.change(&image, |image| image.tags = with(&image.tags, "hold", "yes"));
    assert_eq!(done(&story, STAGES).await, [Action::Leave]);
    let after = story.image_now(&image);
    assert_eq!((after.state, after.deprecation_at), (ImageState::Available, None));
    assert!(after.permissions.contains(&friend()));
    assert_eq!(after.tags, [("hold", "yes")].into_iter().collect());
    assert_eq!(done(&story, STAGES).await, []);

    // Held no longer, it begins anew.
    story.change(&image, |image| image.tags = Tags::default());
    assert_eq!(done(&story, STAGES).await, [Action::Mark]);
}

#[tokio::test(start_paused = true)]
async fn a_use_takes_an_image_out_of_the_stages() {
    let story = Story::new();
    let image = story.image("a");
    done(&story, STAGES).await;
    days(8).await;
    done(&story, STAGES).await;
    story.launch(&image);
    assert_eq!(done(&story, STAGES).await, [Action::Leave]);
    assert_eq!((stage_tags(&story, &image), story.image_now(&image).deprecation_at), (0, None));
}

#[tokio::test(start_paused = true)]
async fn the_deprecation_that_there_was_comes_back() {
    let story = Story::new();
    let image = story.image("a");
    let later = now().plus_secs(300 * DAY);
    story.change(&image, |image| image.deprecation_at = Some(later));
    done(&story, STAGES).await;
    days(8).await;
    assert_eq!(done(&story, STAGES).await, [Action::Deprecate]);
    assert!(story.image_now(&image).deprecation_at.unwrap() < now().plus_secs(9 * DAY));
    story.launch(&image);
    assert_eq!(done(&story, STAGES).await, [Action::Leave]);
    assert_eq!(story.image_now(&image).deprecation_at, Some(later));
}

#[tokio::test(start_paused = true)]
async fn what_another_policy_has_staged_is_left_alone() {
    let story = Story::new();
    let image = disabled(&story).await;
    let other = STAGES.replace("name: all", "name: other").replace("name: \"*\"", "name: \"other-*\"");
    assert_eq!(done(&story, &other).await, []);
    assert_eq!(story.state_of(&image), Some(ImageState::Disabled));
}

#[tokio::test(start_paused = true)]
async fn a_family_that_is_renamed_begins_anew_and_still_gives_everything_back() {
    let story = Story::new();
    let image = disabled(&story).await;
    let renamed = STAGES.replace("name: all", "name: everything");
    assert_eq!(done(&story, &renamed).await, [Action::Mark]);
    story.change(&image, |image| image.tags = with(&image.tags, "hold", "yes"));
    assert_eq!(done(&story, &renamed).await, [Action::Leave]);
    let after = story.image_now(&image);
    assert_eq!((after.state, after.deprecation_at, stage_tags(&story, &image)), (ImageState::Available, None, 0));
    assert!(after.permissions.contains(&friend()));
}

#[tokio::test(start_paused = true)]
async fn giving_back_reads_no_references() {
    let story = Story::new();
    let image = disabled(&story).await;
    story.change(&image, |image| image.tags = with(&image.tags, "hold", "yes"));
    let plan = story.plan(STAGES).await;
    let before = story.calls("DescribeInstances");
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;
    assert_eq!((actions(&plan), story.calls("DescribeInstances")), (vec![Action::Leave], before));
    assert_eq!(story.state_of(&image), Some(ImageState::Available));
}

#[tokio::test(start_paused = true)]
async fn an_image_that_somebody_enabled_again_stays_until_somebody_has_looked() {
    let story = Story::new();
    let image = disabled(&story).await;
    story.change(&image, |image| image.state = ImageState::Available);
    days(100).await;
    assert_eq!(done(&story, STAGES).await, []);
    // Once it is kept, only the traces go: whom it is shared with is theirs to say.
    story.change(&image, |image| image.tags = with(&image.tags, "hold", "yes"));
    assert_eq!(done(&story, STAGES).await, [Action::Leave]);
    assert!(!story.is_shared(&image));
    assert_eq!(stage_tags(&story, &image), 0);
}

#[tokio::test(start_paused = true)]
async fn an_image_whose_permissions_do_not_fit_into_tags_is_not_disabled() {
    let story = Story::new();
    let image = story.image("a");
    story.change(&image, |image| {
        image.permissions =
            (0..300_u64).map(|number| Grantee::Account(format!("{number:012}").parse().unwrap())).collect();
    });
    let (plan, journal) =
        run(&story, &STAGES.replace("{ deprecate: { after: 7d } }, { disable: { after: 14d } }", "disable")).await;
    let StepResult::Skipped { why } = journal.replay().steps["s1"].result.clone().unwrap() else {
        panic!("not skipped")
    };
    assert!(why.contains("shared with more accounts"), "{why}");
    assert_eq!((actions(&plan), story.calls("DisableImage")), (vec![Action::Disable], 0));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_any_call_of_a_stage_is_resolved_by_looking() {
    for operation in ["CreateTags", "EnableImageDeprecation", "DisableImageDeprecation", "DeleteTags", "EnableImage"] {
        for after_effect in [false, true] {
            let story = Story::new();
            let rule = FaultRule::new(operation, FaultKind::Reset).when(When::Nth(1));
            story.faults(vec![if after_effect { rule.after_effect() } else { rule }]);
            let image = disabled(&story).await;
            story.change(&image, |image| image.tags = with(&image.tags, "hold", "yes"));
            assert_eq!(done(&story, STAGES).await, [Action::Leave], "{operation} {after_effect}");
            let after = story.image_now(&image);
            assert_eq!(
                (after.state, after.deprecation_at, stage_tags(&story, &image)),
                (ImageState::Available, None, 0)
            );
            assert!(after.permissions.contains(&friend()), "{operation} {after_effect}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_denied_tag_is_told_with_what_the_image_was_left_as() {
    let story = Story::new();
    let image = story.image("a");
    done(&story, STAGES).await;
    days(8).await;
    story.faults(vec![FaultRule::denied("CreateTags")]);
    let (_, journal) = run(&story, STAGES).await;
    let result = journal.replay().steps["s1"].result.clone().unwrap();
    let StepResult::Failed { why, left } = result else { panic!("{result:?}") };
    assert!(why.contains("CreateTags"), "{why}");
    assert_eq!(left, "deprecated, without the tags of its stage");
    assert!(story.image_now(&image).deprecation_at.is_some());
}

/// The process dies after any line of the journal of any of the runs: resumed, the account comes to the same end.
#[tokio::test(start_paused = true)]
async fn a_crash_in_any_stage_is_resumed() {
    for (stage, action) in [Action::Mark, Action::Deprecate, Action::Disable, Action::Leave].into_iter().enumerate() {
        let mut lines = 1;
        loop {
            let story = Story::new();
            let image = story.image("a");
            for wait in [8, 7, 0].into_iter().take(stage) {
                done(&story, STAGES).await;
                days(wait).await;
            }
            if action == Action::Leave {
                story.change(&image, |image| image.tags = with(&image.tags, "hold", "yes"));
            }
            let plan = story.plan(STAGES).await;
            assert_eq!(actions(&plan), [action]);
            let journal = MemoryJournal::breaking_after(lines);
            let end = story.apply(&plan, &journal).await;
            journal.mend();
            let broke = end.stopped_by.is_some();
            if broke {
                assert_eq!(
                    story.resume(&plan, &journal).await.status,
                    RunStatus::Finished,
                    "{action:?} after {lines} lines"
                );
            }
            let after = story.image_now(&image);
            let (state, shared, tags) = match action {
                Action::Disable => (ImageState::Disabled, false, 5),
                Action::Leave => (ImageState::Available, true, 0),
                Action::Deprecate => (ImageState::Available, true, 4),
                Action::Mark | Action::Deregister => (ImageState::Available, true, 3),
            };
            assert_eq!(
                (after.state, after.permissions.contains(&friend())),
                (state, shared),
                "{action:?} after {lines} lines"
            );
            assert_eq!(stage_tags(&story, &image), tags, "{action:?} after {lines} lines");
            assert!(story.summary(&plan, &journal).counts().all_done(), "{action:?} after {lines} lines");
            if !broke {
                break;
            }
            lines += 1;
        }
        assert!(lines > 4, "the journal has {lines} lines: the test would show nothing");
    }
}

#[tokio::test(start_paused = true)]
async fn each_stage_can_be_undone() {
    for (stage, takeback) in [Takeback::Untag, Takeback::Undeprecate, Takeback::Enable].into_iter().enumerate() {
        let story = Story::new();
        let image = story.image("a");
        for wait in [8, 7].into_iter().take(stage) {
            done(&story, STAGES).await;
            days(wait).await;
        }
        let before = story.image_now(&image);
        let (plan, journal) = run(&story, STAGES).await;
        let states = journal.replay().steps;
        let items = undo_items(&plan, &states);
        assert_eq!(items.iter().map(|item| &item.takeback).collect::<Vec<_>>(), [&takeback]);
        let (undoing, stop) = (MemoryJournal::default(), Stop::default());
        let tools =
            RunTools { clouds: &story.cloud, clock: &story.clock, journal: &undoing, observer: &(), stop: &stop };
        let end = undo(tools, &plan, &states, &items, 4).await;
        assert!(matches!(end.results[0].1, StepResult::Returned { .. }), "{end:?}");
        let after = story.image_now(&image);
        assert_eq!((after.state, &after.tags, &after.permissions), (before.state, &before.tags, &before.permissions));
        assert_eq!(after.deprecation_at, before.deprecation_at);
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_refused_outside_of_its_windows() {
    let story = Story::new();
    story.image("a");
    let policy =
        format!("{STAGES}windows: [{{ days: [mon, tue], hours: \"09:00-17:00\", time_zone: Europe/Berlin }}]\n");
    let plan = story.plan(&policy).await;
    let refused = |now: &str| {
        let now: Moment = now.parse().unwrap();
        let account = story::account();
        let facts = GuardFacts {
            account,
            others: &[],
            expected_account: None,
            now,
            max_age_seconds: i64::MAX,
            last_retired: None,
        };
        guard(&plan, facts).into_iter().any(|refusal| matches!(refusal, Refusal::Closed { .. }))
    };
    // A Monday in winter: 9 o'clock in Berlin is 8 o'clock UTC.
    assert!(refused("2027-01-18T07:59:59Z") && !refused("2027-01-18T08:00:00Z"));
    assert!(!refused("2027-01-19T15:59:00Z") && refused("2027-01-19T16:00:00Z") && refused("2027-01-20T10:00:00Z"));
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_restored_for_as_long_as_the_policy_asks_stays() {
    let policy = story::DEREGISTER.replace("[deregister]", "[{ deregister: { require_recycle_bin: 7d } }]");
    let (image, snapshot) = (ResourceKind::Image, ResourceKind::Snapshot);
    for (rules, lacks) in [
        (&[][..], Some("would not keep ami-")),
        (&[(image, 7)], Some("would not keep snap-")),
        (&[(image, 7), (snapshot, 6)], Some("for 6 days, and the policy asks for 7")),
        (&[(image, 30), (snapshot, 7)], None),
    ] {
        let story = Story::new();
        let image = story.image("a");
        for (kind, days) in rules {
            story.keep_in_bin(*kind, *days);
        }
        let (_, journal) = run(&story, &policy).await;
        let result = journal.replay().steps["s1"].result.clone().unwrap();
        match lacks {
            None => {
                assert!(matches!(result, StepResult::Done { .. }) && story.state_of(&image).is_none(), "{result:?}");
            }
            Some(lacks) => {
                let StepResult::Skipped { why } = result else { panic!("{result:?}") };
                assert!(why.contains(lacks), "{why}");
                assert_eq!((story.calls("DisableImage"), story.calls("DeregisterImage")), (0, 0));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rules_of_the_recycle_bin_that_cannot_be_read_hold_everything_up() {
    let policy = story::DEREGISTER.replace("[deregister]", "[{ deregister: { require_recycle_bin: 7d } }]");
    let story = Story::new();
    story.image("a");
    story.faults(vec![FaultRule::denied("ListRules")]);
    let (_, journal) = run(&story, &policy).await;
    let result = journal.replay().steps["s1"].result.clone().unwrap();
    let StepResult::Skipped { why } = result else { panic!("{result:?}") };
    assert!(why.contains("could not be read") && why.contains("ListRules"), "{why}");
    assert_eq!(story.calls("DisableImage"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_retires_far_more_than_the_last_run_is_refused() {
    let story = Story::new();
    for number in 0..7 {
        story.image(&format!("image-{number}"));
    }
    let policy = story::DEREGISTER.replace("limits: {", "limits: { max_jump: 3,");
    let (with, without) = (story.plan(&policy).await, story.plan(story::DEREGISTER).await);
    let refused = |plan: &Plan, last_retired| {
        let facts = GuardFacts {
            account: story::account(),
            others: &[],
            expected_account: None,
            now: now(),
            max_age_seconds: i64::MAX,
            last_retired,
        };
        guard(plan, facts).contains(&Refusal::Jump { retired: 7, last: last_retired.unwrap_or_default(), max: 3 })
    };
    assert!(refused(&with, Some(2)) && !refused(&with, Some(3)));
    // The first run has nothing to be held against.
    assert!(!refused(&with, None) && !refused(&without, Some(1)));
}

#[tokio::test(start_paused = true)]
async fn a_stage_is_not_undone_under_a_later_one() {
    let story = Story::new();
    let image = story.image("a");
    let (plan, journal) = run(&story, STAGES).await;
    days(8).await;
    assert_eq!(done(&story, STAGES).await, [Action::Deprecate]);
    let before = story.image_now(&image);
    let states = journal.replay().steps;
    let (undoing, stop) = (MemoryJournal::default(), Stop::default());
    let tools = RunTools { clouds: &story.cloud, clock: &story.clock, journal: &undoing, observer: &(), stop: &stop };
    let end = undo(tools, &plan, &states, &undo_items(&plan, &states), 4).await;
    let StepResult::Failed { why, left } = &end.results[0].1 else { panic!("{end:?}") };
    assert!(why.contains("it is `deprecate` now") && left == "unchanged", "{why}");
    assert_eq!(story.image_now(&image).tags, before.tags);
}

#[tokio::test(start_paused = true)]
async fn a_public_image_is_not_deprecated() {
    let story = Story::new();
    let image = story.image("a");
    story.change(&image, |image| {
        image.permissions.insert(Grantee::Group("all".into()));
    });
    done(&story, STAGES).await;
    days(8).await;
    let (plan, journal) = run(&story, STAGES).await;
    let StepResult::Skipped { why } = journal.replay().steps["s1"].result.clone().unwrap() else {
        panic!("not skipped")
    };
    assert!(why.contains("it is public"), "{why}");
    assert_eq!((actions(&plan), story.calls("EnableImageDeprecation")), (vec![Action::Deprecate], 0));
}
