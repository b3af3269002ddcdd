//! The twin of an account: a world made of an inventory, in which a scan sees the same as in the account.

use amictl_cloud::Clock;
use amictl_collect::{ScanRequest, scan};
use amictl_model::{AccountId, CoverageStatus, ImageId, Inventory, Moment, Region, Scope, Source};
use amictl_sandbox::world::CloudResource;
use amictl_sandbox::{
    Clock as SandboxClock, FaultRule, InProcess, SAMPLE_ACCOUNTS, SAMPLE_REGIONS, Sandbox, SandboxConfig, Twin, World,
    sample, twin,
};

fn now() -> Moment {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

async fn scanned(world: World, faults: Vec<FaultRule>) -> Inventory {
    let account: AccountId = SAMPLE_ACCOUNTS[0].parse().unwrap();
    let config = SandboxConfig { clock: SandboxClock::fixed(now()), faults: faults.into(), ..SandboxConfig::default() };
    let cloud = InProcess::new(Sandbox::new(world, config), account);
    let regions = SAMPLE_REGIONS.iter().map(|region| region.parse().unwrap());
    let request = ScanRequest {
        id: "of-account".to_owned(),
        scopes: regions.map(|region| Scope { account, region }).collect(),
        unreachable: Vec::new(),
        concurrency: 4,
        skip: Vec::new(),
    };
    scan(&cloud, &Clock::fixed(now()), request, &()).await
}

/// Everything but how the calls went: a template that stands in for many is one call less.
fn facts(inventory: &Inventory) -> Vec<String> {
    let mut facts = Vec::new();
    for scope in &inventory.scopes {
        facts.extend(scope.images.iter().map(|image| format!("{}: {image:?}", scope.scope)));
        facts.extend(scope.snapshots.iter().map(|snapshot| format!("{}: {snapshot:?}", scope.scope)));
        facts.extend(scope.references.iter().map(|reference| format!("{}: {reference:?}", scope.scope)));
        let status = scope.coverage.iter().map(|coverage| (coverage.source, coverage.status));
        facts.extend(status.map(|status| format!("{}: {status:?}", scope.scope)));
    }
    facts
}

#[tokio::test]
async fn a_scan_of_the_twin_sees_what_a_scan_of_the_account_saw() {
    let inventory = scanned(sample(now()), Vec::new()).await;
    assert!(inventory.image_count() > 150);
    // As it is read from a file.
    let inventory: Inventory = serde_json::from_str(&serde_json::to_string(&inventory).unwrap()).unwrap();
    let Twin { world, faults } = twin(&inventory, 7);
    assert_eq!(faults, Vec::new());
    let again = scanned(world, faults).await;
    let (one, other) = (facts(&inventory), facts(&again));
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
}

#[tokio::test]
async fn what_could_not_be_read_in_the_account_cannot_be_read_in_the_twin() {
    let denied = FaultRule::denied("DescribeInstances").in_region(SAMPLE_REGIONS[1].parse().unwrap());
    let inventory = scanned(sample(now()), vec![denied, FaultRule::denied("DescribeLaunchConfigurations")]).await;
    let Twin { world, faults } = twin(&inventory, 7);
    let again = scanned(world, faults).await;
    for (one, other) in facts(&inventory).iter().zip(&facts(&again)) {
        assert_eq!(one, other);
    }
    assert_eq!(facts(&inventory).len(), facts(&again).len());
    let instances = again.scopes.iter().map(|scope| scope.coverage_of(Source::Instances).unwrap().status);
    assert_eq!(instances.filter(|status| *status == CoverageStatus::Denied).count(), 1);
}

#[tokio::test]
async fn what_cannot_be_made_again_is_used_in_the_twin_all_the_same() {
    let mut world = sample(now());
    let (account, region): (AccountId, Region) =
        (SAMPLE_ACCOUNTS[0].parse().unwrap(), SAMPLE_REGIONS[0].parse().unwrap());
    let used: ImageId = "ami-0123456789abcdef0".parse().unwrap();
    world.scope_mut(account, &region).put_resource(CloudResource {
        kind: "AWS::CodeBuild::Fleet".to_owned(),
        identifier: "fleet".to_owned(),
        properties: serde_json::json!({ "ImageId": used.as_str() }),
    });
    let users = |inventory: &Inventory| -> Vec<Source> {
        let references = inventory.scopes.iter().flat_map(|scope| &scope.references);
        references.filter(|reference| reference.image == used).map(|reference| reference.source).collect()
    };
    let inventory = scanned(world, Vec::new()).await;
    assert_eq!(users(&inventory), [Source::Codebuild]);
    let Twin { world, faults } = twin(&inventory, 7);
    assert_eq!(users(&scanned(world, faults).await), [Source::SsmParameters]);
}
