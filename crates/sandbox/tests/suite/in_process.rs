//! The port in process: what `collect` and `apply` rely on in their tests.

use std::time::Duration;

use amictl_cloud::ops::*;
use amictl_cloud::{Call, Cloud, ErrorClass, PageError, for_each_page};
use amictl_model::{AccountId, Grantee, ImageId, ImageState, Moment, Region};
use amictl_sandbox::{
    Clock, FaultKind, FaultRule, Generate, HookPoint, InProcess, Sandbox, SandboxConfig, Throttling, When, World,
    generate, sample,
};

fn now() -> Moment {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

fn account() -> AccountId {
    "123456789012".parse().unwrap()
}

fn region() -> Region {
    "us-east-1".parse().unwrap()
}

fn door(world: World, faults: Vec<FaultRule>) -> InProcess {
    let config = SandboxConfig { clock: Clock::fixed(now()), faults: faults.into(), ..SandboxConfig::default() };
    InProcess::new(Sandbox::new(world, config), account())
}

fn find(door: &InProcess, name: &str) -> ImageId {
    let world = door.sandbox().world();
    let scope = world.scope(account(), &region()).unwrap();
    scope.images().find(|image| image.name.starts_with(name)).unwrap().id.clone()
}

async fn image(door: &InProcess, id: &ImageId) -> Option<amictl_model::Image> {
    let request = DescribeImagesRequest { images: vec![id.clone()], next_token: None };
    Call::<DescribeImages>::call(door, &region(), request).await.unwrap().images.pop()
}

#[tokio::test]
async fn it_is_the_whole_port() {
    fn is_cloud(_: &dyn Cloud) {}
    let door = door(sample(now()), Vec::new());
    is_cloud(&door);
    let identity = Call::<GetCallerIdentity>::call(&door, &region(), GetCallerIdentityRequest {}).await.unwrap();
    assert_eq!(identity.account, account());
    let regions = Call::<DescribeRegions>::call(&door, &region(), DescribeRegionsRequest {}).await.unwrap();
    assert_eq!(regions.iter().filter(|status| status.enabled).count(), 3);
    assert_eq!(regions.len(), 4);
    let groups = Call::<DescribeAutoScalingGroups>::call(&door, &region(), Default::default()).await.unwrap().groups;
    let fleet = groups.iter().find(|group| group.name == "ml-fleet").unwrap();
    assert_eq!(fleet.images.iter().filter(|image| image.place == "mixed instances override").count(), 1);
    assert!(fleet.templates.iter().any(|template| template.place == "mixed instances override"));
    let configurations =
        Call::<DescribeLaunchConfigurations>::call(&door, &region(), Default::default()).await.unwrap().configurations;
    assert_eq!(configurations.len(), 2);
    let instances = Call::<DescribeInstances>::call(&door, &region(), Default::default()).await.unwrap().instances;
    assert!(instances.iter().any(|instance| instance.state == "stopped"));
}

#[tokio::test]
async fn pages_together_are_everything() {
    let mut request = Generate::images(2_500, now());
    request.instances = 1_100;
    request.templates = 450;
    let door = door(generate(&request), Vec::new());
    let mut images = Vec::new();
    let (calls, result) = for_each_page::<DescribeImages>(&door, &region(), Default::default(), |page| {
        images.extend(page.images.into_iter().map(|image| image.id));
    })
    .await;
    assert_eq!((calls, result), (3, Ok(())));
    images.sort();
    images.dedup();
    assert_eq!(images.len(), 2_500);
    let mut counts = [0; 3];
    let [snapshots, instances, templates] = &mut counts;
    for_each_page::<DescribeSnapshots>(&door, &region(), Default::default(), |page| *snapshots += page.snapshots.len())
        .await
        .1
        .unwrap();
    for_each_page::<DescribeInstances>(&door, &region(), Default::default(), |page| *instances += page.instances.len())
        .await
        .1
        .unwrap();
    for_each_page::<DescribeLaunchTemplates>(&door, &region(), Default::default(), |page| {
        *templates += page.templates.len();
    })
    .await
    .1
    .unwrap();
    assert_eq!(counts, [5_000, 1_100, 450]);
}

#[tokio::test]
async fn aliases_are_raw_or_resolved() {
    let door = door(sample(now()), Vec::new());
    let read = async |resolve_alias: bool| {
        let request = DescribeLaunchTemplateVersionsRequest {
            template_name: Some("golden-base".to_owned()),
            resolve_alias,
            ..Default::default()
        };
        let reply = Call::<DescribeLaunchTemplateVersions>::call(&door, &region(), request).await.unwrap();
        reply.versions[0].image.clone().unwrap()
    };
    assert_eq!(read(false).await, "resolve:ssm:/golden/base");
    assert!(read(true).await.parse::<ImageId>().is_ok());
}

#[tokio::test]
async fn the_fence_takes_the_permissions_and_enabling_does_not_bring_them_back() {
    let door = door(sample(now()), Vec::new());
    let id = find(&door, "web-");
    let grantee = Grantee::Account("210987654321".parse().unwrap());
    let share = ModifyLaunchPermissionsRequest { image: id.clone(), add: vec![grantee.clone()], remove: Vec::new() };
    let permissions = async || {
        let request = DescribeLaunchPermissionsRequest { image: id.clone() };
        Call::<DescribeLaunchPermissions>::call(&door, &region(), request).await.unwrap()
    };
    Call::<ModifyLaunchPermissions>::call(&door, &region(), share.clone()).await.unwrap();
    assert_eq!(permissions().await, [grantee]);
    Call::<DisableImage>::call(&door, &region(), DisableImageRequest { image: id.clone() }).await.unwrap();
    assert_eq!(image(&door, &id).await.unwrap().state, ImageState::Disabled);
    let error = Call::<ModifyLaunchPermissions>::call(&door, &region(), share).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Unavailable);
    Call::<EnableImage>::call(&door, &region(), EnableImageRequest { image: id.clone() }).await.unwrap();
    assert!(permissions().await.is_empty());
}

#[tokio::test]
async fn deregistering_tells_what_became_of_each_snapshot() {
    let door = door(sample(now()), Vec::new());
    let id = find(&door, "geo-index-1");
    let request = DeregisterImageRequest { image: id.clone(), delete_snapshots: true };
    let reply = Call::<DeregisterImage>::call(&door, &region(), request).await.unwrap();
    let codes: Vec<SnapshotReturnCode> = reply.snapshots.unwrap().into_iter().map(|result| result.code).collect();
    assert_eq!(codes, [SnapshotReturnCode::Success, SnapshotReturnCode::Skipped]);
    assert!(image(&door, &id).await.is_none());
    let id = find(&door, "geo-index-2");
    let snapshot = image(&door, &id).await.unwrap().block_devices[1].snapshot.clone().unwrap();
    let error = Call::<DeleteSnapshot>::call(&door, &region(), DeleteSnapshotRequest { snapshot }).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::InUse);
}

#[tokio::test]
async fn what_is_managed_or_protected_refuses() {
    let door = door(sample(now()), Vec::new());
    let protected = {
        let world = door.sandbox().world();
        let scope = world.scope(account(), &region()).unwrap();
        scope.images().find(|image| image.protection.holds(now())).unwrap().id.clone()
    };
    for id in [find(&door, "AwsBackup_"), protected] {
        let request = DeregisterImageRequest { image: id, delete_snapshots: true };
        let error = Call::<DeregisterImage>::call(&door, &region(), request).await.unwrap_err();
        assert_eq!(error.class, ErrorClass::Protected, "{error}");
    }
}

#[tokio::test]
async fn a_reset_comes_before_or_after_the_effect() {
    let before = FaultRule::new("DisableImage", FaultKind::Reset).when(When::Nth(1));
    let after = FaultRule::new("DisableImage", FaultKind::Reset).when(When::Nth(2)).after_effect();
    let door = door(sample(now()), vec![before, after]);
    let id = find(&door, "web-");
    for state in [ImageState::Available, ImageState::Disabled] {
        let request = DisableImageRequest { image: id.clone() };
        let error = Call::<DisableImage>::call(&door, &region(), request).await.unwrap_err();
        assert_eq!((error.class, error.code), (ErrorClass::Ambiguous, None));
        assert_eq!(image(&door, &id).await.unwrap().state, state);
    }
    Call::<DisableImage>::call(&door, &region(), DisableImageRequest { image: id }).await.unwrap();
    let count = door.sandbox().counts()["DisableImage"];
    assert_eq!((count.calls, count.spoiled), (3, 2));
}

#[tokio::test]
async fn a_denied_source_is_denied_where_the_rule_says() {
    let europe: Region = "eu-west-1".parse().unwrap();
    let rules = vec![
        FaultRule::denied("DescribeLaunchConfigurations").in_region(europe.clone()),
        FaultRule::new("DescribeInstances", FaultKind::RepeatedToken),
    ];
    let door = door(sample(now()), rules);
    let read =
        async |region: &Region| Call::<DescribeLaunchConfigurations>::call(&door, region, Default::default()).await;
    assert_eq!(read(&europe).await.unwrap_err().class, ErrorClass::Denied);
    assert!(read(&region()).await.is_ok());
    let (_, result) = for_each_page::<DescribeInstances>(&door, &region(), Default::default(), |_| {}).await;
    assert!(matches!(result, Err(PageError::RepeatedToken { .. })), "{result:?}");
}

#[tokio::test]
async fn a_hook_launches_at_the_worst_moment() {
    let door = door(sample(now()), Vec::new());
    let id = find(&door, "search-spike-5");
    let target = id.clone();
    door.sandbox().hook(HookPoint::Before, "DisableImage", 1, move |world, caller, now| {
        let mut template = world.scope(caller.account, &caller.region).unwrap().templates().next().unwrap().clone();
        template.id = world.new_id("lt-");
        template.name = "raced".into();
        template.created_at = now;
        for version in template.versions.values_mut() {
            std::sync::Arc::make_mut(version).data =
                amictl_sandbox::world::TemplateData::of_image(target.as_str(), "t3.micro");
        }
        world.scope_mut(caller.account, &caller.region).put_template(template);
    });
    let names = async || {
        let reply = Call::<DescribeLaunchTemplates>::call(&door, &region(), Default::default()).await.unwrap();
        reply.templates.iter().filter(|template| template.name == "raced").count()
    };
    assert_eq!(names().await, 0);
    Call::<DisableImage>::call(&door, &region(), DisableImageRequest { image: id }).await.unwrap();
    assert_eq!(names().await, 1);
}

#[tokio::test(start_paused = true)]
async fn throttled_calls_are_retried_in_paused_time() {
    let config = SandboxConfig { clock: Clock::tokio(now()), throttling: Throttling::Aws, ..SandboxConfig::default() };
    let sandbox = Sandbox::new(sample(now()), config);
    let door = InProcess::new(sandbox.clone(), account());
    let id = find(&door, "web-");
    let disable = async |door: &InProcess| {
        Call::<DisableImage>::call(door, &region(), DisableImageRequest { image: id.clone() }).await
    };
    for _ in 0..50 {
        disable(&door).await.unwrap();
    }
    assert_eq!(disable(&door).await.unwrap_err().class, ErrorClass::Throttled);
    let patient = door.clone().with_attempts(5);
    disable(&patient).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    disable(&door).await.unwrap();
    assert!(sandbox.counts()["DisableImage"].throttled >= 2);
}

#[tokio::test]
async fn a_region_that_is_not_enabled_or_not_there_says_so() {
    let door = door(sample(now()), Vec::new());
    for (name, class) in [("af-south-1", ErrorClass::Region), ("xx-nowhere-9", ErrorClass::Credentials)] {
        let region: Region = name.parse().unwrap();
        let error = Call::<DescribeImages>::call(&door, &region, Default::default()).await.unwrap_err();
        assert_eq!(error.class, class, "{error}");
    }
}
