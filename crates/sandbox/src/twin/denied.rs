//! What could not be read in the account cannot be read in its twin.

use amictl_model::{CoverageStatus, LaunchPermissions, ScopeInventory, Source, UsageReport};

use crate::FaultRule;

/// The operation that reads a source, if AWS does.
fn operation(source: Source) -> Option<&'static str> {
    Some(match source {
        Source::Images => "DescribeImages",
        Source::Snapshots => "DescribeSnapshots",
        Source::LaunchPermissions => "DescribeImageAttribute",
        Source::Instances => "DescribeInstances",
        Source::InstanceImageMetadata => "DescribeInstanceImageMetadata",
        Source::RootVolumeReplacements => "DescribeReplaceRootVolumeTasks",
        Source::LaunchTemplates => "DescribeLaunchTemplates",
        Source::LaunchConfigurations => "DescribeLaunchConfigurations",
        Source::AutoScalingGroups => "DescribeAutoScalingGroups",
        Source::InstanceRefreshes => "DescribeInstanceRefreshes",
        Source::WarmPools => "DescribeWarmPool",
        Source::Ec2Fleets => "DescribeFleets",
        Source::SpotFleets => "DescribeSpotFleetRequests",
        Source::SpotRequests => "DescribeSpotInstanceRequests",
        Source::FastLaunch => "DescribeFastLaunchImages",
        Source::ImageTasks => "DescribeStoreImageTasks",
        Source::SsmParameters => "DescribeParameters",
        Source::ImageBuilder => "ListImageRecipes",
        Source::EksNodeGroups
        | Source::Batch
        | Source::ElasticBeanstalk
        | Source::Sagemaker
        | Source::Pcs
        | Source::Codebuild
        | Source::RdsCustom
        | Source::WorkspacesInstances
        | Source::Cloudformation
        | Source::ServiceCatalog => "ListResources",
        Source::Emr => "ListClusters",
        Source::Backup => "ListBackupVaults",
        Source::ImageUsage => "DescribeImageUsageReports",
        Source::ImageReferences => "DescribeImageReferences",
        Source::Files => return None,
    })
}

/// The type of resource that Cloud Control lists for a source.
fn resource_type(source: Source) -> Option<&'static str> {
    Some(match source {
        Source::EksNodeGroups => "AWS::EKS::Cluster",
        Source::Batch => "AWS::Batch::ComputeEnvironment",
        Source::ElasticBeanstalk => "AWS::ElasticBeanstalk::ConfigurationTemplate",
        Source::Sagemaker => "AWS::SageMaker::Cluster",
        Source::Pcs => "AWS::PCS::Cluster",
        Source::Codebuild => "AWS::CodeBuild::Fleet",
        Source::RdsCustom => "AWS::RDS::CustomDBEngineVersion",
        Source::WorkspacesInstances => "AWS::WorkspacesInstances::WorkspaceInstance",
        Source::Cloudformation => "AWS::CloudFormation::Stack",
        Source::ServiceCatalog => "AWS::ServiceCatalog::CloudFormationProduct",
        _ => return None,
    })
}

/// The rules of one account in one Region.
pub(super) fn rules(scope: &ScopeInventory) -> Vec<FaultRule> {
    let unread = scope.coverage.iter().filter(|coverage| match (coverage.source, coverage.status) {
        // A source that was not asked for is no source that cannot be read.
        (_, CoverageStatus::Complete | CoverageStatus::Skipped) => false,
        // One image may have been refused and the next answered, which is more than a rule for all can say.
        (Source::LaunchPermissions, _) => !any_permissions_known(scope),
        (Source::ImageUsage, _) => !scope.usage.iter().any(|usage| matches!(usage.report, UsageReport::Read { .. })),
        (Source::ImageReferences, _) => scope.witnessed.iter().all(|witnessed| witnessed.failure.is_some()),
        (_, CoverageStatus::Denied | CoverageStatus::Failed) => true,
    });
    let rule = |(source, operation): (Source, &str)| FaultRule {
        account: Some(scope.scope.account),
        resource_type: resource_type(source).map(str::to_owned),
        ..FaultRule::denied(operation).in_region(scope.scope.region.clone())
    };
    unread.filter_map(|coverage| Some((coverage.source, operation(coverage.source)?))).map(rule).collect()
}

fn any_permissions_known(scope: &ScopeInventory) -> bool {
    scope.images.iter().any(|image| matches!(image.launch_permissions, LaunchPermissions::Read(_)))
}
