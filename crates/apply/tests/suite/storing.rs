//! Images as objects in S3: stored once and restored once, cut off anywhere and taken up.

use amictl_apply::{RunStatus, StepProgress, StepResult, Takeback, undo_items};
use amictl_cloud::Call;
use amictl_cloud::ops::{
    DescribeImages, DescribeImagesRequest, DescribeStoreImageTasks, DescribeStoreImageTasksRequest,
};
use amictl_model::{Image, ImageId};
use amictl_plan::{
    Added, Change, CommandInput, CommandStep, Plan, S3Restoring, Storing, Then, add_steps, build_command,
};
use amictl_sandbox::world::Pace;
use amictl_sandbox::{FaultKind, FaultRule, Phase, When};

use crate::story::{MemoryJournal, Story, account, now, region};

const BUCKET: &str = "stored-images";

async fn images(story: &Story, name: &str) -> Vec<Image> {
    let request = DescribeImagesRequest { names: vec![name.to_owned()], ..DescribeImagesRequest::default() };
    Call::<DescribeImages>::call(&story.cloud, &region(), request).await.unwrap().images
}

async fn tasks(story: &Story) -> usize {
    let all = DescribeStoreImageTasksRequest::default();
    Call::<DescribeStoreImageTasks>::call(&story.cloud, &region(), all).await.unwrap().tasks.len()
}

fn story() -> (Story, ImageId) {
    let story = Story::new();
    let image = story.image("a");
    let mut world = story.sandbox.world();
    world.s3.create_bucket(BUCKET, account(), region(), now());
    world.set_pace(Pace { task_secs: 600, ..Pace::default() });
    drop(world);
    (story, image)
}

async fn storing(story: &Story, wait_seconds: u64) -> Plan {
    let image = images(story, "a").await.pop().unwrap();
    let change = Change::Store(Storing { bucket: BUCKET.into(), wait_seconds });
    let step = CommandStep { account: account(), region: region(), image: &image, change };
    written(build_command(CommandInput { steps: vec![step], created_at: now(), plan_id: "p".to_owned() }))
}

fn restoring(image: &ImageId) -> Plan {
    let then = Then { wait_seconds: 3_600, ..Then::default() };
    let key = format!("{image}.bin").into();
    let change = Change::RestoreFromS3(S3Restoring { bucket: BUCKET.into(), key, name: "back".into(), then });
    let mut plan = build_command(CommandInput { steps: Vec::new(), created_at: now(), plan_id: "r".to_owned() });
    add_steps(&mut plan, [Added { account: account(), region: region(), change, after: Vec::new() }]);
    written(plan)
}

/// What is written is what is read.
fn written(plan: Plan) -> Plan {
    let mut file = Vec::new();
    plan.write_to(&mut file).unwrap();
    assert_eq!(Plan::read(&file).unwrap(), plan);
    plan
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

#[tokio::test(start_paused = true)]
async fn storing_and_restoring_that_are_cut_off_at_any_line_happen_once() {
    for lines in 1.. {
        let (story, image) = story();
        let plan = storing(&story, 7_200).await;
        let journal = MemoryJournal::breaking_after(lines);
        let is_whole = story.apply(&plan, &journal).await.status == RunStatus::Finished;
        journal.mend();
        if !is_whole {
            assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished, "after {lines} lines");
        }
        assert_eq!((result(&story, &plan, &journal), tasks(&story).await), (done(), 1), "after {lines} lines");

        let plan = restoring(&image);
        let journal = MemoryJournal::breaking_after(lines);
        let is_made_whole = story.apply(&plan, &journal).await.status == RunStatus::Finished;
        journal.mend();
        if !is_made_whole {
            assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished, "after {lines} lines");
        }
        assert_eq!((result(&story, &plan, &journal), images(&story, "back").await.len()), (done(), 1), "{lines} lines");
        let items = undo_items(&plan, &journal.replay().steps);
        assert!(matches!(items[0].takeback, Takeback::DisableMade { .. }), "{items:?}");
        if is_whole && is_made_whole {
            assert!(lines > 4, "{lines}");
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn lost_answers_are_resolved_by_looking() {
    for phase in [Phase::Before, Phase::After] {
        let (story, image) = story();
        let rule = |operation| FaultRule { phase, ..FaultRule::new(operation, FaultKind::Reset).when(When::First(1)) };
        story.faults(vec![rule("CreateStoreImageTask"), rule("CreateRestoreImageTask")]);
        let (plan, journal) = (storing(&story, 7_200).await, MemoryJournal::default());
        story.apply(&plan, &journal).await;
        assert_eq!((result(&story, &plan, &journal), tasks(&story).await), (done(), 1), "{phase:?}");
        let (plan, journal) = (restoring(&image), MemoryJournal::default());
        story.apply(&plan, &journal).await;
        assert_eq!((result(&story, &plan, &journal), images(&story, "back").await.len()), (done(), 1), "{phase:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_takes_too_long_times_out_and_is_not_begun_again() {
    let (story, _) = story();
    let plan = storing(&story, 60).await;
    let journal = MemoryJournal::default();
    assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::TimedOut);
    assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::TimedOut);
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished);
    assert_eq!((result(&story, &plan, &journal), tasks(&story).await), (done(), 1));
}
