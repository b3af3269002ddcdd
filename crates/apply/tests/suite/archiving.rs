//! The stage that archives the snapshots of a disabled image: which it takes, how it is cut off and gone on with, and what takes it back.

use std::sync::Arc;
use std::time::Duration;

use amictl_apply::{
    CallState, Fate, JournalCall, RunStatus, RunTools, StepProgress, StepResult, Stop, Takeback, undo, undo_items,
};
use amictl_model::{ImageId, ImageState, SnapshotId, StorageTier, Tags};
use amictl_plan::{Action, Plan};
use amictl_sandbox::world::{Pace, SnapshotMore, Template, TemplateData, TemplateVersion};
use amictl_sandbox::{FaultRule, HookPoint, Lag, When};

use crate::story::{self, DAY, MemoryJournal, Story, friend};

const POLICY: &str = r#"
version: 1
references: { other_accounts: ignore }
protect: [{ tag: { hold: "*" } }]
limits: { max_actions: 1000, max_percent: 100, min_images: 1 }
families:
  - name: old
    match: { name: "old*" }
    keep: { younger_than: 30d }
    retire: [disable, { archive_snapshots: { after: 30d } }, { deregister: { after: 120d } }]
  - name: kept
    match: { name: "*" }
    keep: { younger_than: 1000d }
    retire: [disable]
"#;

async fn days(days: i64) {
    tokio::time::advance(Duration::from_secs(u64::try_from(days * DAY).unwrap())).await;
}

async fn run(story: &Story) -> (Plan, MemoryJournal) {
    let plan = story.plan(POLICY).await;
    let journal = MemoryJournal::default();
    assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::Finished);
    (plan, journal)
}

async fn done(story: &Story) -> Vec<Action> {
    let (plan, journal) = run(story).await;
    let summary = story.summary(&plan, &journal);
    assert!(summary.counts().all_done(), "{summary:#?}");
    plan.steps.iter().map(|step| step.action).collect()
}

fn snapshots(story: &Story, image: &ImageId) -> Vec<SnapshotId> {
    story.image_now(image).mappings.iter().filter_map(|mapping| mapping.ebs.as_ref()?.snapshot.clone()).collect()
}

fn tier(story: &Story, snapshot: &SnapshotId) -> StorageTier {
    let world = story.sandbox.world();
    let scope = world.scope(story::account(), &story::region()).unwrap();
    scope.snapshots().find(|found| found.id == *snapshot).unwrap().tier_at(story.clock.now())
}

fn change(story: &Story, snapshot: &SnapshotId, change: impl FnOnce(&mut amictl_sandbox::world::Snapshot)) {
    let mut world = story.sandbox.world();
    let scope = world.scope_mut(story::account(), &story::region());
    let mut changed = scope.snapshots().find(|found| found.id == *snapshot).unwrap().clone();
    change(&mut changed);
    scope.put_snapshot(changed);
}

fn fates(story: &Story, plan: &Plan, journal: &MemoryJournal) -> Vec<Fate> {
    let summary = story.summary(plan, journal);
    let StepProgress::Over(StepResult::Done { snapshots }) = &summary.steps[0].progress else { panic!("{summary:#?}") };
    snapshots.iter().map(|snapshot| snapshot.fate.clone()).collect()
}

/// An image that is disabled, and whose snapshots are due to be archived.
async fn due(story: &Story) -> ImageId {
    let image = story.image("old");
    assert_eq!(done(story).await, [Action::Disable]);
    days(31).await;
    image
}

#[tokio::test(start_paused = true)]
async fn snapshots_are_archived_between_disabling_and_deregistering_and_go_with_their_image() {
    let story = Story::new();
    let image = due(&story).await;
    let own = snapshots(&story, &image);
    let (plan, journal) = run(&story).await;
    assert_eq!(plan.steps[0].action, Action::ArchiveSnapshots);
    // Two of 3 GiB, for which the standard tier asks 0.05 and the archive 0.0125.
    assert!((plan.steps[0].monthly_usd_upper_bound - 0.225).abs() < 1e-9, "{}", plan.steps[0].monthly_usd_upper_bound);
    assert_eq!(fates(&story, &plan, &journal), [Fate::Archived, Fate::Archived]);
    assert_eq!(story.image_now(&image).tags.get("amictl:stage"), Some("archive_snapshots"));
    days(1).await;
    assert!(own.iter().all(|snapshot| tier(&story, snapshot) == StorageTier::Archive));
    assert_eq!(done(&story).await, [], "the wait for the next stage runs from here");
    days(90).await;
    assert_eq!(done(&story).await, [Action::Deregister]);
    assert_eq!((story.state_of(&image), story.snapshot_count()), (None, 0));
}

#[tokio::test(start_paused = true)]
async fn what_anything_else_uses_or_has_a_hold_on_is_never_archived() {
    type Changed = fn(&Story, &SnapshotId);
    let cases: [(&str, Changed); 6] = [
        ("image ami-", |story, snapshot| {
            story.image_on("kept", std::slice::from_ref(snapshot));
        }),
        ("several images use it", |story, snapshot| {
            let twin = story.image_on("old-twin", std::slice::from_ref(snapshot));
            let first =
                story.sandbox.world().scope(story::account(), &story::region()).unwrap().images().next().cloned();
            story.change(&twin, |image| {
                image.state = ImageState::Disabled;
                image.tags = first.unwrap().tags.clone();
            });
        }),
        ("keeps it", |story, snapshot| {
            change(story, snapshot, |snapshot| {
                snapshot.tags = [("amictl:keep-until", "2099-01-01")].into_iter().collect();
            });
        }),
        ("the policy protects", |story, snapshot| {
            change(story, snapshot, |snapshot| snapshot.tags = [("hold", "x")].into_iter().collect());
        }),
        ("shared with", |story, snapshot| {
            change(story, snapshot, |snapshot| {
                let users = ["210987654321".parse().unwrap()].into();
                snapshot.more = Some(SnapshotMore { users, ..SnapshotMore::default() }.into());
            });
        }),
        ("locked", |story, snapshot| story.lock(snapshot)),
    ];
    for (why, hold) in cases {
        let story = Story::new();
        let image = due(&story).await;
        let own = snapshots(&story, &image);
        hold(&story, &own[0]);
        let (plan, journal) = run(&story).await;
        let step = plan.steps.iter().find(|step| step.target == image).unwrap();
        assert_eq!(step.action, Action::ArchiveSnapshots, "{why}");
        let summary = story.summary(&plan, &journal);
        let of_image = summary.steps.iter().find(|step| step.target == image).unwrap();
        let StepProgress::Over(StepResult::Done { snapshots }) = &of_image.progress else {
            panic!("{why}: {of_image:?}")
        };
        let fate = |id: &SnapshotId| &snapshots.iter().find(|snapshot| snapshot.id == *id).unwrap().fate;
        assert!(matches!(fate(&own[0]), Fate::Kept(because) if because.contains(why)), "{why}: {snapshots:?}");
        assert_eq!(*fate(&own[1]), Fate::Archived, "{why}");
        days(1).await;
        assert_eq!(
            (tier(&story, &own[0]), tier(&story, &own[1])),
            (StorageTier::Standard, StorageTier::Archive),
            "{why}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_enabled_before_the_step_keeps_its_snapshots_where_they_are() {
    let story = Story::new();
    let image = due(&story).await;
    let plan = story.plan(POLICY).await;
    story.change(&image, |image| image.state = ImageState::Available);
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;
    let summary = story.summary(&plan, &journal);
    assert!(
        matches!(&summary.steps[0].progress, StepProgress::Over(StepResult::Skipped { why }) if why.contains("state"))
    );
    assert_eq!(story.calls("ModifySnapshotTier"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_cannot_be_archived_leaves_the_stage_open() {
    let story = Story::new();
    let image = due(&story).await;
    story.faults(vec![FaultRule { when: When::Nth(2), ..FaultRule::denied("ModifySnapshotTier") }]);
    let (plan, journal) = run(&story).await;
    let summary = story.summary(&plan, &journal);
    let StepProgress::Over(StepResult::Failed { left, .. }) = &summary.steps[0].progress else {
        panic!("{summary:#?}")
    };
    assert_eq!(left, "disabled, 1 of its snapshots archived");
    assert_eq!(story.image_now(&image).tags.get("amictl:stage"), Some("disable"));
    story.faults(Vec::new());
    days(1).await;
    assert_eq!(done(&story).await, [Action::ArchiveSnapshots]);
    assert_eq!(story.calls("ModifySnapshotTier"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cut_off_at_any_line_is_gone_on_with_and_archives_nothing_twice() {
    let mut lines = 1;
    loop {
        let story = Story::new();
        let image = due(&story).await;
        let plan = story.plan(POLICY).await;
        let journal = MemoryJournal::breaking_after(lines);
        let broke = story.apply(&plan, &journal).await.status != RunStatus::Finished;
        journal.mend();
        if broke && journal.len() > 0 {
            assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished, "{lines}");
        }
        if journal.len() > 0 {
            assert!(story.summary(&plan, &journal).counts().all_done(), "{lines}");
            assert_eq!(story.calls("ModifySnapshotTier"), 2, "{lines}");
            assert_eq!(story.image_now(&image).tags.get("amictl:stage"), Some("archive_snapshots"), "{lines}");
        }
        if !broke {
            break;
        }
        lines += 1;
    }
    assert!(lines > 6, "the journal has {lines} lines: the test would show nothing");
}

#[tokio::test(start_paused = true)]
async fn archiving_is_taken_back_and_the_image_stays_disabled() {
    let story = Story::new();
    let image = due(&story).await;
    let before = story.image_now(&image).tags;
    let (plan, journal) = run(&story).await;
    days(1).await;
    let states = journal.replay().steps;
    let items = undo_items(&plan, &states);
    let own = snapshots(&story, &image);
    let [item] = items.as_slice() else { panic!("{items:?}") };
    assert!(matches!(&item.takeback, Takeback::RestoreTier { snapshots } if snapshots.len() == 2));
    let (undoing, stop) = (MemoryJournal::default(), Stop::default());
    let tools = RunTools { clouds: &story.cloud, clock: &story.clock, journal: &undoing, observer: &(), stop: &stop };
    let end = undo(tools, &plan, &states, &items, 4).await;
    assert!(
        matches!(&end.results[0].1, StepResult::Returned { why } if why.contains("72 hours") && why.contains("90 days")),
        "{end:?}"
    );
    days(1).await;
    assert!(own.iter().all(|snapshot| tier(&story, snapshot) == StorageTier::Standard));
    assert_eq!((story.state_of(&image), story.image_now(&image).tags), (Some(ImageState::Disabled), before));
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_kept_again_is_enabled_once_its_snapshots_are_back() {
    let story = Story::new();
    let image = due(&story).await;
    run(&story).await;
    days(1).await;
    story.sandbox.world().set_pace(Pace { task_secs: 2 * 86_400, ..Pace::default() });
    let hold = |tags: &Tags| tags.iter().chain([("hold", "yes")]).collect();
    story.change(&image, |image| image.tags = hold(&image.tags));
    let plan = story.plan(POLICY).await;
    assert_eq!(plan.steps[0].action, Action::Leave);
    let journal = MemoryJournal::default();
    assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::TimedOut);
    assert_eq!((story.state_of(&image), story.calls("RestoreSnapshotTier")), (Some(ImageState::Disabled), 2));
    // Too early: they are on their way.
    assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::TimedOut);
    days(3).await;
    assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished);
    let after = story.image_now(&image);
    assert_eq!((after.state, story.calls("RestoreSnapshotTier")), (ImageState::Available, 2));
    assert!(after.permissions.contains(&friend()));
    assert_eq!(after.tags, [("hold", "yes")].into_iter().collect());
}

/// A launch template that maps this snapshot to a device of somebody else's image.
fn name(story: &Story, snapshot: &SnapshotId) {
    let mut world = story.sandbox.world();
    let data = TemplateData::of_image("ami-0fedcba9876543210", "t3.micro").with_snapshot("/dev/sdf", snapshot.as_str());
    let (created_at, created_by) = (story.clock.now(), "arn:aws:iam::123456789012:user/other".into());
    let version = TemplateVersion { number: 1, description: None, created_at, created_by, data };
    let id = world.new_id("lt-");
    world.scope_mut(story::account(), &story::region()).put_template(Template {
        id,
        name: "data".into(),
        created_at,
        created_by: version.created_by.clone(),
        default_version: 1,
        latest_version: 1,
        versions: [(1, Arc::new(version))].into(),
        hidden_for: None,
        tags: Tags::default(),
    });
}

#[tokio::test(start_paused = true)]
async fn what_a_launch_template_names_since_the_plan_stays_where_it_is() {
    let story = Story::new();
    let image = due(&story).await;
    let own = snapshots(&story, &image);
    let plan = story.plan(POLICY).await;
    name(&story, &own[0]);
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;
    let fates = fates(&story, &plan, &journal);
    assert!(matches!(&fates[0], Fate::Kept(why) if why.contains("names it (launch_templates)")), "{fates:?}");
    assert_eq!(fates[1], Fate::Archived);
}

/// A run that dies when it has archived the first of two snapshots.
async fn half_done(story: &Story) -> (ImageId, Plan, MemoryJournal) {
    let image = due(story).await;
    let plan = story.plan(POLICY).await;
    // The run's start, the record, and intent and outcome of the first.
    let journal = MemoryJournal::breaking_after(4);
    assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::Stopped);
    assert_eq!(story.calls("ModifySnapshotTier"), 1);
    journal.mend();
    (image, plan, journal)
}

#[tokio::test(start_paused = true)]
async fn a_resumed_run_archives_nothing_more_of_what_is_kept_or_used_by_now() {
    type Done = fn(&Story, &ImageId);
    let cases: [(&str, Done); 2] = [
        ("changed while the run was interrupted: tags", |story, image| {
            story.change(image, |image| image.tags = image.tags.iter().chain([("hold", "yes")]).collect());
        }),
        ("in use now: i-", |story, image| story.launch(image)),
    ];
    for (told, deed) in cases {
        let story = Story::new();
        let (image, plan, journal) = half_done(&story).await;
        deed(&story, &image);
        assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished, "{told}");
        let summary = story.summary(&plan, &journal);
        let StepProgress::Over(StepResult::Failed { why, left }) = &summary.steps[0].progress else {
            panic!("{told}: {summary:#?}")
        };
        assert!(why.contains(told), "{why}");
        assert_eq!(left, "disabled, 1 of its snapshots archived", "{told}");
        assert_eq!(story.calls("ModifySnapshotTier"), 1, "{told}");
        assert_eq!(story.image_now(&image).tags.get("amictl:stage"), Some("disable"), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_somebody_enables_in_that_moment_does_not_come_to_the_stage() {
    let story = Story::new();
    let image = due(&story).await;
    let enabled = image.clone();
    story.sandbox.hook(HookPoint::Before, "ModifySnapshotTier", 1, move |world, _, _| {
        let scope = world.scope_mut(story::account(), &story::region());
        scope.image_mut(&enabled).unwrap().state = ImageState::Available;
    });
    let (plan, journal) = run(&story).await;
    let summary = story.summary(&plan, &journal);
    let StepProgress::Over(StepResult::Skipped { why }) = &summary.steps[0].progress else { panic!("{summary:#?}") };
    assert!(why.contains("available since the run began"), "{why}");
    assert_eq!(story.image_now(&image).tags.get("amictl:stage"), Some("disable"));
    days(1).await;
    assert!(snapshots(&story, &image).iter().all(|snapshot| tier(&story, snapshot) == StorageTier::Standard));
}

#[tokio::test(start_paused = true)]
async fn what_was_begun_before_a_cut_and_is_not_seen_yet_is_not_told_as_failed() {
    // Before the outcome of the first call is written.
    for is_leaving in [false, true] {
        let story = Story::new();
        let image = due(&story).await;
        if is_leaving {
            run(&story).await;
            days(1).await;
            story.change(&image, |image| image.tags = image.tags.iter().chain([("hold", "yes")]).collect());
        }
        let plan = story.plan(POLICY).await;
        story.sandbox.set_lag(Lag::of_all(Duration::from_secs(40)));
        let journal = MemoryJournal::breaking_after(3);
        assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::Stopped);
        journal.mend();
        let mut status = story.resume(&plan, &journal).await.status;
        if is_leaving {
            days(1).await;
            status = story.resume(&plan, &journal).await.status;
        }
        assert_eq!(status, RunStatus::Finished);
        let replay = journal.replay();
        let state = &replay.steps[plan.steps[0].id.as_str()];
        for snapshot in snapshots(&story, &image) {
            let call =
                if is_leaving { JournalCall::RestoreTier(snapshot) } else { JournalCall::ArchiveSnapshot(snapshot) };
            assert_eq!(state.call(&call), CallState::Done, "{is_leaving} {call:?}");
        }
        assert!(story.summary(&plan, &journal).counts().all_done(), "{is_leaving}");
    }
}
