//! Bundles of instance-store images: parts in batches and the manifest last, cut off anywhere and taken up, and never while an image is made of
//! them.

use std::sync::Arc;

use amictl_apply::{JournalCall, RunStatus, StepProgress, StepResult, undo_items};
use amictl_collect::bundles::{read_bundle, read_bundle_images};
use amictl_model::{BundlePlace, ImageId, RootDeviceType, Scope};
use amictl_plan::{Added, Bundling, Change, CommandInput, Emptied, Plan, add_steps, build_command};
use amictl_sandbox::world::s3::{Object, Versioning};
use amictl_sandbox::{FaultKind, FaultRule, Phase, When};

use crate::story::{MemoryJournal, Story, account, now, region};

const BUCKET: &str = "old-images";

fn place() -> BundlePlace {
    BundlePlace::of_image(BUCKET, "web", "image")
}

fn scope() -> Scope {
    Scope { account: account(), region: region() }
}

fn manifest(parts: usize) -> String {
    let part = |number| format!("<part index=\"{number}\"><filename>image.part.{number}</filename></part>");
    let listed: String = (0..parts).map(part).collect();
    format!(
        "<manifest><version>2007-10-10</version><image><name>image</name><parts count=\"{parts}\">{listed}</parts></image>\
         </manifest>"
    )
}

/// A bucket with a bundle of so many parts, and with something else that is named alike; with two versions of each part instead where it keeps
/// them.
fn bundle(story: &Story, parts: usize, versioning: Versioning) {
    let mut world = story.sandbox.world();
    let bucket = world.s3.create_bucket(BUCKET, account(), region(), now());
    bucket.versioning = versioning;
    let mut number = 0;
    let mut put = |key: &str, body: String| {
        number += 1;
        bucket.put(key, Object::new(body.into_bytes(), now()), || format!("v{number}"));
    };
    for _ in 0..if versioning == Versioning::Off { 1 } else { 2 } {
        for part in 0..parts {
            put(&format!("web/image.part.{part}"), "x".repeat(10));
        }
        put("web/image.manifest.xml", manifest(parts));
    }
    for other in OTHERS.iter().filter(|_| versioning == Versioning::Off) {
        put(other, "other".to_owned());
    }
}

fn denied(code: &str) -> FaultKind {
    FaultKind::Error { code: code.to_owned(), status: 403, message: "no".to_owned() }
}

/// An image that is made of the bundle.
fn image(story: &Story) -> ImageId {
    let id = story.image("legacy");
    story.change(&id, |image| {
        Arc::make_mut(&mut image.traits).root_device_type = RootDeviceType::InstanceStore;
        image.mappings = Default::default();
        image.location = Some(place().to_string().into());
    });
    id
}

/// What is in the bucket, old versions and delete markers too.
fn objects(story: &Story) -> Vec<String> {
    let world = story.sandbox.world();
    let Some(bucket) = world.s3.bucket(BUCKET) else { return Vec::new() };
    bucket.objects_from("").map(|(key, _)| key.to_owned()).collect()
}

const OTHERS: [&str; 4] = ["image.part.0", "web/image.part.0.bak", "web/image.partition", "web/image2.part.0"];

async fn plan(story: &Story, all_versions: bool, bucket: bool) -> Plan {
    let read = read_bundle(&story.cloud, &region(), &place(), all_versions).await.unwrap();
    let manifest = read.read().unwrap();
    let bundling = Bundling {
        place: place(),
        manifest: Some(manifest.digest.as_str().into()),
        parts: manifest.parts.iter().map(|key| key.as_str().into()).collect(),
        all_versions,
        bytes: read.bytes(),
        scopes: vec![scope()].into(),
    };
    let mut plan = build_command(CommandInput { steps: Vec::new(), created_at: now(), plan_id: "p".to_owned() });
    let step = |change, after| Added { account: account(), region: region(), change, after };
    let after = add_steps(&mut plan, [step(Change::DeleteBundle(bundling), Vec::new())]);
    if bucket {
        add_steps(&mut plan, [step(Change::DeleteBucket(Emptied { bucket: BUCKET.into() }), after)]);
    }
    // What is written is what is read.
    let mut file = Vec::new();
    plan.write_to(&mut file).unwrap();
    assert_eq!(Plan::read(&file).unwrap(), plan);
    plan
}

fn result(story: &Story, plan: &Plan, journal: &MemoryJournal, step: usize) -> StepResult {
    match &story.summary(plan, journal).steps[step].progress {
        StepProgress::Over(result) => result.clone(),
        other => panic!("not over: {other:?}"),
    }
}

fn done() -> StepResult {
    StepResult::Done { snapshots: Vec::new() }
}

#[tokio::test(start_paused = true)]
async fn parts_go_in_batches_and_the_manifest_last() {
    let story = Story::new();
    bundle(&story, 2_500, Versioning::Off);
    let plan = plan(&story, false, false).await;
    let journal = MemoryJournal::default();
    assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::Finished);
    assert_eq!(result(&story, &plan, &journal, 0), done());
    assert_eq!(objects(&story), OTHERS);
    assert_eq!(story.calls("DeleteObjects"), 4, "1,000 parts, 1,000 parts, 500 parts, the manifest");
    let calls: Vec<JournalCall> = journal.replay().steps["s1"].calls.keys().cloned().collect();
    assert_eq!(calls, [JournalCall::DeleteParts, JournalCall::DeleteManifest]);
    assert_eq!(undo_items(&plan, &journal.replay().steps).len(), 1, "that it cannot be taken back is told");

    let again = MemoryJournal::default();
    assert_eq!(story.apply(&plan, &again).await.status, RunStatus::Finished);
    assert_eq!((result(&story, &plan, &again, 0), story.calls("DeleteObjects")), (done(), 4));
}

#[tokio::test(start_paused = true)]
async fn versions_go_when_that_is_asked_for_and_then_the_bucket_can() {
    for (all_versions, left) in [(true, 0), (false, 8)] {
        let story = Story::new();
        bundle(&story, 3, Versioning::Enabled);
        let plan = plan(&story, all_versions, true).await;
        let journal = MemoryJournal::default();
        assert_eq!(story.apply(&plan, &journal).await.status, RunStatus::Finished);
        assert_eq!(result(&story, &plan, &journal, 0), done());
        let read = read_bundle(&story.cloud, &region(), &place(), true).await;
        let StepResult::Failed { why, .. } = result(&story, &plan, &journal, 1) else {
            assert_eq!((left, result(&story, &plan, &journal, 1)), (0, done()));
            assert!(story.sandbox.world().s3.bucket(BUCKET).is_none(), "the bucket went with the last of it");
            continue;
        };
        assert!(why.contains("BucketNotEmpty"), "{why}");
        let old = read.unwrap().objects.into_iter().filter(|object| !object.is_delete_marker).count();
        assert_eq!(old, left);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_is_cut_off_at_any_line_is_taken_up_to_its_end() {
    for lines in 1.. {
        let story = Story::new();
        bundle(&story, 2_001, Versioning::Off);
        let plan = plan(&story, false, false).await;
        let journal = MemoryJournal::breaking_after(lines);
        let end = story.apply(&plan, &journal).await;
        journal.mend();
        if end.status == RunStatus::Finished {
            assert!(lines > 9, "{lines}");
            break;
        }
        let before = objects(&story);
        let is_whole_or_gone = before.len() == OTHERS.len() || before.contains(&place().key);
        assert!(is_whole_or_gone, "after {lines} lines there are parts without what names them: {before:?}");
        assert_eq!(story.resume(&plan, &journal).await.status, RunStatus::Finished, "after {lines} lines");
        assert_eq!(result(&story, &plan, &journal, 0), done(), "after {lines} lines");
        assert_eq!(objects(&story), OTHERS, "after {lines} lines");
    }
}

#[tokio::test(start_paused = true)]
async fn lost_answers_are_resolved_by_looking() {
    for phase in [Phase::Before, Phase::After] {
        let story = Story::new();
        bundle(&story, 5, Versioning::Off);
        let plan = plan(&story, false, false).await;
        story.faults(vec![FaultRule {
            phase,
            ..FaultRule::new("DeleteObjects", FaultKind::Reset).when(When::First(2))
        }]);
        let journal = MemoryJournal::default();
        story.apply(&plan, &journal).await;
        assert_eq!(result(&story, &plan, &journal, 0), done(), "{phase:?}");
        assert_eq!(objects(&story), OTHERS, "{phase:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bundle_that_is_named_or_not_what_was_planned_is_left_alone() {
    type Meddle = fn(&Story);
    let cases: [(&str, Meddle); 5] = [
        ("is made of it", |story| {
            image(story);
        }),
        ("could not be read", |story| {
            story.faults(vec![FaultRule::new("DescribeImages", denied("UnauthorizedOperation"))]);
        }),
        ("its manifest is another one", |story| {
            let mut world = story.sandbox.world();
            let bucket = world.s3.bucket_mut(BUCKET).unwrap();
            bucket.put(&place().key, Object::new(manifest(2).into_bytes(), now()), String::new);
        }),
        ("its manifest cannot be read", |story| {
            let mut world = story.sandbox.world();
            let bucket = world.s3.bucket_mut(BUCKET).unwrap();
            bucket.put(&place().key, Object::new(b"<manifest>".to_vec(), now()), String::new);
        }),
        ("AccessDenied", |story| {
            story.faults(vec![FaultRule::new("DeleteObjects", denied("AccessDenied"))]);
        }),
    ];
    for (why, meddle) in cases {
        let story = Story::new();
        bundle(&story, 3, Versioning::Off);
        let plan = plan(&story, false, false).await;
        meddle(&story);
        let before = objects(&story);
        let journal = MemoryJournal::default();
        story.apply(&plan, &journal).await;
        match result(&story, &plan, &journal, 0) {
            StepResult::Skipped { why: said } | StepResult::Failed { why: said, .. } => {
                assert!(said.contains(why), "{why}: {said}");
            }
            other => panic!("{why}: {other:?}"),
        }
        assert_eq!(objects(&story), before, "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn images_are_found_by_the_bundle_that_they_are_made_of() {
    let story = Story::new();
    let id = image(&story);
    story.image("of volumes");
    let images = read_bundle_images(&story.cloud, &[scope()], 4).await;
    assert_eq!(images.of(&place()).map(|image| image.image.id.clone()).collect::<Vec<_>>(), [id]);
    assert_eq!(images.images.len(), 1);
    assert_eq!(images.doubt(BUCKET, &region()), None);
    assert!(images.doubt(BUCKET, &"eu-west-1".parse().unwrap()).is_some(), "its Region was not looked at");
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_would_delete_anything_else_is_no_plan() {
    let story = Story::new();
    bundle(&story, 3, Versioning::Off);
    for key in
        ["web/customers.db", "web/image.part.0.bak", "image.part.0", "web/../image.part.0", "web/image.manifest.xml"]
    {
        let mut plan = plan(&story, false, false).await;
        let Some(Change::DeleteBundle(bundling)) = plan.steps[0].change.as_deref_mut() else { panic!("a bundle") };
        bundling.parts = [key.into()].into();
        plan.digest = plan.digest_now();
        let mut file = Vec::new();
        plan.write_to(&mut file).unwrap();
        assert!(Plan::read(&file).is_err(), "{key}");
    }
}
