//! The fence protocol: what goes, what stays, what comes back.

use amictl_apply::{Fate, RunStatus, StepProgress, StepResult};
use amictl_model::ImageState;
use amictl_sandbox::world::Protection;
use amictl_sandbox::{FaultRule, HookPoint};

use crate::story::{self, DEREGISTER, MemoryJournal, Story, disable_policy, launch_in};

fn result(summary: &amictl_apply::RunSummary, at: usize) -> StepResult {
    match &summary.steps[at].progress {
        StepProgress::Over(result) => result.clone(),
        other => panic!("step {at} is {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn unused_images_go_with_all_their_snapshots_by_two_calls_each() {
    let story = Story::new();
    let unused = [story.image("a"), story.image("b"), story.image("c")];
    let used = story.image("d");
    story.launch(&used);
    let plan = story.plan(DEREGISTER).await;
    let journal = MemoryJournal::default();
    assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::Finished);

    assert!(unused.iter().all(|image| story.state_of(image).is_none()));
    assert_eq!(story.state_of(&used), Some(ImageState::Available));
    assert_eq!(story.snapshot_count(), 2);
    assert!(story.summary(&plan, &journal).counts().all_done());
    assert_eq!((story.calls("DisableImage"), story.calls("DeregisterImage")), (3, 3));
    assert_eq!((story.calls("DeleteSnapshot"), story.calls("EnableImage")), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_launch_between_the_last_check_and_the_deletion_brings_the_image_back_as_it_was() {
    let story = Story::new();
    let image = story.image("a");
    let launched = image.clone();
    story.sandbox.hook(HookPoint::After, "DisableImage", 1, move |world, _, _| launch_in(world, &launched));
    let plan = story.plan(DEREGISTER).await;
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;

    assert_eq!(story.state_of(&image), Some(ImageState::Available));
    assert!(story.is_shared(&image), "launch permissions do not come back by EnableImage alone");
    assert_eq!(story.snapshot_count(), 2);
    let StepResult::Returned { why } = result(&story.summary(&plan, &journal), 0) else { panic!("not returned") };
    assert!(why.contains("in use now: i-"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn what_began_to_be_used_since_the_plan_is_not_even_disabled() {
    let story = Story::new();
    let image = story.image("a");
    let plan = story.plan(DEREGISTER).await;
    story.launch(&image);
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;
    assert_eq!(story.calls("DisableImage"), 0);
    assert!(matches!(result(&story.summary(&plan, &journal), 0), StepResult::Skipped { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_cannot_be_read_again_protects_everything() {
    let story = Story::new();
    let image = story.image("a");
    let plan = story.plan(DEREGISTER).await;
    // The first sweep passes, the one behind the fence does not.
    let denied = FaultRule::denied("DescribeLaunchConfigurations").when(amictl_sandbox::When::Nth(2));
    story.faults(vec![denied]);
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;
    assert_eq!(story.state_of(&image), Some(ImageState::Available));
    assert!(story.is_shared(&image));
    let StepResult::Returned { why } = result(&story.summary(&plan, &journal), 0) else { panic!("not returned") };
    assert!(why.contains("launch_configurations"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_change_since_the_plan_skips_only_that_image() {
    let story = Story::new();
    let (tagged, protected, gone, same) = (story.image("a"), story.image("b"), story.image("c"), story.image("d"));
    let plan = story.plan(DEREGISTER).await;
    story.change(&tagged, |image| image.tags = [("amictl:keep", "yes")].into_iter().collect());
    story.change(&protected, |image| image.protection = Protection::Enabled);
    story.sandbox.world().scope_mut(story::account(), &story::region()).remove_image(&gone);
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;

    let summary = story.summary(&plan, &journal);
    let why = |image| {
        let at = summary.steps.iter().position(|step| step.target == image).unwrap();
        match result(&summary, at) {
            StepResult::Skipped { why } => why,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(why(tagged.clone()), "changed since the plan: tags");
    assert_eq!(why(protected.clone()), "changed since the plan: deregistration protection");
    assert_eq!(why(gone), "gone since the plan");
    assert_eq!(story.state_of(&tagged), Some(ImageState::Available));
    assert_eq!(story.state_of(&protected), Some(ImageState::Available));
    assert_eq!(story.state_of(&same), None);
    assert_eq!(summary.counts().done, 1);
}

#[tokio::test(start_paused = true)]
async fn a_keep_tag_that_appears_behind_the_fence_brings_the_image_back() {
    let story = Story::new();
    let image = story.image("a");
    let tagged = image.clone();
    story.sandbox.hook(HookPoint::After, "DisableImage", 1, move |world, _, _| {
        let scope = world.scope_mut(story::account(), &story::region());
        scope.image_mut(&tagged).unwrap().tags = [("amictl:keep", "yes")].into_iter().collect();
    });
    let plan = story.plan(DEREGISTER).await;
    story.apply(&plan, &MemoryJournal::default()).await;
    assert_eq!(story.state_of(&image), Some(ImageState::Available));
    assert!(story.is_shared(&image));
}

#[tokio::test(start_paused = true)]
async fn an_image_that_somebody_enables_while_it_waits_is_left_to_them() {
    let story = Story::new();
    let image = story.image("a");
    let enabled = image.clone();
    story.sandbox.hook(HookPoint::After, "DisableImage", 1, move |world, _, _| {
        world.scope_mut(story::account(), &story::region()).image_mut(&enabled).unwrap().state = ImageState::Available;
    });
    let plan = story.plan(DEREGISTER).await;
    story.apply(&plan, &MemoryJournal::default()).await;
    assert_eq!(story.state_of(&image), Some(ImageState::Available));
    assert!(story.is_shared(&image));
    assert_eq!(story.calls("DeregisterImage"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_refused_deregistration_gives_the_image_back_and_is_a_failure() {
    let story = Story::new();
    let image = story.image("a");
    let plan = story.plan(DEREGISTER).await;
    story.faults(vec![FaultRule::denied("DeregisterImage")]);
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;
    assert_eq!(story.state_of(&image), Some(ImageState::Available));
    assert!(story.is_shared(&image));
    let summary = story.summary(&plan, &journal);
    assert_eq!(summary.counts().failed, 1);
    assert!(!summary.counts().all_done());
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_another_image_uses_stays_and_is_said_to() {
    let story = Story::new();
    let (own, shared) = (story.snapshot(), story.snapshot());
    let unused = story.image_on("a", &[own.clone(), shared.clone()]);
    let used = story.image_on("b", std::slice::from_ref(&shared));
    story.launch(&used);
    let plan = story.plan(DEREGISTER).await;
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;
    assert_eq!(story.state_of(&unused), None);
    assert_eq!(story.snapshot_count(), 1);
    let StepResult::Done { snapshots } = result(&story.summary(&plan, &journal), 0) else { panic!("not done") };
    let fate = |id| snapshots.iter().find(|snapshot| snapshot.id == id).unwrap().fate.clone();
    assert_eq!(fate(own), Fate::Deleted);
    assert!(matches!(fate(shared), Fate::Kept(_)));
}

#[tokio::test(start_paused = true)]
async fn two_unused_images_on_one_snapshot_take_it_with_the_last_of_them() {
    let story = Story::new();
    let shared = story.snapshot();
    let images = [story.image_on("a", std::slice::from_ref(&shared)), story.image_on("b", &[shared])];
    let plan = story.plan(DEREGISTER).await;
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;
    assert!(images.iter().all(|image| story.state_of(image).is_none()));
    assert_eq!(story.snapshot_count(), 0);
    assert!(story.summary(&plan, &journal).counts().all_done());
}

#[tokio::test(start_paused = true)]
async fn the_stage_disable_ends_behind_the_fence() {
    let story = Story::new();
    let image = story.image("a");
    let plan = story.plan(&disable_policy()).await;
    let journal = MemoryJournal::default();
    assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::Finished);
    assert_eq!(story.state_of(&image), Some(ImageState::Disabled));
    assert_eq!(story.snapshot_count(), 2);
    assert!(story.summary(&plan, &journal).counts().all_done());
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_is_tagged_to_stay_since_the_plan_brings_its_image_back() {
    let policy = DEREGISTER.replace("limits:", "protect: [{ tag: { keep: \"y*\" } }]\nlimits:");
    for (key, value, stays) in [
        ("keep", "yes", true),
        ("keep", "no", false),
        ("amictl:keep-until", "2999-12-31", true),
        ("aws:backup:source-resource", "arn:aws:ec2:x", true),
        ("keeper", "yes", false),
    ] {
        let story = Story::new();
        let snapshot = story.snapshot();
        let image = story.image_on("a", std::slice::from_ref(&snapshot));
        let plan = story.plan(&policy).await;
        {
            let mut world = story.sandbox.world();
            let scope = world.scope_mut(story::account(), &story::region());
            let mut tagged = scope.snapshots().find(|found| found.id == snapshot).unwrap().clone();
            tagged.tags = [(key, value)].into_iter().collect();
            scope.put_snapshot(tagged);
        }
        let journal = MemoryJournal::default();
        story.apply(&plan, &journal).await;
        assert_eq!(story.snapshot_count(), usize::from(stays), "{key}={value}");
        if stays {
            assert_eq!(story.state_of(&image), Some(ImageState::Available), "{key}={value}");
            assert!(story.is_shared(&image));
            let StepResult::Returned { why } = result(&story.summary(&plan, &journal), 0) else { panic!("{key}") };
            assert!(why.contains(&format!("{snapshot} must stay: ")), "{why}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn snapshots_are_looked_at_together() {
    let story = Story::new();
    for number in 0..30 {
        story.image(&format!("image-{number}"));
    }
    let plan = story.plan(DEREGISTER).await;
    let before = story.calls("DescribeSnapshots");
    story.apply(&plan, &MemoryJournal::default()).await;
    assert_eq!(story.snapshot_count(), 0);
    let looks = story.calls("DescribeSnapshots") - before;
    assert!((1..=10).contains(&looks), "{looks} calls for 30 images, four at work at once");
}

/// What is locked would be left behind without its image, so the image stays as it is.
#[tokio::test(start_paused = true)]
async fn an_image_whose_snapshot_is_locked_is_not_touched() {
    let story = Story::new();
    let (held, free) = (story.snapshot(), story.image("free"));
    let image = story.image_on("held", std::slice::from_ref(&held));
    story.lock(&held);
    let plan = story.plan(DEREGISTER).await;
    let journal = MemoryJournal::default();
    assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::Finished);
    let summary = story.summary(&plan, &journal);
    let of = |image| plan.steps.iter().position(|step| step.target == image).unwrap();
    let StepResult::Skipped { why } = result(&summary, of(image.clone())) else { panic!("{summary:#?}") };
    assert!(why.contains("locked") && why.contains(held.as_str()), "{why}");
    assert!(matches!(result(&summary, of(free)), StepResult::Done { .. }), "{summary:#?}");
    assert!(story.is_shared(&image) && story.state_of(&image) == Some(ImageState::Available));
}
