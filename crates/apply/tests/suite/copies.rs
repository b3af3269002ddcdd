//! Copies that somebody begins after the plan: seen in whatever Region and account of the plan's evidence, and what cannot be looked at.

use std::collections::HashMap;
use std::time::Duration;

use amictl_apply::{Journal, RunConfig, RunTools, StepProgress, StepResult, Stop, run};
use amictl_model::{AccountId, ImageId, ImageState, Region, Scope};
use amictl_plan::Plan;
use amictl_sandbox::world::{Image, Pending};
use amictl_sandbox::{FaultKind, FaultRule, HookPoint, InProcess};

use crate::accounts::{Entered, friends_account};
use crate::story::{DAY, DEREGISTER, MemoryJournal, Story, account, now, region, started};

fn there() -> Region {
    "eu-west-1".parse().unwrap()
}

/// What is scanned: the account in two Regions, and the friend in the one that has no image of the run.
fn scopes() -> Vec<Scope> {
    let own = [region(), there()].map(|region| Scope { account: account(), region });
    own.into_iter().chain([Scope { account: friends_account(), region: there() }]).collect()
}

async fn plan(story: &Story) -> Plan {
    story.plan_of(&entered(story), DEREGISTER, scopes()).await
}

fn entered(story: &Story) -> Entered<'_> {
    Entered(story, Some(InProcess::new(story.sandbox.clone(), friends_account())))
}

async fn carry_out(story: &Story, plan: &Plan) -> StepResult {
    let (journal, clouds, stop) = (MemoryJournal::default(), entered(story), Stop::default());
    journal.append(started(plan)).await.unwrap();
    let config = RunConfig {
        settle: Duration::from_secs(60),
        concurrency: 4,
        counts_as_use: Box::new(|_| true),
        keeps_snapshot: Box::new(|_| None),
        skip: Vec::new(),
        scanned: plan.scopes(),
        files: None,
    };
    let tools = RunTools { clouds: &clouds, clock: &story.clock, journal: &journal, observer: &(), stop: &stop };
    run(tools, &config, plan, &HashMap::new()).await;
    match &story.summary(plan, &journal).steps[0].progress {
        StepProgress::Over(result) => result.clone(),
        other => panic!("the step is {other:?}"),
    }
}

/// A copy of the image that takes an hour, as it lies in the world.
fn begin_copy(world: &mut amictl_sandbox::World, of: AccountId, into: &Region, source: &ImageId) {
    let id = world.new_image_id();
    let mut copy = Image::new(id, of, "copy", now());
    copy.source_image = Some(source.clone());
    copy.source_region = Some(region());
    copy.extras_mut().pending = Some(Pending { until: now().plus_secs(DAY), failure: None });
    world.scope_mut(of, into).put_image(copy);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_is_begun_before_the_fence_stands_brings_the_image_back() {
    for (of, into, told) in [
        (account(), region(), "being copied now: ami-"),
        (account(), there(), "being copied now: ami-"),
        (friends_account(), there(), "account 210987654321: being copied now: ami-"),
    ] {
        let story = Story::new();
        let image = story.image("a");
        let plan = plan(&story).await;
        let (source, place) = (image.clone(), into.clone());
        story.sandbox.hook(HookPoint::Before, "DisableImage", 1, move |world, _, _| {
            begin_copy(world, of, &place, &source);
        });
        let StepResult::Returned { why } = carry_out(&story, &plan).await else { panic!("{into} {of}: not returned") };
        assert!(why.contains(told) && why.contains(into.as_str()), "{why}");
        assert_eq!(story.state_of(&image), Some(ImageState::Available));
        assert!(story.is_shared(&image));
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_is_begun_before_the_run_keeps_the_image_from_being_disabled() {
    let story = Story::new();
    let image = story.image("a");
    let plan = plan(&story).await;
    begin_copy(&mut story.sandbox.world(), account(), &there(), &image);
    let StepResult::Skipped { why } = carry_out(&story, &plan).await else { panic!("not skipped") };
    assert!(why.contains("being copied now"), "{why}");
    assert_eq!(story.calls("DisableImage"), 0);
}

#[tokio::test(start_paused = true)]
async fn copies_of_other_images_and_those_that_are_made_keep_nothing() {
    let story = Story::new();
    let image = story.image("a");
    let other = story.image_on("young", &[]);
    story.change(&other, |image| image.created_at = now());
    begin_copy(&mut story.sandbox.world(), account(), &there(), &other);
    let plan = plan(&story).await;
    let made = {
        let mut world = story.sandbox.world();
        begin_copy(&mut world, account(), &there(), &image);
        let scope = world.scope_mut(account(), &there());
        let made = scope.images().find(|copy| copy.source_image.as_ref() == Some(&image)).unwrap().id.clone();
        scope.image_mut(&made).unwrap().extras_mut().pending = None;
        made
    };
    assert!(matches!(carry_out(&story, &plan).await, StepResult::Done { .. }));
    assert_eq!(story.state_of(&image), None);
    let world = story.sandbox.world();
    assert!(world.scope(account(), &there()).unwrap().image(&made).is_some());
}

#[tokio::test(start_paused = true)]
async fn where_copies_cannot_be_looked_for_any_more_the_image_stays() {
    let is_denied = |of: AccountId| FaultRule {
        account: Some(of),
        region: Some(there()),
        ..FaultRule::new("DescribeImages", FaultKind::AccessDenied)
    };
    for (of, told) in [
        (account(), "whether it is being copied to eu-west-1 could not be read"),
        (friends_account(), "account 210987654321: whether it is being copied to eu-west-1 could not be read"),
    ] {
        let story = Story::new();
        let image = story.image("a");
        let plan = plan(&story).await;
        story.faults(vec![is_denied(of)]);
        let StepResult::Skipped { why } = carry_out(&story, &plan).await else { panic!("{of}: not skipped") };
        assert!(why.contains(told), "{why}");
        assert_eq!(story.state_of(&image), Some(ImageState::Available));
    }
    // Whom an image is not shared with cannot copy it, and what the plan could not read is nothing that the run can look at again.
    let story = Story::new();
    let image = story.image("a");
    story.change(&image, |image| image.permissions.clear());
    let shared = self::plan(&story).await;
    story.faults(vec![is_denied(friends_account())]);
    assert!(matches!(carry_out(&story, &shared).await, StepResult::Done { .. }));
    let story = Story::new();
    story.image("a");
    story.faults(vec![is_denied(account()), is_denied(friends_account())]);
    let unread = self::plan(&story).await;
    assert!(matches!(carry_out(&story, &unread).await, StepResult::Done { .. }));
}
