//! Launch permissions: one call an image, all Regions side by side.

use std::time::Duration;

use amictl_cloud::Clock;
use amictl_collect::{ImageRequest, ScanRequest, read_launch_permissions, scan};
use amictl_model::{AccountId, CoverageStatus, ImageId, Inventory, Moment, Region, Scope, Source};
use amictl_sandbox::world::{Image, ImageTraits, Launches, Protection};
use amictl_sandbox::{Clock as SandboxClock, FaultKind, FaultRule, InProcess, Sandbox, SandboxConfig, World};

const IMAGES: u32 = 12;
const LATENCY: Duration = Duration::from_millis(20);

fn account() -> AccountId {
    "123456789012".parse().unwrap()
}

fn regions() -> Vec<Region> {
    ["eu-west-1", "us-east-1", "us-west-2"].iter().map(|region| region.parse().unwrap()).collect()
}

fn now() -> Moment {
    Moment::from_secs(1_800_000_000)
}

fn image(id: ImageId) -> Image {
    Image {
        name: id.as_str().into(),
        id,
        owner: account(),
        description: None,
        location: None,
        state: amictl_model::ImageState::Available,
        created_at: now(),
        deprecation_at: None,
        launches: Launches::default(),
        protection: Protection::default(),
        mappings: Box::default(),
        tags: amictl_model::Tags::default(),
        permissions: std::collections::BTreeSet::default(),
        source_image: None,
        source_region: None,
        source_instance: None,
        extras: None,
        traits: std::sync::Arc::new(ImageTraits::default()),
    }
}

fn sandbox() -> Sandbox {
    let mut world = World::new(1);
    for region in regions() {
        for _ in 0..IMAGES {
            let id = world.new_image_id();
            world.scope_mut(account(), &region).put_image(image(id));
        }
    }
    let config =
        SandboxConfig { clock: SandboxClock::tokio(now()), latency: LATENCY.into(), ..SandboxConfig::default() };
    Sandbox::new(world, config)
}

async fn read(sandbox: &Sandbox, concurrency: usize) -> (Inventory, Duration) {
    let cloud = InProcess::new(sandbox.clone(), account());
    let clock = Clock::fixed(now());
    let request = ScanRequest {
        id: "i".to_owned(),
        scopes: regions().into_iter().map(|region| Scope { account: account(), region }).collect(),
        unreachable: Vec::new(),
        concurrency: 8,
        skip: Vec::new(),
    };
    let mut inventory = scan(&cloud, &clock, request, &()).await;
    let requests: Vec<ImageRequest> = (0..regions().len())
        .map(|scope| ImageRequest { scope, images: (0..inventory.scopes[scope].images.len()).collect() })
        .collect();
    let started = tokio::time::Instant::now();
    read_launch_permissions(&cloud, &clock, &mut inventory, &requests, concurrency, &()).await;
    (inventory, started.elapsed())
}

#[tokio::test(start_paused = true)]
async fn regions_are_read_side_by_side_within_the_bound() {
    let sandbox = sandbox();
    let calls = IMAGES * 3;
    for concurrency in [1, 4, 36] {
        let (inventory, took) = read(&sandbox, concurrency).await;
        assert_eq!(took, LATENCY * calls.div_ceil(u32::try_from(concurrency).unwrap()), "{concurrency} at a time");
        let images = inventory.scopes.iter().flat_map(|scope| &scope.images);
        assert_eq!(images.filter(|image| image.launch_permissions.known().is_some()).count(), calls as usize);
    }
}

#[tokio::test(start_paused = true)]
async fn a_region_that_denies_does_not_stop_the_others_and_is_not_asked_on_and_on() {
    let sandbox = sandbox();
    sandbox.set_faults(vec![FaultRule::denied("DescribeImageAttribute").in_region(regions()[1].clone())].into());
    let (inventory, _) = read(&sandbox, 1).await;
    let status = |scope: usize| {
        let coverage = inventory.scopes[scope].coverage_of(Source::LaunchPermissions).unwrap();
        (coverage.status, coverage.calls)
    };
    assert_eq!(status(0), (CoverageStatus::Complete, u64::from(IMAGES)));
    assert_eq!(status(1), (CoverageStatus::Denied, 3));
    assert_eq!(status(2), (CoverageStatus::Complete, u64::from(IMAGES)));
    sandbox.set_faults(vec![FaultRule::new("DescribeImageAttribute", FaultKind::ServerError)].into());
    let (inventory, _) = read(&sandbox, 4).await;
    assert!(
        inventory
            .scopes
            .iter()
            .all(|scope| { scope.coverage_of(Source::LaunchPermissions).unwrap().status == CoverageStatus::Failed })
    );
}
