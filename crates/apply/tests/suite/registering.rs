//! Images of snapshots and bundles: registered once, cut off anywhere and taken up, and held against what they are billed as.

use std::time::Duration;

use amictl_apply::{RunStatus, StepProgress, StepResult, Takeback, undo_items};
use amictl_cloud::Call;
use amictl_cloud::ops::{DescribeImages, DescribeImagesRequest};
use amictl_model::{Grantee, Image, ImageState, NewDevice, NewImageTraits, Region, SnapshotId, SnapshotState};
use amictl_plan::{
    Added, Change, CommandInput, Copying, Plan, RegisteredOf, Registration, RootSnapshot, Then, add_steps,
    build_command,
};
use amictl_sandbox::world::Pace;
use amictl_sandbox::world::s3::Object;
use amictl_sandbox::{FaultKind, FaultRule, Phase, When};

use crate::story::{MemoryJournal, Story, account, now, region};

const BUCKET: &str = "bundles";
const MANIFEST: &str = "<?xml version=\"1.0\"?><manifest><version>2007-10-10</version><machine_configuration>\
    <architecture>x86_64</architecture></machine_configuration><image><name>web</name><parts count=\"1\"><part index=\"0\">\
    <filename>web.part.0</filename></part></parts></image></manifest>";

fn there() -> Region {
    "eu-west-1".parse().unwrap()
}

fn partner() -> Grantee {
    Grantee::Account("333344445555".parse().unwrap())
}

fn whole() -> Then {
    Then {
        tags: [("team", "web")].into_iter().collect(),
        wait_seconds: 3_600,
        share_with: vec![partner()],
        deprecate_at: Some(now().plus_secs(30 * 86_400)),
        protect: true,
    }
}

fn of_snapshot(snapshot: &SnapshotId, wait_seconds: u64) -> RegisteredOf {
    let device = NewDevice { name: "/dev/xvda".into(), volume_type: Some("gp3".into()), ..NewDevice::default() };
    RegisteredOf::Snapshot { root: RootSnapshot::Id(snapshot.clone()), device: Box::new(device), wait_seconds }
}

fn of_manifest() -> RegisteredOf {
    RegisteredOf::Manifest { bucket: BUCKET.into(), key: "web.manifest.xml".into() }
}

fn registration(of: RegisteredOf) -> Registration {
    Registration {
        of,
        name: "web-1".into(),
        description: None,
        traits: NewImageTraits {
            architecture: Some("arm64".into()),
            virtualization: Some("hvm".into()),
            boot_mode: Some("uefi".into()),
            tpm: true,
            imds_v2: true,
            ena: true,
            ..NewImageTraits::default()
        },
        platform: None,
        devices: vec![NewDevice {
            name: "/dev/sdb".into(),
            virtual_name: Some("ephemeral0".into()),
            ..NewDevice::default()
        }],
        then: whole(),
    }
}

/// The plan of it, with a copy where one is wanted. What is written is what is read.
fn plan(registration: Registration, copy_to: Option<Region>) -> Plan {
    let mut plan = build_command(CommandInput { steps: Vec::new(), created_at: now(), plan_id: "p".to_owned() });
    let then = registration.then.clone();
    let change = Change::Register(Box::new(registration));
    let made = add_steps(&mut plan, [Added { account: account(), region: region(), change, after: Vec::new() }]);
    if let Some(there) = copy_to {
        let copying = Copying {
            of_step: made.first().cloned(),
            from: region(),
            name: "web-1".into(),
            description: None,
            encrypted: false,
            kms_key: None,
            within_minutes: None,
            copy_tags: false,
            client_token: Box::default(),
            then,
        };
        let change = Change::Copy(copying);
        add_steps(&mut plan, [Added { account: account(), region: there, change, after: Vec::new() }]);
    }
    let mut file = Vec::new();
    plan.write_to(&mut file).unwrap();
    assert_eq!(Plan::read(&file).unwrap(), plan);
    plan
}

fn story() -> (Story, SnapshotId) {
    let story = Story::new();
    let snapshot = story.snapshot();
    let mut world = story.sandbox.world();
    let bucket = world.s3.create_bucket(BUCKET, account(), region(), now());
    bucket.put("web.manifest.xml", Object::new(MANIFEST.as_bytes().to_vec(), now()), String::new);
    world.set_pace(Pace { image_secs: 600, ..Pace::default() });
    drop(world);
    (story, snapshot)
}

async fn images(story: &Story, region: &Region) -> Vec<Image> {
    let request = DescribeImagesRequest { names: vec!["web-1".to_owned()], ..DescribeImagesRequest::default() };
    Call::<DescribeImages>::call(&story.cloud, region, request).await.unwrap().images
}

fn results(story: &Story, plan: &Plan, journal: &MemoryJournal) -> Vec<StepResult> {
    let result = |progress: &StepProgress| match progress {
        StepProgress::Over(result) => result.clone(),
        other => panic!("not over: {other:?}"),
    };
    story.summary(plan, journal).steps.iter().map(|step| result(&step.progress)).collect()
}

fn done() -> StepResult {
    StepResult::Done { snapshots: Vec::new() }
}

#[tokio::test(start_paused = true)]
async fn registering_that_is_cut_off_at_any_line_happens_once_and_its_copy_too() {
    for is_bundle in [false, true] {
        for lines in 1.. {
            let (story, snapshot) = story();
            let of = if is_bundle { of_manifest() } else { of_snapshot(&snapshot, 0) };
            let plan = plan(registration(of), (!is_bundle).then(there));
            let journal = MemoryJournal::breaking_after(lines);
            let is_whole = story.apply(&plan, &journal).await.status == RunStatus::Finished;
            journal.mend();
            if !is_whole {
                assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished, "after {lines} lines");
            }
            assert!(results(&story, &plan, &journal).iter().all(|result| *result == done()), "after {lines} lines");
            let [image] = &images(&story, &region()).await[..] else { panic!("not once, after {lines} lines") };
            let world = story.image_now(&image.id);
            assert!(world.permissions.contains(&partner()) && world.tags.get("team") == Some("web"), "{lines} lines");
            assert_eq!(world.traits.boot_mode.as_deref(), Some("uefi"));
            assert_eq!(
                (world.traits.imds_support.as_deref(), world.traits.tpm_support.as_deref()),
                (Some("v2.0"), Some("v2.0"))
            );
            assert_eq!((&*image.architecture, world.traits.ena_support), ("arm64", true));
            assert_eq!(image.snapshots().next(), (!is_bundle).then_some(&snapshot));
            assert_eq!(images(&story, &there()).await.len(), usize::from(!is_bundle), "after {lines} lines");
            let items = undo_items(&plan, &journal.replay().steps);
            assert!(items.iter().all(|item| matches!(item.takeback, Takeback::DisableMade { .. })), "{items:?}");
            if is_whole {
                assert!(lines > 8, "{lines}");
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_resolved_by_the_name_and_a_second_run_registers_nothing() {
    for phase in [Phase::Before, Phase::After] {
        let (story, snapshot) = story();
        story.faults(vec![FaultRule {
            phase,
            ..FaultRule::new("RegisterImage", FaultKind::Reset).when(When::First(1))
        }]);
        for is_first in [true, false] {
            let (plan, journal) = (plan(registration(of_snapshot(&snapshot, 0)), None), MemoryJournal::default());
            story.apply(&plan, &journal).await;
            assert_eq!(results(&story, &plan, &journal), [done()], "{phase:?}");
            assert_eq!(images(&story, &region()).await.len(), 1, "{phase:?}");
            assert_eq!(story.summary(&plan, &journal).steps[0].is_made, is_first, "{phase:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_is_waited_for_and_one_that_failed_ends_the_step() {
    let put = |story: &Story, snapshot: &SnapshotId, state: SnapshotState| {
        let mut world = story.sandbox.world();
        let scope = world.scope_mut(account(), &region());
        let mut changed = scope.snapshots().find(|found| found.id == *snapshot).unwrap().clone();
        changed.state = state;
        scope.put_snapshot(changed);
    };
    let (story, snapshot) = story();
    put(&story, &snapshot, SnapshotState::Pending);
    let plan = plan(registration(of_snapshot(&snapshot, 60)), None);
    let journal = MemoryJournal::default();
    assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::TimedOut);
    assert_eq!((story.calls("RegisterImage"), images(&story, &region()).await.len()), (0, 0));
    put(&story, &snapshot, SnapshotState::Completed);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished);
    assert_eq!((results(&story, &plan, &journal), story.calls("RegisterImage")), (vec![done()], 1));

    let (story, snapshot) = self::story();
    put(&story, &snapshot, SnapshotState::Error);
    let plan = self::plan(registration(of_snapshot(&snapshot, 60)), Some(there()));
    let journal = MemoryJournal::default();
    story.apply(&plan, &journal).await;
    let [StepResult::Failed { why, left }, StepResult::Skipped { why: skipped }] =
        &results(&story, &plan, &journal)[..]
    else {
        panic!("{:?}", results(&story, &plan, &journal))
    };
    assert!(why.contains("is error") && left == "unchanged" && skipped.contains("s1"), "{why} {left} {skipped}");
    assert_eq!(story.calls("RegisterImage"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_image_of_another_snapshot_by_the_name_is_not_taken_for_it() {
    let (story, snapshot) = story();
    let other = story.image("web-1");
    let (plan, journal) = (plan(registration(of_snapshot(&snapshot, 0)), None), MemoryJournal::default());
    story.apply(&plan, &journal).await;
    let results = results(&story, &plan, &journal);
    let [StepResult::Failed { why, left }] = &results[..] else { panic!("{results:?}") };
    assert!(why.contains("InvalidAMIName.Duplicate") && left == "unchanged", "{why}");
    assert_eq!(story.state_of(&other), Some(ImageState::Available));
    assert!(undo_items(&plan, &journal.replay().steps).is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_image_that_lost_what_it_is_billed_as_is_neither_shared_nor_copied() {
    let (story, snapshot) = story();
    let lost = Registration { platform: Some("Windows".into()), ..registration(of_snapshot(&snapshot, 0)) };
    let (plan, journal) = (plan(lost, Some(there())), MemoryJournal::default());
    story.apply(&plan, &journal).await;
    let results = results(&story, &plan, &journal);
    let [StepResult::Failed { why, left }, StepResult::Skipped { .. }] = &results[..] else { panic!("{results:?}") };
    assert!(
        why.contains("billed as Linux/UNIX") && why.contains("Windows") && left.contains("not to be used"),
        "{why}"
    );
    let [image] = &images(&story, &region()).await[..] else { panic!("one image") };
    assert!(!story.image_now(&image.id).permissions.contains(&partner()));
    assert!(images(&story, &there()).await.is_empty());
    let items = undo_items(&plan, &journal.replay().steps);
    assert!(matches!(&items[0].takeback, Takeback::DisableMade { image: made } if *made == image.id), "{items:?}");
}
