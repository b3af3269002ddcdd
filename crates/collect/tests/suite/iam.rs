//! The generated policies are enough, and nothing in them is too much: the sandbox denies whatever is not listed.

use std::collections::BTreeSet;

use amictl_cloud::{Clock, Cloud, IamPolicy, Need, Partition, Task};
use amictl_collect::doctor::{Checkup, CheckupRequest, Health, check_up};
use amictl_collect::{Reader, sweep_references};
use amictl_model::{CoverageStatus, Moment, Scope, Source};
use amictl_sandbox::world::CloudResource;
use amictl_sandbox::{
    Clock as SandboxClock, InProcess, SAMPLE_ACCOUNTS, SAMPLE_REGIONS, Sandbox, SandboxConfig, World, sample,
};
use serde_json::json;

fn now() -> Moment {
    "2026-11-21T09:30:00Z".parse().unwrap()
}

fn scope() -> Scope {
    Scope { account: SAMPLE_ACCOUNTS[0].parse().unwrap(), region: SAMPLE_REGIONS[0].parse().unwrap() }
}

fn actions(task: Task) -> BTreeSet<String> {
    IamPolicy::of_tasks(&[task], Partition::Aws)
        .statements
        .into_iter()
        .flat_map(|statement| statement.actions)
        .collect()
}

/// The sample with a resource of every type that Cloud Control reads; a product of Service Catalog could not be read whole.
fn world() -> World {
    let mut world = sample(now());
    let Scope { account, region } = scope();
    for (kind, properties) in [
        ("AWS::Batch::ComputeEnvironment", json!({})),
        ("AWS::CloudFormation::Stack", json!({"TemplateBody": {"Resources": {}}})),
        ("AWS::CodeBuild::Fleet", json!({})),
        ("AWS::EKS::Cluster", json!({})),
        ("AWS::EKS::Nodegroup", json!({"ClusterName": "one"})),
        ("AWS::ElasticBeanstalk::ConfigurationTemplate", json!({})),
        ("AWS::ImageBuilder::DistributionConfiguration", json!({"Distributions": []})),
        ("AWS::PCS::Cluster", json!({"Id": "one"})),
        ("AWS::PCS::ComputeNodeGroup", json!({"ClusterId": "one"})),
        ("AWS::RDS::CustomDBEngineVersion", json!({})),
        ("AWS::SageMaker::Cluster", json!({})),
        ("AWS::WorkspacesInstances::WorkspaceInstance", json!({"ProvisionState": "DEALLOCATED"})),
    ] {
        let resource = CloudResource { kind: kind.to_owned(), identifier: "one".to_owned(), properties };
        world.scope_mut(account, &region).put_resource(resource);
    }
    world
}

/// The sample's account, allowed these actions. The sandbox looks at actions only, so resources and conditions are left out.
fn allowed(actions: &BTreeSet<String>) -> InProcess {
    let policy =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
    let config = SandboxConfig {
        clock: SandboxClock::fixed(now()),
        permissions: serde_json::from_value(policy).unwrap(),
        ..SandboxConfig::default()
    };
    InProcess::new(Sandbox::new(world(), config), scope().account)
}

async fn checkup(cloud: &InProcess) -> Checkup {
    let request = CheckupRequest { scope: scope(), not_used: Vec::new() };
    check_up(cloud as &dyn Cloud, &Clock::fixed(now()), request).await
}

#[tokio::test]
async fn the_policy_for_scanning_is_enough_to_read_everything() {
    let cloud = allowed(&actions(Task::Scan));
    let (scope, clock) = (scope(), Clock::fixed(now()));
    let reader = Reader { cloud: &cloud, scope: &scope, clock: &clock, concurrency: 4, skip: &[], observer: &() };
    for coverage in sweep_references(reader).await.coverage {
        assert_eq!(coverage.status, CoverageStatus::Complete, "{coverage:?}");
    }
    let of_storage = |need| matches!(need, Need::Source(source) if Source::STORAGE.contains(&source));
    for health in checkup(&cloud).await.needs.into_iter().filter(|health| !of_storage(health.need)) {
        assert_ne!(health.health, Health::Denied, "{health:?}");
    }
}

#[tokio::test]
async fn the_policy_for_the_doctor_is_enough_for_the_settings_too() {
    let checkup = checkup(&allowed(&actions(Task::Doctor))).await;
    for health in &checkup.needs {
        assert_ne!(health.health, Health::Denied, "{health:?}");
    }
    let settings = checkup.settings;
    assert!(settings.recovery.images.is_ok() && settings.recovery.snapshots.is_ok());
    assert!(settings.allowed_images.is_ok() && settings.public_access.is_ok() && settings.images_max.is_ok());
}

/// Actions whose lack a check-up of the sample cannot show.
const NOT_SHOWN: [&str; 14] = [
    // They change something.
    "ec2:CreateImageUsageReport",
    "ec2:DeleteImageUsageReport",
    // The sample has no usage reports and no warm pools to try these with.
    "ec2:DescribeImageUsageReportEntries",
    "autoscaling:DescribeWarmPool",
    // Nor has it recipes on images that were built, EMR clusters or products.
    "imagebuilder:ListImageBuildVersions",
    "imagebuilder:ListImages",
    "elasticmapreduce:DescribeCluster",
    "elasticmapreduce:ListInstanceFleets",
    "elasticmapreduce:ListInstanceGroups",
    "servicecatalog:DescribeProductAsAdmin",
    "servicecatalog:DescribeProvisioningArtifact",
    "servicecatalog:ListProvisioningArtifacts",
    "servicecatalog:ListTagsForResource",
    // It is called before there is an account to check.
    "ec2:DescribeRegions",
];

#[tokio::test]
async fn each_action_is_needed_and_its_lack_is_told_by_name() {
    let all = actions(Task::Scan);
    let mut silent: BTreeSet<&str> = BTreeSet::new();
    for missing in &all {
        let mut others = all.clone();
        others.remove(missing);
        let needs = checkup(&allowed(&others)).await.needs;
        let told = needs.iter().any(|health| health.health == Health::Denied && health.missing.contains(missing));
        if !told {
            silent.insert(missing.as_str());
        }
    }
    assert_eq!(silent, NOT_SHOWN.into_iter().collect());
}
