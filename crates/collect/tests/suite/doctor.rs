//! The check-up against the sandbox: what works, what is denied, what is set.

use amictl_cloud::ops::ListRules;
use amictl_cloud::{Clock, Cloud, Effect, Operation, OperationSpec};
use amictl_collect::doctor::{Checkup, CheckupRequest, Health, check_up};
use amictl_model::{AccountId, Moment, Region, Scope, Source};
use amictl_sandbox::world::{ResourceKind, ResourceTag, RetentionRule};
use amictl_sandbox::{
    Clock as SandboxClock, FaultKind, FaultRule, InProcess, SAMPLE_ACCOUNTS, SAMPLE_REGIONS, Sandbox, SandboxConfig,
    World, sample,
};

fn now() -> Moment {
    "2026-11-21T09:30:00Z".parse().unwrap()
}

fn scope() -> Scope {
    Scope { account: SAMPLE_ACCOUNTS[0].parse::<AccountId>().unwrap(), region: SAMPLE_REGIONS[0].parse().unwrap() }
}

fn sandbox(world: World, faults: Vec<FaultRule>) -> Sandbox {
    let config = SandboxConfig { clock: SandboxClock::fixed(now()), faults: faults.into(), ..SandboxConfig::default() };
    Sandbox::new(world, config)
}

async fn checkup(sandbox: &Sandbox, not_used: &[Source]) -> Checkup {
    let cloud = InProcess::new(sandbox.clone(), scope().account);
    let request = CheckupRequest { scope: scope(), not_used: not_used.to_vec() };
    check_up(&cloud as &dyn Cloud, &Clock::fixed(now()), request).await
}

fn health(checkup: &Checkup, source: Source) -> Health {
    checkup.source(source).unwrap().health
}

#[tokio::test]
async fn where_everything_works_nothing_blocks_and_nothing_is_read_whole() {
    let sandbox = sandbox(sample(now()), Vec::new());
    let checkup = checkup(&sandbox, &[]).await;
    assert!(!checkup.is_blocked());
    for health in &checkup.needs {
        assert!(!health.health.is_ill(), "{health:?}");
        assert!(health.missing.is_empty(), "{health:?}");
    }
    for source in [Source::Images, Source::Instances, Source::LaunchTemplates, Source::LaunchPermissions] {
        assert_eq!(health(&checkup, source), Health::Works, "{source}");
    }
    for (operation, count) in sandbox.counts() {
        // The rules of the Recycle Bin and the quotas are what the check-up is to tell, so they are read whole.
        // Of Cloud Control, every type is tried.
        let read_whole = ["ListRules", "GetRule", "ListServiceQuotas", "ListResources"].contains(&operation);
        assert!(count.calls == 1 || read_whole, "{operation}: {}", count.calls);
    }
}

#[tokio::test]
async fn nothing_is_changed() {
    let sandbox = sandbox(sample(now()), Vec::new());
    checkup(&sandbox, &[]).await;
    let counts = sandbox.counts();
    for spec in OperationSpec::ALL.iter().filter(|spec| spec.effect == Effect::Mutating) {
        assert!(!counts.keys().any(|name| *name == spec.name), "{}", spec.name);
    }
}

#[tokio::test]
async fn a_denied_operation_is_told_with_what_it_blocks_and_the_action_that_is_missing() {
    let denied = vec![FaultRule::denied("DescribeFleets"), FaultRule::denied("DescribeImageAttribute")];
    let checkup = checkup(&sandbox(sample(now()), denied), &[]).await;
    let fleets = checkup.source(Source::Ec2Fleets).unwrap();
    assert_eq!((fleets.health, fleets.blocks), (Health::Denied, true));
    assert_eq!(fleets.missing, ["ec2:DescribeFleets"]);
    assert!(fleets.detail.contains("DescribeFleets: access denied"), "{}", fleets.detail);
    let permissions = checkup.source(Source::LaunchPermissions).unwrap();
    assert_eq!((permissions.health, permissions.blocks), (Health::Denied, true));
    assert!(checkup.is_blocked());
    assert_eq!(health(&checkup, Source::SpotFleets), Health::Works);
}

#[tokio::test]
async fn what_only_informs_blocks_nothing() {
    let denied = vec![FaultRule::denied("ListServiceQuotas"), FaultRule::denied("DescribeSnapshots")];
    let checkup = checkup(&sandbox(sample(now()), denied), &[]).await;
    assert_eq!(health(&checkup, Source::Snapshots), Health::Denied);
    assert!(!checkup.is_blocked());
}

#[tokio::test]
async fn a_fault_is_no_denial_and_blocks_all_the_same() {
    let faults = vec![FaultRule::new("DescribeSpotFleetRequests", FaultKind::ServerError)];
    let checkup = checkup(&sandbox(sample(now()), faults), &[]).await;
    let fleets = checkup.source(Source::SpotFleets).unwrap();
    assert_eq!((fleets.health, fleets.blocks), (Health::Failed, true));
    assert!(fleets.missing.is_empty());
}

#[tokio::test]
async fn what_the_policy_does_not_use_is_not_tried_and_blocks_nothing() {
    let sandbox = sandbox(sample(now()), vec![FaultRule::denied("DescribeSpotFleetRequests")]);
    let checkup = checkup(&sandbox, &[Source::SpotFleets]).await;
    assert_eq!(health(&checkup, Source::SpotFleets), Health::NotUsed);
    assert!(!checkup.is_blocked());
    assert!(!sandbox.counts().contains_key("DescribeSpotFleetRequests"));
}

#[tokio::test]
async fn an_empty_account_says_what_could_not_be_tried() {
    let checkup = checkup(&sandbox(World::new(1), Vec::new()), &[]).await;
    assert!(!checkup.is_blocked());
    let permissions = checkup.source(Source::LaunchPermissions).unwrap();
    assert_eq!(permissions.health, Health::InPart);
    assert!(permissions.detail.contains("nothing here to try it with"), "{}", permissions.detail);
    assert_eq!(checkup.settings.recovery.days_for_all(), None);
    assert_eq!(checkup.settings.allowed_images.as_ref().unwrap().state, "disabled");
    assert_eq!(checkup.settings.images_max, Ok(Some(50_000.0)));
}

#[tokio::test]
async fn settings_that_cannot_be_read_say_why() {
    let denied = vec![FaultRule::denied(ListRules::SPEC.name), FaultRule::denied("GetAllowedImagesSettings")];
    let checkup = checkup(&sandbox(sample(now()), denied), &[]).await;
    assert!(checkup.settings.recovery.images.unwrap_err().contains("access denied"));
    assert!(checkup.settings.allowed_images.unwrap_err().contains("access denied"));
    let region: Region = SAMPLE_REGIONS[0].parse().unwrap();
    assert_eq!(checkup.scope.region, region);
}

fn rule(id: &str, kind: ResourceKind, days: u32, tag: Option<&str>) -> RetentionRule {
    RetentionRule {
        id: id.into(),
        description: None,
        kind,
        days,
        resource_tags: tag.iter().map(|key| ResourceTag { key: (*key).into(), value: Some("1".into()) }).collect(),
        exclude_tags: Vec::new(),
        available_at: now(),
        lock: None,
        tags: [("a", "b")].into_iter().collect(),
    }
}

#[tokio::test]
async fn images_come_back_only_for_as_long_as_their_snapshots_are_kept_too() {
    let days = async |rules: Vec<RetentionRule>| {
        let mut world = World::new(1);
        let scope = scope();
        for rule in rules {
            world.scope_mut(scope.account, &scope.region).put_retention_rule(rule);
        }
        let recovery = checkup(&sandbox(world, Vec::new()), &[]).await.settings.recovery;
        assert!(recovery.images.is_ok() && recovery.snapshots.is_ok());
        recovery.days_for_all()
    };
    let images = rule("aaaaaaaaaa1", ResourceKind::Image, 30, None);
    let snapshots = rule("aaaaaaaaaa2", ResourceKind::Snapshot, 7, None);
    let tagged = rule("aaaaaaaaaa3", ResourceKind::Snapshot, 90, Some("env"));
    assert_eq!(days(vec![images.clone(), snapshots, tagged.clone()]).await, Some(7));
    assert_eq!(days(vec![images, tagged]).await, None, "a rule for some snapshots is none for all");
}

#[tokio::test]
async fn rules_are_told_with_their_tags() {
    let mut world = World::new(1);
    let tagged = rule("aaaaaaaaaa3", ResourceKind::Image, 90, Some("env"));
    world.scope_mut(scope().account, &scope().region).put_retention_rule(tagged);
    let rules = checkup(&sandbox(world, Vec::new()), &[]).await.settings.recovery.images.unwrap();
    assert_eq!((rules.len(), rules[0].days, rules[0].is_available), (1, 90, true));
    assert_eq!((rules[0].tags[0].key.as_str(), rules[0].tags[0].value.as_deref()), ("env", Some("1")));
}
