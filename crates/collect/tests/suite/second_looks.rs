//! What is asked of single images: usage reports and the second witness, against the sandbox.

use std::time::Duration;

use amictl_cloud::ops::{
    CreateImageUsageReport, CreateImageUsageReportRequest, DescribeImageUsageReports, DescribeImageUsageReportsReply,
    OfImagesRequest,
};
use amictl_cloud::{Call, Clock, for_each_page};
use amictl_collect::{
    ImageRequest, ScanRequest, UsageSettings, ask_witness, read_launch_permissions, read_usage, scan,
};
use amictl_model::{
    AccountId, AccountUse, Coverage, CoverageStatus, Grantee, ImageId, Inventory, Moment, Region, Scope, Source, Tags,
    UsageReport,
};
use amictl_policy::{
    Decision, Policy, Stage, Verdict, judge, needs_launch_permissions, needs_usage_report, needs_witness,
};
use amictl_sandbox::world::{Image, Instance, InstanceState, Limits, Pace};
use amictl_sandbox::{Clock as SandboxClock, FaultKind, FaultRule, InProcess, Sandbox, SandboxConfig, When, World};

const NOW_SECS: i64 = 1_800_000_000;
const IMAGES: u32 = 25;

fn now() -> Moment {
    Moment::from_secs(NOW_SECS)
}

fn account() -> AccountId {
    "123456789012".parse().unwrap()
}

fn friend() -> AccountId {
    "222222222222".parse().unwrap()
}

fn region() -> Region {
    "us-east-1".parse().unwrap()
}

fn image(number: u32) -> ImageId {
    format!("ami-{number:017x}").parse().unwrap()
}

/// A world of so many images; what tasks take is some time.
fn sandbox(images: u32) -> Sandbox {
    let mut world = World::new(1);
    world.set_pace(Pace { task_secs: 90, ..Pace::default() });
    for number in 0..images {
        let image = Image::new(image(number), account(), &format!("web-{number}"), now());
        world.scope_mut(account(), &region()).put_image(image);
    }
    let config = SandboxConfig { clock: SandboxClock::tokio(now()), ..SandboxConfig::default() };
    Sandbox::new(world, config)
}

fn launch(sandbox: &Sandbox, account: AccountId, image: &ImageId) {
    let mut world = sandbox.world();
    let (id, reservation) = (world.new_id("i-"), world.new_id("r-"));
    world.scope_mut(account, &region()).put_instance(Instance {
        id,
        reservation,
        image: image.clone(),
        state: InstanceState::Running,
        state_since: now(),
        instance_type: "t3.micro".into(),
        launched_at: now(),
        zone: "us-east-1a".into(),
        launch_index: 0,
        private_ip: "10.0.0.1".into(),
        architecture: "x86_64".into(),
        key_name: None,
        root_device_name: None,
        devices: Box::default(),
        hidden_for: None,
        group: None,
        tags: Tags::default(),
        settings: Box::default(),
    });
}

async fn scanned(sandbox: &Sandbox) -> Inventory {
    let cloud = InProcess::new(sandbox.clone(), account());
    let request = ScanRequest {
        id: "20270115T080000.000Z-abcdef".to_owned(),
        scopes: vec![Scope { account: account(), region: region() }],
        unreachable: Vec::new(),
        concurrency: 4,
        skip: Vec::new(),
    };
    scan(&cloud, &Clock::fixed(now()), request, &()).await
}

fn all(inventory: &Inventory) -> Vec<ImageRequest> {
    ImageRequest::of((0..).take(inventory.image_count()).map(|image| (0, image)))
}

/// Gets usage reports on all images.
async fn with_usage(sandbox: &Sandbox, settings: &UsageSettings) -> Inventory {
    let mut inventory = scanned(sandbox).await;
    let cloud = InProcess::new(sandbox.clone(), account());
    let requests = all(&inventory);
    read_usage(&cloud, &sandbox_clock(sandbox), &mut inventory, &requests, settings, &()).await;
    inventory.validate().unwrap();
    inventory
}

fn sandbox_clock(sandbox: &Sandbox) -> Clock {
    let sandbox = sandbox.clone();
    Clock::new(move || sandbox.clock().now())
}

fn coverage(inventory: &Inventory, source: Source) -> Coverage {
    inventory.scopes[0].coverage_of(source).unwrap().clone()
}

/// The reports that are there when nothing goes wrong any more.
async fn reports_left(sandbox: &Sandbox) -> usize {
    sandbox.set_faults(Vec::new().into());
    let cloud = InProcess::new(sandbox.clone(), account());
    let mut left = 0;
    let each = |page: DescribeImageUsageReportsReply| left += page.reports.len();
    let (_, result) =
        for_each_page::<DescribeImageUsageReports>(&cloud, &region(), OfImagesRequest::default(), each).await;
    result.unwrap();
    left
}

fn calls(sandbox: &Sandbox, operation: &str) -> u64 {
    sandbox.counts().get(operation).map_or(0, |count| count.calls)
}

fn all_unreadable(inventory: &Inventory) -> bool {
    let usage = &inventory.scopes[0].usage;
    !usage.is_empty() && usage.iter().all(|usage| matches!(usage.report, UsageReport::Unreadable(_)))
}

#[tokio::test(start_paused = true)]
async fn reports_are_made_awaited_read_and_deleted() {
    let sandbox = sandbox(IMAGES);
    launch(&sandbox, friend(), &image(3));
    launch(&sandbox, friend(), &image(3));
    launch(&sandbox, account(), &image(4));
    let inventory = with_usage(&sandbox, &UsageSettings::default()).await;
    let usage = &inventory.scopes[0].usage;
    assert_eq!(usage.len(), IMAGES as usize);
    for known in usage {
        let UsageReport::Read { made_at, uses } = &known.report else { panic!("{known:?}") };
        assert_eq!(*made_at, now());
        let expected = AccountUse { account: friend(), resource_type: "ec2:Instance".into(), count: 2 };
        let expected = if known.image == image(3) { vec![expected] } else { Vec::new() };
        assert_eq!(uses.to_vec(), expected, "{}", known.image);
    }
    let coverage = coverage(&inventory, Source::ImageUsage);
    assert_eq!((coverage.status, coverage.items, &*coverage.detail), (CoverageStatus::Complete, IMAGES.into(), ""));
    let made: u64 =
        sandbox.counts().iter().filter(|(name, _)| name.contains("ImageUsage")).map(|(_, count)| count.calls).sum();
    assert_eq!(coverage.calls, made);
    assert_eq!((calls(&sandbox, "CreateImageUsageReport"), reports_left(&sandbox).await), (IMAGES.into(), 0));
}

#[tokio::test(start_paused = true)]
async fn a_fresh_report_is_reused_and_left_and_an_old_one_is_not() {
    let sandbox = sandbox(1);
    let cloud = InProcess::new(sandbox.clone(), account());
    let make = || async {
        let request =
            CreateImageUsageReportRequest { image: image(0), client_token: sandbox.clock().now().to_string() };
        Call::<CreateImageUsageReport>::call(&cloud, &region(), request).await.unwrap()
    };
    make().await;
    // One that is pending already is awaited.
    let inventory = with_usage(&sandbox, &UsageSettings::default()).await;
    assert_eq!(coverage(&inventory, Source::ImageUsage).status, CoverageStatus::Complete);
    tokio::time::sleep(Duration::from_secs(23 * 3600)).await;
    let inventory = with_usage(&sandbox, &UsageSettings::default()).await;
    let UsageReport::Read { made_at, .. } = &inventory.scopes[0].usage[0].report else { panic!() };
    assert_eq!(*made_at, now());
    assert_eq!((calls(&sandbox, "CreateImageUsageReport"), reports_left(&sandbox).await), (1, 1));
    tokio::time::sleep(Duration::from_secs(2 * 3600)).await;
    let inventory = with_usage(&sandbox, &UsageSettings::default()).await;
    let UsageReport::Read { made_at, .. } = &inventory.scopes[0].usage[0].report else { panic!() };
    assert!(*made_at > now());
    assert_eq!((calls(&sandbox, "CreateImageUsageReport"), reports_left(&sandbox).await), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn no_more_reports_are_pending_than_is_allowed() {
    let sandbox = sandbox(IMAGES);
    sandbox.world().set_limits(Limits { usage_reports_max: 10, ..Limits::default() });
    let settings = UsageSettings { pending_max: 10, ..UsageSettings::default() };
    let inventory = with_usage(&sandbox, &settings).await;
    assert_eq!(coverage(&inventory, Source::ImageUsage).status, CoverageStatus::Complete);
    assert_eq!(reports_left(&sandbox).await, 0);
    // More than AWS allows is an answer that says so.
    let inventory = with_usage(&sandbox, &UsageSettings::default()).await;
    let coverage = coverage(&inventory, Source::ImageUsage);
    assert_eq!(coverage.status, CoverageStatus::Failed);
    assert!(coverage.detail.contains("ResourceLimitExceeded"), "{}", coverage.detail);
    let unread = inventory.scopes[0].usage.iter().filter(|usage| matches!(usage.report, UsageReport::Unreadable(_)));
    assert_eq!((unread.count(), reports_left(&sandbox).await), (IMAGES as usize - 10, 0));
}

#[tokio::test(start_paused = true)]
async fn each_call_that_fails_leaves_its_images_unreadable_and_no_report_behind() {
    for (rule, status) in [
        (FaultRule::denied("DescribeImageUsageReports"), CoverageStatus::Denied),
        (FaultRule::denied("CreateImageUsageReport"), CoverageStatus::Denied),
        (FaultRule::denied("DescribeImageUsageReportEntries"), CoverageStatus::Denied),
        (FaultRule::new("DescribeImageUsageReports", FaultKind::ServerError), CoverageStatus::Failed),
        (FaultRule::new("CreateImageUsageReport", FaultKind::Unavailable), CoverageStatus::Failed),
        (FaultRule::new("DescribeImageUsageReportEntries", FaultKind::ServerError), CoverageStatus::Failed),
    ] {
        let sandbox = sandbox(IMAGES);
        sandbox.set_faults(vec![rule.clone()].into());
        let inventory = with_usage(&sandbox, &UsageSettings::default()).await;
        assert_eq!(coverage(&inventory, Source::ImageUsage).status, status, "{rule:?}");
        assert!(all_unreadable(&inventory), "{rule:?}");
        assert_eq!(inventory.scopes[0].usage.len(), IMAGES as usize, "{rule:?}");
        assert_eq!(reports_left(&sandbox).await, 0, "{rule:?}");
        if rule.operation == "CreateImageUsageReport" && status == CoverageStatus::Denied {
            // Not asked on and on.
            assert!(calls(&sandbox, "CreateImageUsageReport") <= 3 + 8);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_whose_making_was_not_answered_is_found_and_deleted() {
    for when in [When::First(1), When::Always] {
        let sandbox = sandbox(2);
        let rule = FaultRule::new("CreateImageUsageReport", FaultKind::Reset).when(when).after_effect();
        sandbox.set_faults(vec![rule].into());
        let inventory = with_usage(&sandbox, &UsageSettings::default()).await;
        let coverage = coverage(&inventory, Source::ImageUsage);
        assert_eq!(coverage.status, CoverageStatus::Complete, "{when:?}: {}", coverage.detail);
        assert_eq!(reports_left(&sandbox).await, 0, "{when:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn reports_that_do_not_come_are_given_up_and_deleted() {
    let sandbox = sandbox(IMAGES);
    sandbox.world().set_pace(Pace { task_secs: 100_000, ..Pace::default() });
    let settings = UsageSettings { wait_max: Duration::from_secs(600), pending_max: 10, ..UsageSettings::default() };
    let started = tokio::time::Instant::now();
    let inventory = with_usage(&sandbox, &settings).await;
    assert!(started.elapsed() <= Duration::from_secs(600));
    let coverage = coverage(&inventory, Source::ImageUsage);
    assert_eq!(coverage.status, CoverageStatus::Failed);
    assert!(coverage.detail.contains("no usage report was there after 10 minutes"), "{}", coverage.detail);
    assert!(all_unreadable(&inventory));
    assert_eq!(reports_left(&sandbox).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_cannot_be_deleted_is_a_note() {
    let sandbox = sandbox(1);
    sandbox.set_faults(vec![FaultRule::denied("DeleteImageUsageReport")].into());
    let inventory = with_usage(&sandbox, &UsageSettings::default()).await;
    let coverage = coverage(&inventory, Source::ImageUsage);
    assert_eq!(coverage.status, CoverageStatus::Complete);
    assert!(coverage.detail.contains("could not be deleted"), "{}", coverage.detail);
}

#[tokio::test(start_paused = true)]
async fn a_witness_that_the_policy_does_not_want_is_skipped() {
    let sandbox = sandbox(1);
    let cloud = InProcess::new(sandbox.clone(), account());
    let request = ScanRequest {
        id: "i".to_owned(),
        scopes: vec![Scope { account: account(), region: region() }],
        unreachable: Vec::new(),
        concurrency: 4,
        skip: vec![Source::ImageReferences],
    };
    let inventory = scan(&cloud, &Clock::fixed(now()), request, &()).await;
    let coverage = coverage(&inventory, Source::ImageReferences);
    assert_eq!((coverage.status, coverage.calls), (CoverageStatus::Skipped, 0));
    assert!(scanned(&sandbox).await.scopes[0].coverage_of(Source::ImageReferences).is_none());
}

/// Asks the second witness about all images; what happens after the scan no source has seen.
async fn with_witness(sandbox: &Sandbox, after_scan: impl FnOnce(&Sandbox)) -> Inventory {
    let mut inventory = scanned(sandbox).await;
    after_scan(sandbox);
    let cloud = InProcess::new(sandbox.clone(), account());
    let requests = all(&inventory);
    ask_witness(&cloud, &Clock::fixed(now()), &mut inventory, &requests, 4, &()).await;
    inventory.validate().unwrap();
    inventory
}

#[tokio::test(start_paused = true)]
async fn the_witness_adds_what_no_source_found_and_nothing_else() {
    let sandbox = sandbox(IMAGES);
    launch(&sandbox, account(), &image(3));
    let inventory = with_witness(&sandbox, |sandbox| {
        launch(sandbox, account(), &image(4));
        // Of another account it knows nothing.
        launch(sandbox, friend(), &image(5));
    })
    .await;
    let scope = &inventory.scopes[0];
    let found: Vec<_> = scope.references.iter().filter(|found| found.source == Source::ImageReferences).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].image, image(4));
    assert!(found[0].resource.starts_with("arn:aws:ec2:us-east-1:123456789012:instance/i-"));
    let coverage = coverage(&inventory, Source::ImageReferences);
    assert_eq!((coverage.status, coverage.items, coverage.calls), (CoverageStatus::Complete, IMAGES.into(), 3));
    assert!(coverage.detail.contains("no source found it"), "{}", coverage.detail);
    assert_eq!(scope.witnessed.len(), IMAGES as usize);
    assert!(scope.witnessed.iter().all(|witnessed| witnessed.failure.is_none()));
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_gone_does_not_silence_the_witness_on_others() {
    let gone = |when| {
        let (code, message) = ("InvalidAMIID.NotFound".to_owned(), "The image id does not exist".to_owned());
        let kind = FaultKind::Error { code, status: 400, message };
        vec![FaultRule::new("DescribeImageReferences", kind).when(when)].into()
    };
    let sandbox = sandbox(IMAGES);
    let inventory = with_witness(&sandbox, |sandbox| sandbox.set_faults(gone(When::Nth(1)))).await;
    let silent = |inventory: &Inventory| {
        inventory.scopes[0].witnessed.iter().filter(|witnessed| witnessed.failure.is_some()).count()
    };
    let answer = coverage(&inventory, Source::ImageReferences);
    assert_eq!((silent(&inventory), answer.status, answer.calls), (0, CoverageStatus::Complete, 3 + 10));
    // Asked about alone, the one that is gone is refused, and stays.
    let inventory = with_witness(&sandbox, |sandbox| sandbox.set_faults(gone(When::First(4)))).await;
    let answer = coverage(&inventory, Source::ImageReferences);
    assert_eq!((silent(&inventory), answer.status), (1, CoverageStatus::Failed));
}

#[tokio::test(start_paused = true)]
async fn a_witness_that_does_not_speak_is_told_for_each_image() {
    let denied = FaultRule::denied("DescribeImageReferences");
    let failing = FaultRule::new("DescribeImageReferences", FaultKind::ServerError);
    for (rule, status) in [(denied, CoverageStatus::Denied), (failing, CoverageStatus::Failed)] {
        let sandbox = sandbox(100);
        let inventory = with_witness(&sandbox, |sandbox| sandbox.set_faults(vec![rule].into())).await;
        assert_eq!(coverage(&inventory, Source::ImageReferences).status, status);
        let witnessed = &inventory.scopes[0].witnessed;
        assert!(witnessed.len() == 100 && witnessed.iter().all(|witnessed| witnessed.failure.is_some()));
        if status == CoverageStatus::Denied {
            assert!(calls(&sandbox, "DescribeImageReferences") < 10);
        }
    }
}

const POLICY: &str = "version: 1\nfamilies:\n  - name: all\n    match: { name: \"*\" }\n    keep: { newest: 0 }\n    retire: [deregister]\n";

/// Scans, and asks what the verdicts need, as the command line does; `between` happens after the scan.
async fn decided(sandbox: &Sandbox, between: impl FnOnce(&Sandbox)) -> Vec<(Decision, Option<Source>, String)> {
    let policy = Policy::parse(POLICY, "test.yaml").unwrap();
    let cloud = InProcess::new(sandbox.clone(), account());
    let clock = sandbox_clock(sandbox);
    let mut inventory = scanned(sandbox).await;
    between(sandbox);
    let judged = |inventory: &Inventory| judge(&policy, inventory, now());
    let requests = ImageRequest::of(needs_launch_permissions(&inventory, &judged(&inventory)));
    read_launch_permissions(&cloud, &clock, &mut inventory, &requests, 4, &()).await;
    let requests = ImageRequest::of(needs_usage_report(&policy, &inventory, &judged(&inventory)));
    read_usage(&cloud, &clock, &mut inventory, &requests, &UsageSettings::default(), &()).await;
    let requests = ImageRequest::of(needs_witness(&policy, &inventory, &judged(&inventory)));
    ask_witness(&cloud, &clock, &mut inventory, &requests, 4, &()).await;
    let verdicts = judged(&inventory);
    let told = |verdict: &Verdict| (verdict.decision, verdict.reasons[0].source, verdict.reasons[0].to_string());
    verdicts.iter().map(told).collect()
}

/// Of four images the first is private, the others are shared with a friend, who uses the third.
fn shared_sandbox() -> Sandbox {
    let sandbox = sandbox(4);
    for number in 1..4 {
        let permissions = [Grantee::Account(friend())].into_iter().collect();
        sandbox.world().scope_mut(account(), &region()).image_mut(&image(number)).unwrap().share(permissions);
    }
    launch(&sandbox, friend(), &image(2));
    sandbox
}

#[tokio::test(start_paused = true)]
async fn each_second_look_decides_on_the_images_that_are_left_to_it() {
    const RETIRE: Decision = Decision::Retire(Stage::Deregister);
    let sandbox = shared_sandbox();
    let all = decided(&sandbox, |sandbox| launch(sandbox, account(), &image(3))).await;
    assert_eq!((all[0].0, all[1].0), (RETIRE, RETIRE));
    assert!(all[1].2.contains("nor does another account by its usage report"), "{}", all[1].2);
    assert_eq!((all[2].0, all[2].1), (Decision::Keep, Some(Source::ImageUsage)));
    assert_eq!((all[3].0, all[3].1), (Decision::Keep, Some(Source::ImageReferences)));
    assert_eq!((calls(&sandbox, "CreateImageUsageReport"), calls(&sandbox, "DescribeImageReferences")), (3, 1));
    assert_eq!(reports_left(&sandbox).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_second_look_that_is_denied_blocks_what_is_left_to_it() {
    let sandbox = shared_sandbox();
    sandbox.set_faults(vec![FaultRule::denied("CreateImageUsageReport")].into());
    let all = decided(&sandbox, |_| {}).await;
    assert_eq!(all[0].0, Decision::Retire(Stage::Deregister));
    for (decision, source, said) in &all[1..] {
        assert_eq!((*decision, *source), (Decision::Blocked, Some(Source::ImageUsage)), "{said}");
    }
    sandbox.set_faults(vec![FaultRule::denied("DescribeImageReferences")].into());
    let all = decided(&sandbox, |_| {}).await;
    for (decision, source, said) in [&all[0], &all[1], &all[3]] {
        assert_eq!((*decision, *source), (Decision::Blocked, Some(Source::ImageReferences)), "{said}");
    }
    assert_eq!(all[2].0, Decision::Keep);
}
