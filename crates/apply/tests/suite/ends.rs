//! Snapshots and volumes that are deleted, instances that end, and what comes out of the Recycle Bin: once, again nothing, cut off anywhere.

use amictl_apply::{RunStatus, StepProgress, StepResult};
use amictl_cloud::Call;
use amictl_cloud::ops::{DeregisterImage, DeregisterImageRequest, DescribeSnapshots, DescribeSnapshotsRequest};
use amictl_cloud::ops::{DescribeVolumes, DescribeVolumesRequest};
use amictl_model::{Image, ImageId, InstanceId, VolumeId};
use amictl_plan::{
    Change, CommandInput, CommandStep, Plan, Restoring, SnapshotRemoval, Target, Termination, VolumeRemoval,
    build_command,
};
use amictl_sandbox::world::{ResourceKind, Volume};
use amictl_sandbox::{FaultKind, FaultRule, Phase, When};

use crate::story::{DAY, MemoryJournal, Story, account, now, region};

/// What can be done to something that is no image, or is in the bin.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    DeleteSnapshot,
    DeleteVolume,
    Terminate,
    Restore,
}

const ALL: [Kind; 4] = [Kind::DeleteSnapshot, Kind::DeleteVolume, Kind::Terminate, Kind::Restore];
const OPERATIONS: [&str; 5] = [
    "DeleteSnapshot",
    "DeleteVolume",
    "TerminateInstances",
    "RestoreImageFromRecycleBin",
    "RestoreSnapshotFromRecycleBin",
];

/// An account in which this is to be done, and the change that does it.
async fn world_of(kind: Kind) -> (Story, Change) {
    let story = Story::new();
    let change = match kind {
        Kind::DeleteSnapshot => {
            let id = story.snapshot();
            let request = DescribeSnapshotsRequest { snapshots: vec![id], ..DescribeSnapshotsRequest::default() };
            let found = Call::<DescribeSnapshots>::call(&story.cloud, &region(), request).await.unwrap();
            let [snapshot] = &found.snapshots[..] else { panic!("one snapshot") };
            let (snapshot, because) = (snapshot.clone(), "it was named".into());
            Change::DeleteSnapshot(Box::new(SnapshotRemoval { snapshot, because, named: true, bin_days: None }))
        }
        Kind::DeleteVolume => {
            let id: VolumeId = "vol-00000000000000001".parse().unwrap();
            story.sandbox.world().scope_mut(account(), &region()).put_volume(Volume {
                id: id.as_str().into(),
                size_gib: 8,
                snapshot: None,
                zone: "us-east-1a".into(),
                volume_type: "gp3".into(),
                iops: None,
                throughput: None,
                encrypted: false,
                kms_key: None,
                created_at: now().plus_secs(-100 * DAY),
                attachment: None,
                tags: Default::default(),
                more: None,
            });
            let request = DescribeVolumesRequest { volumes: vec![id.clone()], next_token: None };
            let found = Call::<DescribeVolumes>::call(&story.cloud, &region(), request).await.unwrap();
            let [volume] = &found.volumes[..] else { panic!("one volume") };
            let (volume, because) = (volume.clone(), "it was named".into());
            Change::DeleteVolume(Box::new(VolumeRemoval { id, volume, because, named: true, bin_days: None }))
        }
        Kind::Terminate => {
            let image = story.image("a");
            story.launch(&image);
            let instance: InstanceId = instance(&story).0.parse().unwrap();
            Change::Terminate(Box::new(Termination { instance, image, name: "".into(), state: "running".into() }))
        }
        Kind::Restore => {
            story.keep_in_bin(ResourceKind::Image, 7);
            story.keep_in_bin(ResourceKind::Snapshot, 7);
            let image = story.image("a");
            let snapshots: Vec<_> = story.image_now(&image).snapshots().cloned().collect();
            let request = DeregisterImageRequest { image: image.clone(), delete_snapshots: true };
            Call::<DeregisterImage>::call(&story.cloud, &region(), request).await.unwrap();
            assert_eq!((story.state_of(&image), story.snapshot_count()), (None, 0));
            Change::Restore(Box::new(Target::Image(image)), Restoring { snapshots, until: None })
        }
    };
    (story, change)
}

/// The id and the state of the one instance.
fn instance(story: &Story) -> (String, String) {
    let world = story.sandbox.world();
    let instance = world.scope(account(), &region()).unwrap().instances().next().unwrap();
    (instance.id.to_string(), instance.shown_state(story.clock.now()).as_str().to_owned())
}

/// Whether the world is as it was asked for.
async fn is_done(kind: Kind, story: &Story) -> bool {
    match kind {
        Kind::DeleteSnapshot => story.snapshot_count() == 0,
        Kind::DeleteVolume => {
            let all = DescribeVolumesRequest::default();
            Call::<DescribeVolumes>::call(&story.cloud, &region(), all).await.unwrap().volumes.is_empty()
        }
        Kind::Terminate => instance(story).1 == "terminated",
        Kind::Restore => {
            let images = story.sandbox.world().scope(account(), &region()).unwrap().images().count();
            (images, story.snapshot_count()) == (1, 2)
        }
    }
}

fn plan(id: &str, change: &Change) -> Plan {
    let image: Image = serde_json::from_value(serde_json::json!({
        "id": ImageId::NONE, "name": "", "owner": account(), "state": "unknown", "root_device_type": "unknown",
        "created_at": null,
    }))
    .unwrap();
    let step = CommandStep { account: account(), region: region(), image: &image, change: change.clone() };
    let plan = build_command(CommandInput { steps: vec![step], created_at: now(), plan_id: id.to_owned() });
    // What is written is what is read.
    let mut file = Vec::new();
    plan.write_to(&mut file).unwrap();
    assert_eq!(Plan::read(&file).unwrap(), plan);
    plan
}

fn result(story: &Story, plan: &Plan, journal: &MemoryJournal) -> (bool, StepResult) {
    let step = &story.summary(plan, journal).steps[0];
    match &step.progress {
        StepProgress::Over(result) => (step.is_changed, result.clone()),
        other => panic!("not over: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_done_once_and_again_nothing_is_sent() {
    for kind in ALL {
        let (story, change) = world_of(kind).await;
        for (id, is_changed) in [("first", true), ("second", false)] {
            let (plan, journal) = (plan(id, &change), MemoryJournal::default());
            assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::Finished, "{kind:?}");
            let (changed, result) = result(&story, &plan, &journal);
            assert!(matches!(result, StepResult::Done { .. }), "{kind:?} {id}: {result:?}");
            assert_eq!((changed, is_done(kind, &story).await), (is_changed, true), "{kind:?} {id}");
        }
        let sent: Vec<u64> =
            OPERATIONS.iter().map(|operation| story.calls(operation)).filter(|sent| *sent > 0).collect();
        assert!(sent.iter().sum::<u64>() == if kind == Kind::Restore { 3 } else { 1 }, "{kind:?}: {sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_cut_off_at_any_line_is_taken_up_to_its_end() {
    for kind in ALL {
        for lines in 1.. {
            let (story, change) = world_of(kind).await;
            let (plan, journal) = (plan("p", &change), MemoryJournal::breaking_after(lines));
            let end = story.apply(&plan, &journal).await;
            journal.mend();
            if end.status == RunStatus::Finished {
                assert!(lines > 4, "{kind:?}");
                break;
            }
            let place = format!("{kind:?} after {lines} lines");
            assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished, "{place}");
            let (_, result) = result(&story, &plan, &journal);
            assert!(matches!(result, StepResult::Done { .. }) && is_done(kind, &story).await, "{place}: {result:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn lost_answers_are_resolved_by_looking() {
    for kind in ALL {
        for phase in [Phase::Before, Phase::After] {
            let (story, change) = world_of(kind).await;
            let rule = |operation: &&str| FaultRule {
                phase,
                ..FaultRule::new(operation, FaultKind::Reset).when(When::First(1))
            };
            story.faults(OPERATIONS.iter().map(rule).collect());
            let (plan, journal) = (plan("p", &change), MemoryJournal::default());
            story.apply(&plan, &journal).await;
            let (_, result) = result(&story, &plan, &journal);
            assert!(
                matches!(result, StepResult::Done { .. }) && is_done(kind, &story).await,
                "{kind:?} {phase:?}: {result:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_an_image_came_to_use_or_that_is_locked_stays() {
    for is_locked in [true, false] {
        let (story, change) = world_of(Kind::DeleteSnapshot).await;
        let Change::DeleteSnapshot(removal) = &change else { panic!("a snapshot") };
        if is_locked {
            story.lock(&removal.snapshot.id);
        } else {
            story.image_on("late", std::slice::from_ref(&removal.snapshot.id));
        }
        let (plan, journal) = (plan("p", &change), MemoryJournal::default());
        story.apply(&plan, &journal).await;
        let (changed, result) = result(&story, &plan, &journal);
        let StepResult::Skipped { why } = result else { panic!("{result:?}") };
        assert!(why.contains(if is_locked { "locked" } else { "uses it" }), "{why}");
        assert_eq!((changed, story.calls("DeleteSnapshot"), story.snapshot_count()), (false, 0, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_read_deletes_nothing() {
    let (story, change) = world_of(Kind::DeleteSnapshot).await;
    let denied = FaultRule::new("DescribeSnapshotAttribute", FaultKind::AccessDenied);
    story.faults(vec![denied]);
    // One that was made for an image, so that it would be an orphan if all were known.
    let Change::DeleteSnapshot(mut removal) = change else { panic!("a snapshot") };
    let text = "Created by CreateImage(i-0123456789abcdef0) for ami-0123456789abcdef0";
    {
        let mut world = story.sandbox.world();
        let scope = world.scope_mut(account(), &region());
        let mut snapshot = scope.snapshots().next().unwrap().clone();
        snapshot.description = Some(text.into());
        scope.put_snapshot(snapshot);
    }
    removal.snapshot.description = Some(text.into());
    let (plan, journal) = (plan("p", &Change::DeleteSnapshot(removal)), MemoryJournal::default());
    story.apply(&plan, &journal).await;
    let (_, result) = result(&story, &plan, &journal);
    let StepResult::Skipped { why } = result else { panic!("{result:?}") };
    assert!(why.starts_with("unknown: who else may use it could not be read"), "{why}");
    assert_eq!(story.snapshot_count(), 1);
}
