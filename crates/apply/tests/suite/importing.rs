//! Disks that become snapshots: once, cut off anywhere and taken up, and never one that has changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use amictl_apply::{DiskFile, Event, JournalCall, RunStatus, StepProgress, StepResult, Takeback, undo_items};
use amictl_cloud::Call;
use amictl_cloud::ops::{DescribeSnapshots, DescribeSnapshotsRequest};
use amictl_model::{Snapshot, SnapshotState};
use amictl_plan::{
    Added, CONTENT_TAG, Change, CommandInput, DiskFormat, Importing, Plan, Via, add_steps, build_command,
};
use amictl_sandbox::world::Pace;
use amictl_sandbox::{FaultKind, FaultRule, Phase, Stall, When};

use crate::story::{MemoryJournal, Story, account, now, region};

const BLOCK: usize = 524_288;

/// A file that goes with its test.
struct Disk(PathBuf);

impl Disk {
    /// Blocks of one byte each, 0 for zeros, and a few bytes behind them.
    fn of(blocks: &[u8]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let disk = Self(std::env::temp_dir().join(format!("amictl-import-{}-{number}.raw", std::process::id())));
        disk.write(blocks);
        disk
    }

    fn write(&self, blocks: &[u8]) {
        let mut bytes: Vec<u8> = blocks.iter().flat_map(|byte| vec![*byte; BLOCK]).collect();
        bytes.extend(b"end");
        fs::write(&self.0, bytes).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

const BLOCKS: [u8; 7] = [1, 0, 2, 3, 0, 4, 5];
/// Those that are no zeros, and the end.
const PUT: u64 = 6;

fn importing(path: &Path) -> Importing {
    let disk = DiskFile::open(path).unwrap();
    let content = disk.content(DiskFormat::Raw, 1, |_| {}).unwrap();
    Importing {
        disk: path.to_str().unwrap().into(),
        format: DiskFormat::Raw,
        via: Via::Ebs,
        bytes: disk.bytes(),
        modified_at: disk.modified_at(),
        content: content.content.into(),
        blocks: content.blocks,
        checksum: content.checksum.into(),
        size_gib: 1,
        description: Some("a disk".into()),
        tags: [("app".to_owned(), "web".to_owned())].into_iter().collect(),
        encrypted: false,
        kms_key: None,
        client_token: Box::default(),
        wait_seconds: 3_600,
    }
}

/// What is written is what is read.
fn plan_of(importing: Importing, id: &str) -> Plan {
    let mut plan = build_command(CommandInput { steps: Vec::new(), created_at: now(), plan_id: id.to_owned() });
    let change = Change::Import(Box::new(importing));
    add_steps(&mut plan, [Added { account: account(), region: region(), change, after: Vec::new() }]);
    let mut file = Vec::new();
    plan.write_to(&mut file).unwrap();
    assert_eq!(Plan::read(&file).unwrap(), plan);
    plan
}

fn plan(disk: &Disk, id: &str) -> Plan {
    plan_of(importing(&disk.0), id)
}

async fn snapshots(story: &Story) -> Vec<Snapshot> {
    let all = DescribeSnapshotsRequest::default();
    Call::<DescribeSnapshots>::call(&story.cloud, &region(), all).await.unwrap().snapshots
}

/// The bytes of the blocks that were put into the only snapshot there is, each by its first.
fn put(story: &Story) -> BTreeMap<u64, u8> {
    let world = story.sandbox.world();
    let scope = world.scope(account(), &region()).unwrap();
    let [snapshot] = &scope.snapshots().collect::<Vec<_>>()[..] else { panic!("one snapshot") };
    snapshot.lineage().put_blocks().iter().map(|(index, block)| (*index, block.data[0])).collect()
}

fn whole() -> BTreeMap<u64, u8> {
    [(0, 1), (2, 2), (3, 3), (5, 4), (6, 5), (7, b'e')].into()
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

fn why(result: StepResult) -> (String, String) {
    match result {
        StepResult::Failed { why, left } => (why, left),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_disk_is_imported_once_and_then_found() {
    let story = Story::new();
    let disk = Disk::of(&BLOCKS);
    let (first, journal) = (plan(&disk, "p"), MemoryJournal::default());
    assert_eq!(story.apply(&first, &journal).await.status, RunStatus::Finished);
    assert_eq!((result(&story, &first, &journal), put(&story)), (done(), whole()));
    let [snapshot] = &snapshots(&story).await[..] else { panic!("one snapshot") };
    assert_eq!((snapshot.state, snapshot.size_gib), (SnapshotState::Completed, 1));
    assert_eq!((snapshot.description.as_deref(), snapshot.tags.get("app")), (Some("a disk"), Some("web")));
    assert_eq!(snapshot.tags.get(CONTENT_TAG), Some(&*importing(&disk.0).content));
    assert_eq!(story.calls("PutSnapshotBlock"), PUT);
    let items = undo_items(&first, &journal.replay().steps);
    let [Takeback::Impossible(told)] = &items.iter().map(|item| item.takeback.clone()).collect::<Vec<_>>()[..] else {
        panic!("{items:?}")
    };
    assert!(told.contains(snapshot.id.as_str()), "{told}");

    // Another file with the same disk, some zeros longer.
    let copy = Disk::of(&BLOCKS);
    let mut bytes = fs::read(&copy.0).unwrap();
    bytes.resize(bytes.len() + 1_000, 0);
    fs::write(&copy.0, bytes).unwrap();
    let (second, journal) = (plan(&copy, "q"), MemoryJournal::default());
    assert_eq!(story.apply(&second, &journal).await.status, RunStatus::Finished);
    let summary = story.summary(&second, &journal);
    assert_eq!((&summary.steps[0].produced.snapshot, summary.steps[0].is_changed), (&Some(snapshot.id.clone()), false));
    assert_eq!((story.calls("StartSnapshot"), story.calls("PutSnapshotBlock")), (1, PUT));
    assert!(undo_items(&second, &journal.replay().steps).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_was_asked_for_otherwise_is_imported_anew() {
    let story = Story::new();
    let disk = Disk::of(&BLOCKS);
    let key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";
    let of_key = Importing { kms_key: Some(key.into()), ..importing(&disk.0) };
    let encrypted = Importing { encrypted: true, ..importing(&disk.0) };
    for (at, (importing, started)) in
        [(importing(&disk.0), 1), (encrypted.clone(), 2), (encrypted, 2), (of_key.clone(), 3), (of_key, 3)]
            .into_iter()
            .enumerate()
    {
        let (plan, journal) = (plan_of(importing, &format!("p{at}")), MemoryJournal::default());
        story.apply(&plan, &journal).await;
        assert_eq!((result(&story, &plan, &journal), story.calls("StartSnapshot")), (done(), started), "{at}");
    }
    let encrypted = snapshots(&story).await.iter().filter(|snapshot| snapshot.encrypted).count();
    assert_eq!(encrypted, 2);
}

#[tokio::test(start_paused = true)]
async fn an_import_that_is_cut_off_at_any_line_is_taken_up() {
    for lines in 1.. {
        let story = Story::new();
        story.sandbox.world().set_pace(Pace { snapshot_secs: 120, ..Pace::default() });
        let disk = Disk::of(&BLOCKS);
        let (plan, journal) = (plan(&disk, "p"), MemoryJournal::breaking_after(lines));
        let is_whole = story.apply(&plan, &journal).await.status == RunStatus::Finished;
        journal.mend();
        if !is_whole {
            assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished, "after {lines} lines");
        }
        assert_eq!((result(&story, &plan, &journal), put(&story)), (done(), whole()), "after {lines} lines");
        assert_eq!(snapshots(&story).await.len(), 1, "after {lines} lines");
        if is_whole {
            assert!(lines > 7, "{lines}");
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn lost_answers_are_resolved_and_throttles_waited_for() {
    for phase in [Phase::Before, Phase::After] {
        for operation in ["StartSnapshot", "PutSnapshotBlock", "CompleteSnapshot"] {
            let story = Story::new();
            let reset = FaultRule { phase, ..FaultRule::new(operation, FaultKind::Reset).when(When::First(2)) };
            story.faults(vec![reset]);
            let disk = Disk::of(&BLOCKS);
            let (plan, journal) = (plan(&disk, "p"), MemoryJournal::default());
            assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::Finished);
            assert_eq!((result(&story, &plan, &journal), put(&story)), (done(), whole()), "{operation} {phase:?}");
            assert_eq!(snapshots(&story).await.len(), 1, "{operation} {phase:?}");
        }
    }
}

/// What EBS says of a call that it refuses, and how the step ends.
#[tokio::test(start_paused = true)]
async fn every_refusal_is_told_with_what_is_left() {
    let fault = |code: &str, status| FaultKind::Error { code: code.to_owned(), message: "no".to_owned(), status };
    for (operation, code, status) in [
        ("StartSnapshot", "ServiceQuotaExceededException", 402),
        ("StartSnapshot", "ValidationException", 400),
        ("StartSnapshot", "ConflictException", 503),
        ("StartSnapshot", "AccessDeniedException", 403),
        ("PutSnapshotBlock", "AccessDeniedException", 403),
        ("PutSnapshotBlock", "ValidationException", 400),
        ("PutSnapshotBlock", "ResourceNotFoundException", 404),
        ("CompleteSnapshot", "ValidationException", 400),
        ("DescribeSnapshots", "UnauthorizedOperation", 403),
    ] {
        let story = Story::new();
        story.faults(vec![FaultRule::new(operation, fault(code, status))]);
        let disk = Disk::of(&BLOCKS);
        let (plan, journal) = (plan(&disk, "p"), MemoryJournal::default());
        assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::Finished, "{operation} {code}");
        let (why, left) = why(result(&story, &plan, &journal));
        assert!(why.contains(operation) && why.contains(code), "{why}");
        let is_started = matches!(operation, "PutSnapshotBlock" | "CompleteSnapshot");
        assert_eq!(left.contains("snap-") && left.contains("not complete"), is_started, "{operation} {code}: {left}");
        if operation == "StartSnapshot" && code != "ConflictException" {
            assert_eq!(left, "unchanged", "{operation} {code}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_takes_nothing_for_long_is_gone_on_with_later() {
    let story = Story::new();
    let error = FaultKind::Error { code: "InternalServerException".to_owned(), message: String::new(), status: 500 };
    let soon = FaultKind::Stall(Stall { millis: Some(1) });
    let rule = |kind| FaultRule::new("PutSnapshotBlock", kind);
    story.faults(vec![rule(soon).when(When::First(3)), rule(error)]);
    let disk = Disk::of(&BLOCKS);
    let (plan, journal) = (plan(&disk, "p"), MemoryJournal::default());
    assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::TimedOut);
    let below = journal.replay().steps["s1"].produced.sent_below;
    assert!(below > 0 && below < 8, "{below}");
    story.faults(Vec::new());
    let before = story.calls("PutSnapshotBlock");
    assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished);
    assert_eq!((result(&story, &plan, &journal), put(&story)), (done(), whole()));
    let missing = whole().keys().filter(|index| **index >= u64::from(below)).count() as u64;
    assert_eq!(story.calls("PutSnapshotBlock") - before, missing, "only what is missing is sent");
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_has_changed_is_not_imported() {
    let story = Story::new();
    let disk = Disk::of(&BLOCKS);
    let before = plan(&disk, "p");
    disk.write(&[9, 0, 2, 3, 0, 4]);
    let journal = MemoryJournal::default();
    story.apply(&before, &journal).await;
    let (told, left) = why(result(&story, &before, &journal));
    assert!(told.contains("had") && told.contains("bytes") && left == "unchanged", "{told}: {left}");
    assert_eq!(story.calls("StartSnapshot"), 0);

    // As long as before, and as old, as far as the file system says.
    let mut importing = importing(&disk.0);
    disk.write(&[8, 0, 2, 3, 0, 4]);
    importing.modified_at = DiskFile::open(&disk.0).unwrap().modified_at();
    let (plan, journal) = (plan_of(importing, "q"), MemoryJournal::default());
    story.apply(&plan, &journal).await;
    let (told, left) = why(result(&story, &plan, &journal));
    assert!(told.contains("was changed") && left.contains("not complete"), "{told}: {left}");
    assert_eq!(story.calls("CompleteSnapshot"), 0);
    assert_eq!(snapshots(&story).await[0].state, SnapshotState::Pending);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_ebs_gave_up_is_told_and_a_new_run_makes_another() {
    let story = Story::new();
    let disk = Disk::of(&BLOCKS);
    let (first, journal) = (plan(&disk, "p"), MemoryJournal::breaking_after(4));
    story.apply(&first, &journal).await;
    journal.mend();
    tokio::time::sleep(std::time::Duration::from_secs(25 * 3_600)).await;
    assert_eq!(story.resume(&first, &journal).await.status, RunStatus::Finished);
    let (told, _) = why(result(&story, &first, &journal));
    assert!(told.contains("ValidationException"), "{told}");
    let (second, journal) = (plan(&disk, "q"), MemoryJournal::default());
    story.apply(&second, &journal).await;
    assert_eq!(result(&story, &second, &journal), done());
    let states: Vec<SnapshotState> = snapshots(&story).await.iter().map(|snapshot| snapshot.state).collect();
    assert!(states.contains(&SnapshotState::Error) && states.contains(&SnapshotState::Completed), "{states:?}");
}

#[tokio::test(start_paused = true)]
async fn the_journal_takes_note_while_blocks_are_sent() {
    let story = Story::new();
    let disk = Disk::of(&BLOCKS);
    let slow = FaultKind::Stall(Stall { millis: Some(15_000) });
    story.faults(vec![FaultRule::new("PutSnapshotBlock", slow)]);
    let (plan, journal) = (plan(&disk, "p"), MemoryJournal::default());
    story.apply(&plan, &journal).await;
    let events = journal.events();
    assert!(events.iter().any(|event| matches!(event, Event::Sent { below, .. } if *below > 0)), "{events:?}");
    assert!(journal.replay().steps["s1"].is_done(&JournalCall::CompleteSnapshot));
}

const BUCKET: &str = "disks-here";

fn by_s3(disk: &Disk, id: &str) -> Plan {
    let importing = importing(&disk.0);
    let key = format!("{}.raw", importing.content.rsplit(':').next().unwrap()).into();
    plan_of(Importing { via: Via::S3 { bucket: BUCKET.into(), key }, ..importing }, id)
}

fn story_with_bucket() -> Story {
    let story = Story::new();
    let mut world = story.sandbox.world();
    world.s3.create_bucket(BUCKET, account(), region(), now());
    world.set_pace(Pace { snapshot_secs: 300, ..Pace::default() });
    drop(world);
    story
}

/// A disk of two parts.
fn large() -> Disk {
    Disk::of(&[1, 0, 2, 3, 0, 4, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 6])
}

fn assert_tagged(snapshot: &Snapshot, disk: &Disk) {
    assert_eq!(snapshot.tags.get(CONTENT_TAG), Some(&*importing(&disk.0).content));
    assert_eq!(snapshot.tags.get("app"), Some("web"));
}

#[tokio::test(start_paused = true)]
async fn an_import_by_s3_that_is_cut_off_at_any_line_is_taken_up() {
    for lines in 1.. {
        let story = story_with_bucket();
        let disk = large();
        let (plan, journal) = (by_s3(&disk, "p"), MemoryJournal::breaking_after(lines));
        let is_whole = story.apply(&plan, &journal).await.status == RunStatus::Finished;
        journal.mend();
        if !is_whole {
            assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished, "after {lines} lines");
        }
        assert_eq!(result(&story, &plan, &journal), done(), "after {lines} lines");
        let [snapshot] = &snapshots(&story).await[..] else { panic!("one snapshot after {lines} lines") };
        assert_eq!(snapshot.state, SnapshotState::Completed);
        assert_tagged(snapshot, &disk);
        assert_eq!(put(&story).len(), 16, "after {lines} lines");
        assert_eq!(story.calls("UploadPart"), 2, "no part is sent twice, after {lines} lines");
        if is_whole {
            assert!(lines > 10, "{lines}");
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_import_by_s3_survives_lost_answers() {
    for phase in [Phase::Before, Phase::After] {
        for operation in
            ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "ImportSnapshot", "CreateTags"]
        {
            let story = story_with_bucket();
            let reset = FaultRule { phase, ..FaultRule::new(operation, FaultKind::Reset).when(When::First(1)) };
            story.faults(vec![reset]);
            let disk = large();
            let (plan, journal) = (by_s3(&disk, "p"), MemoryJournal::default());
            story.apply(&plan, &journal).await;
            assert_eq!(result(&story, &plan, &journal), done(), "{operation} {phase:?}");
            let [snapshot] = &snapshots(&story).await[..] else { panic!("one snapshot: {operation} {phase:?}") };
            assert_tagged(snapshot, &disk);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_refusal_of_an_import_by_s3_is_told() {
    let fault = |code: &str, status| FaultKind::Error { code: code.to_owned(), message: "vmimport".to_owned(), status };
    for (operation, code, status, told_of) in [
        ("CreateMultipartUpload", "AccessDenied", 403, "AccessDenied"),
        ("UploadPart", "NoSuchUpload", 404, "NoSuchUpload"),
        ("CompleteMultipartUpload", "InvalidPart", 400, "InvalidPart"),
        ("ImportSnapshot", "InvalidParameter", 400, "vmie.amazonaws.com"),
        ("ImportSnapshot", "UnauthorizedOperation", 403, "UnauthorizedOperation"),
        ("CreateTags", "UnauthorizedOperation", 403, "could not be tagged"),
        ("ListObjectsV2", "AccessDenied", 403, "could not be looked at"),
    ] {
        let story = story_with_bucket();
        story.faults(vec![FaultRule::new(operation, fault(code, status))]);
        let disk = large();
        let (plan, journal) = (by_s3(&disk, "p"), MemoryJournal::default());
        assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::Finished, "{operation} {code}");
        let (why, left) = why(result(&story, &plan, &journal));
        assert!(why.contains(told_of) && !left.is_empty(), "{operation} {code}: {why}; {left}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_fails_or_takes_too_long_says_so() {
    let story = story_with_bucket();
    story.sandbox.world().set_pace(Pace { snapshot_secs: 7_200, ..Pace::default() });
    let disk = large();
    let (plan, journal) = (by_s3(&disk, "p"), MemoryJournal::default());
    assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::TimedOut);
    tokio::time::sleep(std::time::Duration::from_secs(7_200)).await;
    assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished);
    assert_eq!((result(&story, &plan, &journal), story.calls("ImportSnapshot")), (done(), 1));
}
