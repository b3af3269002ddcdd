//! What a scan is said to cost beforehand, against what it costs in the sandbox.

use std::collections::BTreeMap;

use amictl_cloud::{Clock, OperationSpec};
use amictl_collect::{ScanRequest, estimate_scan, scan};
use amictl_model::{Inventory, Moment, Scope, Source};
use amictl_sandbox::{
    Clock as SandboxClock, InProcess, SAMPLE_ACCOUNTS, SAMPLE_REGIONS, Sandbox, SandboxConfig, World, sample,
};

fn now() -> Moment {
    "2026-11-21T09:30:00Z".parse().unwrap()
}

fn scopes() -> Vec<Scope> {
    let account = SAMPLE_ACCOUNTS[0].parse().unwrap();
    SAMPLE_REGIONS.iter().map(|region| Scope { account, region: region.parse().unwrap() }).collect()
}

/// A scan, and the calls that arrived.
async fn scanned(world: World, skip: &[Source]) -> (Inventory, BTreeMap<&'static str, u64>) {
    let config = SandboxConfig { clock: SandboxClock::fixed(now()), ..SandboxConfig::default() };
    let sandbox = Sandbox::new(world, config);
    let cloud = InProcess::new(sandbox.clone(), scopes()[0].account);
    let request = ScanRequest {
        id: "test".into(),
        scopes: scopes(),
        unreachable: Vec::new(),
        concurrency: 4,
        skip: skip.to_vec(),
    };
    let inventory = scan(&cloud, &Clock::fixed(now()), request, &()).await;
    let counts = sandbox.counts().into_iter().map(|(operation, count)| (operation, count.calls)).collect();
    (inventory, counts)
}

#[tokio::test]
async fn of_accounts_that_have_nothing_it_is_told_exactly_without_having_read_them() {
    for skip in [&[][..], &[Source::Emr, Source::EksNodeGroups, Source::ImageTasks]] {
        let (_, counts) = scanned(World::new(1), skip).await;
        let estimate = estimate_scan(&scopes(), skip, None);
        let told: BTreeMap<&str, u64> = estimate.calls.iter().map(|(name, of)| (*name, of.calls)).collect();
        assert_eq!(told, counts);
        assert_eq!((estimate.known, estimate.unknown), (0, scopes().len()));
    }
}

#[tokio::test]
async fn of_accounts_that_were_read_before_all_their_calls_are_told() {
    let (inventory, counts) = scanned(sample(now()), &[]).await;
    let estimate = estimate_scan(&scopes(), &[], Some(&inventory));
    assert_eq!(estimate.total(), counts.values().sum::<u64>());
    for name in ["DescribeImages", "DescribeSnapshots", "DescribeInstances", "DescribeLaunchTemplateVersions"] {
        assert_eq!(estimate.calls[name].calls, counts[name], "{name}");
    }
    assert_eq!((estimate.known, estimate.unknown), (scopes().len(), 0));
}

#[test]
fn the_least_time_is_that_of_the_fullest_bucket_or_of_the_latency() {
    let mut estimate = estimate_scan(&scopes(), &[], None);
    assert_eq!(estimate.seconds_by_limits, 0.0, "one page each fits every bucket");
    let total = estimate.total() as f64;
    assert!((estimate.seconds(10, 0.02) - total * 0.002).abs() < 1e-9);
    estimate.seconds_by_limits = 1000.0;
    assert_eq!(estimate.seconds(10, 0.02), 1000.0);
    assert!(OperationSpec::ALL.len() > estimate.calls.len());
}
