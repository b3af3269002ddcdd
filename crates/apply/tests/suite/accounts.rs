//! Several accounts: what another one launches behind the fence, or what cannot be looked at there.

use std::time::Duration;

use amictl_apply::{Journal, RunConfig, RunEnd, RunTools, StepProgress, StepResult, Stop, run};
use amictl_cloud::{Cloud, Clouds};
use amictl_model::{AccountId, Grantee, ImageId, ImageState, Scope};
use amictl_plan::{Action, Plan};
use amictl_sandbox::{HookPoint, InProcess};

use crate::story::{DAY, DEREGISTER, MemoryJournal, Story, friend, launch_for, now, region, started};

pub(crate) fn friends_account() -> AccountId {
    let Grantee::Account(account) = friend() else { panic!("a friend is an account") };
    account
}

/// The story's account, and the friend's where there are credentials for it.
pub(crate) struct Entered<'a>(pub(crate) &'a Story, pub(crate) Option<InProcess>);

impl Clouds for Entered<'_> {
    fn of(&self, account: AccountId) -> Option<&dyn Cloud> {
        let Self(story, other) = self;
        story.cloud.of(account).or_else(|| other.as_ref()?.of(account))
    }
}

/// Carries out a plan whose evidence is of both accounts.
async fn carry_out(story: &Story, plan: &Plan, is_entered: bool, journal: &MemoryJournal) -> RunEnd {
    journal.append(started(plan)).await.unwrap();
    let other = is_entered.then(|| InProcess::new(story.sandbox.clone(), friends_account()));
    let (clouds, stop) = (Entered(story, other), Stop::default());
    let mut scanned = plan.scopes();
    scanned.push(Scope { account: friends_account(), region: region() });
    let config = RunConfig {
        settle: Duration::from_secs(60),
        concurrency: 4,
        counts_as_use: Box::new(|_| true),
        keeps_snapshot: Box::new(|_| None),
        skip: Vec::new(),
        scanned,
        files: None,
    };
    let tools = RunTools { clouds: &clouds, clock: &story.clock, journal, observer: &(), stop: &stop };
    run(tools, &config, plan, &std::collections::HashMap::new()).await
}

fn result(story: &Story, plan: &Plan, journal: &MemoryJournal) -> StepResult {
    match &story.summary(plan, journal).steps[0].progress {
        StepProgress::Over(result) => result.clone(),
        other => panic!("the step is {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_launch_in_another_account_behind_the_fence_brings_a_shared_image_back() {
    let story = Story::new();
    let image = story.image("a");
    let launched = image.clone();
    story.sandbox.hook(HookPoint::After, "DisableImage", 1, move |world, _, _| {
        launch_for(world, friends_account(), &launched);
    });
    let plan = story.plan(DEREGISTER).await;
    let journal = MemoryJournal::default();
    carry_out(&story, &plan, true, &journal).await;
    assert_eq!(story.state_of(&image), Some(ImageState::Available));
    assert!(story.is_shared(&image));
    let StepResult::Returned { why } = result(&story, &plan, &journal) else { panic!("not returned") };
    assert!(why.contains("account 210987654321: in use now: i-"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn where_nothing_is_launched_a_shared_image_goes_after_looking_in_both_accounts() {
    let story = Story::new();
    let image = story.image("a");
    let plan = story.plan(DEREGISTER).await;
    let before = story.calls("DescribeInstances");
    let journal = MemoryJournal::default();
    carry_out(&story, &plan, true, &journal).await;
    assert_eq!(story.state_of(&image), None);
    assert_eq!(story.calls("DescribeInstances") - before, 4, "before and behind the fence, in each account");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_cannot_be_looked_at_any_more_keeps_what_it_may_launch() {
    let story = Story::new();
    let image = story.image("a");
    let plan = story.plan(DEREGISTER).await;
    let journal = MemoryJournal::default();
    carry_out(&story, &plan, false, &journal).await;
    assert_eq!(story.state_of(&image), Some(ImageState::Available));
    assert_eq!(story.calls("DisableImage"), 0, "it is not even disabled");
    let StepResult::Skipped { why } = result(&story, &plan, &journal) else { panic!("not skipped") };
    assert!(why.contains("no credentials"), "{why}");
}

/// An image that a stage disabled ten days ago and whose tags tell whom it was shared with; nobody is granted anything any more.
fn staged(story: &Story, shared: &str) -> ImageId {
    let image = story.image("staged");
    let since = now().plus_secs(-10 * DAY).to_string();
    let tags = [
        ("amictl:stage", "disable"),
        ("amictl:since", since.as_str()),
        ("amictl:policy", "all"),
        ("amictl:deprecation", "none"),
        ("amictl:shared", shared),
    ];
    story.change(&image, |image| {
        image.state = ImageState::Disabled;
        image.permissions.clear();
        image.tags = tags.into_iter().collect();
    });
    image
}

fn staged_policy() -> String {
    DEREGISTER.replace("[deregister]", "[disable, { deregister: { after: 3d } }]")
}

/// What comes of deregistering it, its end seen in the world.
async fn end_of(story: &Story, image: &ImageId, plan: &Plan, is_entered: bool) -> (StepResult, Option<ImageState>) {
    assert_eq!(plan.steps[0].action, Action::Deregister);
    let journal = MemoryJournal::default();
    carry_out(story, plan, is_entered, &journal).await;
    assert_eq!((story.calls("DisableImage"), story.calls("EnableImage")), (0, 0), "its stage has disabled it");
    (result(story, plan, &journal), story.state_of(image))
}

#[tokio::test(start_paused = true)]
async fn what_a_stage_disabled_is_kept_by_whoever_it_was_shared_with_before() {
    // Seen before anything is done, and behind the fence.
    for is_early in [true, false] {
        let story = Story::new();
        let image = staged(&story, "210987654321 end");
        let plan = story.plan(&staged_policy()).await;
        let launched = image.clone();
        if is_early {
            launch_for(&mut story.sandbox.world(), friends_account(), &launched);
        } else {
            // The last that is looked at before the wait.
            story.sandbox.hook(HookPoint::After, "DescribeImageAttribute", 1, move |world, _, _| {
                launch_for(world, friends_account(), &launched);
            });
        }
        let (result, state) = end_of(&story, &image, &plan, true).await;
        let StepResult::Skipped { why } = result else { panic!("{is_early}: {result:?}") };
        assert!(why.contains("account 210987654321: in use now: i-"), "{is_early}: {why}");
        assert_eq!(why.contains("was disabled before this run and stays so"), !is_early, "{why}");
        assert_eq!(state, Some(ImageState::Disabled), "{is_early}");
        assert_eq!(story.image_now(&image).tags.get("amictl:shared"), Some("210987654321 end"), "{is_early}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_stage_disabled_stays_where_whoever_it_was_shared_with_cannot_be_looked_at() {
    let story = Story::new();
    let image = staged(&story, "210987654321 end");
    let plan = story.plan(&staged_policy()).await;
    let (result, state) = end_of(&story, &image, &plan, false).await;
    let StepResult::Skipped { why } = result else { panic!("{result:?}") };
    assert!(why.contains("account 210987654321") && why.contains("no credentials"), "{why}");
    assert_eq!(state, Some(ImageState::Disabled));
}

#[tokio::test(start_paused = true)]
async fn what_a_stage_disabled_goes_where_nobody_it_was_shared_with_uses_it_or_it_never_was() {
    for (shared, is_entered) in [("210987654321 end", true), ("end", false)] {
        let story = Story::new();
        let image = staged(&story, shared);
        let plan = story.plan(&staged_policy()).await;
        let (result, state) = end_of(&story, &image, &plan, is_entered).await;
        assert!(matches!(result, StepResult::Done { .. }), "{shared}: {result:?}");
        assert_eq!(state, None, "{shared}");
    }
}
