//! What commands do to images: once, and again nothing; cut off anywhere and taken up; taken back.

use std::time::Duration;

use amictl_apply::{
    JournalCall, Record, RunStatus, RunSummary, RunTools, StepProgress, StepResult, Stop, Takeback, undo, undo_items,
};
use amictl_cloud::Call;
use amictl_cloud::ops::{
    DescribeImages, DescribeImagesRequest, DescribeLaunchPermissions, DescribeLaunchPermissionsRequest,
};
use amictl_model::{Grantee, Image, ImageId, ImageState, LaunchPermissions, Moment, Region};
use amictl_plan::{Change, CommandInput, CommandStep, Copying, Creation, Plan, Sharing, Then, build_command};
use amictl_sandbox::world::{Pace, Protection};
use amictl_sandbox::{FaultKind, FaultRule, Phase, When};

use crate::story::{MemoryJournal, Story, account, friend, now, region};

fn there() -> Region {
    "eu-west-1".parse().unwrap()
}

fn partner() -> Grantee {
    Grantee::Account("333344445555".parse().unwrap())
}

fn later() -> Moment {
    now().plus_secs(30 * 86_400)
}

async fn look(story: &Story, image: &ImageId) -> Image {
    let request = DescribeImagesRequest { images: vec![image.clone()], ..DescribeImagesRequest::default() };
    let mut found = Call::<DescribeImages>::call(&story.cloud, &region(), request).await.unwrap().images.pop().unwrap();
    let request = DescribeLaunchPermissionsRequest { image: image.clone() };
    let grantees = Call::<DescribeLaunchPermissions>::call(&story.cloud, &region(), request).await.unwrap();
    found.launch_permissions = LaunchPermissions::read(grantees);
    found
}

/// The plan of a command; `id` names it, as a copy's client token is made of it.
async fn plan(story: &Story, id: &str, image: &ImageId, region: Region, change: Change) -> Plan {
    let mut image = look(story, image).await;
    if !change.reads_permissions() {
        image.launch_permissions = LaunchPermissions::Unread;
    }
    let step = CommandStep { account: account(), region, image: &image, change };
    let plan = build_command(CommandInput { steps: vec![step], created_at: now(), plan_id: id.to_owned() });
    // What is written is what is read.
    let mut file = Vec::new();
    plan.write_to(&mut file).unwrap();
    assert_eq!(Plan::read(&file).unwrap(), plan);
    plan
}

fn copying(then: Then) -> Change {
    Change::Copy(Copying {
        of_step: None,
        from: region(),
        name: "web-1".into(),
        description: None,
        encrypted: false,
        kms_key: None,
        within_minutes: None,
        copy_tags: true,
        client_token: Box::default(),
        then,
    })
}

fn whole() -> Then {
    Then {
        tags: [("team", "web")].into_iter().collect(),
        wait_seconds: 3_600,
        share_with: vec![partner()],
        deprecate_at: Some(later()),
        protect: true,
    }
}

fn share(add: &[Grantee], remove: &[Grantee], snapshots: bool) -> Change {
    Change::Share(Sharing { add: add.to_vec(), remove: remove.to_vec(), snapshots })
}

type Prepare = fn(&Story, &ImageId);

/// Every change of an image that is there, and what it needs beforehand.
fn changes() -> Vec<(Change, Prepare)> {
    let nothing: Prepare = |_, _| {};
    let deprecated: Prepare = |story, image| story.change(image, |image| image.deprecation_at = Some(later()));
    let disabled: Prepare = |story, image| {
        story.change(image, |image| {
            image.state = ImageState::Disabled;
            image.permissions.clear();
        });
    };
    let protected: Prepare = |story, image| story.change(image, |image| image.protection = Protection::Enabled);
    vec![
        (Change::Deprecate { at: later(), or_earlier: false }, nothing),
        (Change::Undeprecate, deprecated),
        (Change::Disable, nothing),
        (Change::Enable, disabled),
        (Change::Protect { with_cooldown: false }, nothing),
        (Change::Protect { with_cooldown: true }, protected),
        (Change::Unprotect, protected),
        (share(&[partner()], &[], false), nothing),
        (share(&[partner()], &[friend()], true), nothing),
    ]
}

fn result(story: &Story, plan: &Plan, journal: &MemoryJournal) -> StepResult {
    match &story.summary(plan, journal).steps[0].progress {
        StepProgress::Over(result) => result.clone(),
        other => panic!("not over: {other:?}"),
    }
}

fn done() -> StepResult {
    StepResult::Done { snapshots: Vec::new() }
}

fn step_of(summary: &RunSummary) -> (bool, Option<ImageId>) {
    (summary.steps[0].is_changed, summary.steps[0].made.clone())
}

async fn take_back(story: &Story, plan: &Plan, journal: &MemoryJournal) -> (Takeback, StepResult) {
    let states = journal.replay().steps;
    let items = undo_items(plan, &states);
    let undone = MemoryJournal::default();
    let stop = Stop::default();
    let tools = RunTools { clouds: &story.cloud, clock: &story.clock, journal: &undone, observer: &(), stop: &stop };
    let mut end = undo(tools, plan, &states, &items, 4).await;
    let (item, result) = end.results.pop().unwrap();
    (item.takeback, result)
}

fn volume_permissions(story: &Story) -> usize {
    let world = story.sandbox.world();
    let shared = |snapshot: &amictl_sandbox::world::Snapshot| snapshot.more.as_ref().map_or(0, |more| more.users.len());
    world.scope(account(), &region()).unwrap().snapshots().map(shared).sum()
}

/// How many images there are in a Region, those that are being made too.
fn images(story: &Story, region: &Region) -> Vec<ImageId> {
    let world = story.sandbox.world();
    world
        .scope(account(), region)
        .map(|scope| scope.images().map(|image| image.id.clone()).collect())
        .unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_change_is_made_once_and_taken_back() {
    for (change, prepare) in changes() {
        let story = Story::new();
        let image = story.image("a");
        prepare(&story, &image);
        let before = look(&story, &image).await;
        let first = plan(&story, "p", &image, region(), change.clone()).await;
        let journal = MemoryJournal::default();
        assert_eq!(story.apply(&first, &journal).await.status, RunStatus::Finished);
        assert_eq!(result(&story, &first, &journal), done(), "{change:?}");
        let after = look(&story, &image).await;
        assert!(after != before, "{change:?}");
        assert_eq!(step_of(&story.summary(&first, &journal)), (true, None), "{change:?}");

        let (second, again) = (plan(&story, "again", &image, region(), change.clone()).await, MemoryJournal::default());
        assert_eq!(story.apply(&second, &again).await.status, RunStatus::Finished);
        let summary = story.summary(&second, &again);
        assert_eq!((result(&story, &second, &again), summary.steps[0].is_changed), (done(), false), "{change:?}");
        assert_eq!(look(&story, &image).await, after, "{change:?}");
        assert!(undo_items(&second, &again.replay().steps).is_empty(), "{change:?}: nothing was done");

        let (_, result) = take_back(&story, &first, &journal).await;
        assert!(matches!(result, StepResult::Returned { .. }), "{change:?}: {result:?}");
        assert_eq!(look(&story, &image).await, before, "{change:?}");
        assert_eq!(volume_permissions(&story), 0, "{change:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_cut_off_at_any_line_is_taken_up_to_its_end() {
    for (change, prepare) in changes() {
        for lines in 1.. {
            let story = Story::new();
            let image = story.image("a");
            prepare(&story, &image);
            let plan = plan(&story, "p", &image, region(), change.clone()).await;
            let journal = MemoryJournal::breaking_after(lines);
            let end = story.apply(&plan, &journal).await;
            journal.mend();
            if end.status == RunStatus::Finished {
                assert!(lines > 5, "{change:?}");
                break;
            }
            let place = format!("{change:?} after {lines} lines");
            assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished, "{place}");
            assert_eq!(result(&story, &plan, &journal), done(), "{place}");
            assert!(change.is_so(&look(&story, &image).await) || volume_permissions(&story) == 2, "{place}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn lost_answers_are_resolved_by_looking() {
    let operations = [
        "EnableImageDeprecation",
        "DisableImageDeprecation",
        "DisableImage",
        "EnableImage",
        "EnableImageDeregistrationProtection",
        "DisableImageDeregistrationProtection",
        "ModifyImageAttribute",
        "ModifySnapshotAttribute",
    ];
    for (change, prepare) in changes() {
        for phase in [Phase::Before, Phase::After] {
            let story = Story::new();
            let image = story.image("a");
            prepare(&story, &image);
            let plan = plan(&story, "p", &image, region(), change.clone()).await;
            let rule = |operation: &&str| FaultRule {
                phase,
                ..FaultRule::new(operation, FaultKind::Reset).when(When::First(1))
            };
            story.faults(operations.iter().map(rule).collect());
            let journal = MemoryJournal::default();
            story.apply(&plan, &journal).await;
            assert_eq!(result(&story, &plan, &journal), done(), "{change:?} {phase:?}");
            assert!(change.is_so(&look(&story, &image).await) || volume_permissions(&story) == 2, "{change:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_has_changed_since_the_plan_is_left_alone() {
    let story = Story::new();
    let image = story.image("a");
    let plan = plan(&story, "p", &image, region(), Change::Disable).await;
    story.change(&image, |image| image.tags = [("hold", "audit")].into_iter().collect());
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;
    assert_eq!(result(&story, &plan, &journal), StepResult::Skipped { why: "changed since the plan: tags".to_owned() });
    assert_eq!(story.calls("DisableImage"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_made_once_with_all_that_was_asked_for() {
    let story = Story::new();
    story.sandbox.world().set_pace(Pace { image_secs: 300, ..Pace::default() });
    let image = story.image("a");
    let plan_of = async |id: &str| plan(&story, id, &image, there(), copying(whole())).await;
    let (first, journal) = (plan_of("first").await, MemoryJournal::default());
    assert_eq!(story.apply(&first, &journal).await.status, RunStatus::Finished);
    assert_eq!(result(&story, &first, &journal), done());
    let [made] = &images(&story, &there())[..] else { panic!("one copy") };
    assert_eq!(step_of(&story.summary(&first, &journal)), (true, Some(made.clone())));
    {
        let world = story.sandbox.world();
        let copy = world.scope(account(), &there()).unwrap().image(made).unwrap();
        assert_eq!((copy.tags.get("team"), copy.deprecation()), (Some("web"), Some(later())));
        assert_eq!((copy.protection, copy.permissions.contains(&partner())), (Protection::Enabled, true));
    }
    // Another command for the same finds it there.
    let (second, again) = (plan_of("second").await, MemoryJournal::default());
    assert_eq!(story.apply(&second, &again).await.status, RunStatus::Finished);
    assert_eq!(step_of(&story.summary(&second, &again)), (false, Some(made.clone())));
    assert!(undo_items(&second, &again.replay().steps).is_empty());
    assert_eq!((images(&story, &there()).len(), story.calls("CopyImage")), (1, 1));
    // What was made is disabled, and stays.
    let (takeback, result) = take_back(&story, &first, &journal).await;
    assert_eq!(takeback, Takeback::DisableMade { image: made.clone() });
    assert!(matches!(result, StepResult::Returned { .. }), "{result:?}");
    let world = story.sandbox.world();
    assert_eq!(world.scope(account(), &there()).unwrap().image(made).unwrap().state, ImageState::Disabled);
}

#[tokio::test(start_paused = true)]
async fn making_that_is_cut_off_at_any_line_makes_one_image() {
    for is_copy in [true, false] {
        for lines in 1.. {
            let story = Story::new();
            story.sandbox.world().set_pace(Pace { image_secs: 30, ..Pace::default() });
            let image = story.image("a");
            story.launch(&image);
            let (region, change) = if is_copy { (there(), copying(whole())) } else { (region(), creating(&story)) };
            let before = images(&story, &region).len();
            let plan = plan(&story, "p", &image, region.clone(), change).await;
            let journal = MemoryJournal::breaking_after(lines);
            let end = story.apply(&plan, &journal).await;
            journal.mend();
            if end.status == RunStatus::Finished {
                assert!(lines > 9);
                break;
            }
            let place = format!("copy {is_copy} after {lines} lines");
            assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished, "{place}");
            assert_eq!(result(&story, &plan, &journal), done(), "{place}");
            assert_eq!(images(&story, &region).len(), before + 1, "{place}");
            let summary = story.summary(&plan, &journal);
            let made = summary.steps[0].made.clone().unwrap();
            let world = story.sandbox.world();
            let made = world.scope(account(), &region).unwrap().image(&made).unwrap().clone();
            assert!(made.permissions.contains(&partner()) && made.protection == Protection::Enabled, "{place}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_is_cut_off_and_made_by_the_same_command_since_is_made_once() {
    for lines in 1.. {
        let story = Story::new();
        let image = story.image("a");
        let plan_of = async |id: &str| plan(&story, id, &image, there(), copying(whole())).await;
        let (first, journal) = (plan_of("first").await, MemoryJournal::breaking_after(lines));
        let end = story.apply(&first, &journal).await;
        journal.mend();
        if end.status == RunStatus::Finished {
            assert!(lines > 9);
            break;
        }
        let (second, again) = (plan_of("second").await, MemoryJournal::default());
        assert_eq!(story.apply(&second, &again).await.status, RunStatus::Finished);
        assert_eq!(story.resume(&first, &journal).await.status, RunStatus::Finished);
        assert_eq!(result(&story, &first, &journal), done());
        assert_eq!(images(&story, &there()).len(), 1, "after {lines} lines");
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_only_has_the_name_is_no_copy() {
    let story = Story::new();
    let (image, other) = (story.image("web-1"), story.image("other"));
    let plan = plan(&story, "p", &other, region(), copying(Then::default())).await;
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;
    let (changed, made) = step_of(&story.summary(&plan, &journal));
    assert!(changed && made.is_some_and(|made| made != image), "a copy of its own");
    assert_eq!(images(&story, &region()).len(), 3);
}

fn creating(story: &Story) -> Change {
    let world = story.sandbox.world();
    let instance = world.scope(account(), &region()).unwrap().instances().next().unwrap().id.clone();
    Change::Create(Creation {
        instance,
        name: "web-2".into(),
        description: None,
        no_reboot: true,
        exclude_devices: Vec::new(),
        then: whole(),
    })
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_left_for_a_resume_and_the_others_go_on() {
    let story = Story::new();
    story.sandbox.world().set_pace(Pace { image_secs: 7_200, ..Pace::default() });
    let image = story.image("a");
    let seen = look(&story, &image).await;
    let step = |region, change| CommandStep { account: account(), region, image: &seen, change };
    let steps = vec![step(there(), copying(whole())), step(region(), share(&[partner()], &[], false))];
    let plan = build_command(CommandInput { steps, created_at: now(), plan_id: "p".to_owned() });
    let journal = MemoryJournal::default();
    assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::TimedOut);
    let summary = story.summary(&plan, &journal);
    assert_eq!(summary.steps[0].progress, StepProgress::Begun);
    assert_eq!(summary.steps[1].progress, StepProgress::Over(done()));
    tokio::time::advance(Duration::from_secs(3_600)).await;
    assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished);
    assert_eq!((images(&story, &there()).len(), story.calls("CopyImage")), (1, 1));
    assert!(journal.replay().steps["s1"].is_done(&JournalCall::Share));
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_being_made_is_looked_at_seldom() {
    let story = Story::new();
    story.sandbox.world().set_pace(Pace { image_secs: 1_800, ..Pace::default() });
    let image = story.image("a");
    let plan = plan(&story, "p", &image, there(), copying(Then { wait_seconds: 3_600, ..Then::default() })).await;
    let before = story.calls("DescribeImages");
    story.apply(&plan, &MemoryJournal::default()).await;
    let looks = story.calls("DescribeImages") - before;
    // Half an hour: about four looks a minute, and three sightings.
    assert!((90..=135).contains(&looks), "{looks}");
}

/// Journals of runs that came before this stay readable.
#[test]
fn new_lines_of_the_journal_read_back() {
    for line in [
        r#"{"seq":1,"at":"2026-11-21T09:00:00Z","event":{"kind":"found","step":"s1","image":"ami-1"}}"#,
        r#"{"seq":1,"at":"2026-11-21T09:00:00Z","event":{"kind":"outcome","step":"s1","call":"copy","outcome":{"made":"ami-1"}}}"#,
        r#"{"seq":1,"at":"2026-11-21T09:00:00Z","event":{"kind":"intent","step":"s1","call":{"share_snapshot":{"id":"snap-1","add":[{"account":"123456789012"}],"remove":[]}}}}"#,
        r#"{"seq":1,"at":"2026-11-21T09:00:00Z","event":{"kind":"run_finished","status":"timed_out"}}"#,
    ] {
        let record: Record = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let again: Record = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
        assert_eq!(record, again);
    }
}
