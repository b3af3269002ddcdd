//! What could not be read in the account cannot be read in its twin.

use amictl_model::{CoverageStatus, LaunchPermissions, ScopeInventory, Source};

use crate::FaultRule;

/// The operation that reads a source.
fn operation(source: Source) -> &'static str {
    match source {
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
    }
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
        (_, CoverageStatus::Denied | CoverageStatus::Failed) => true,
    });
    let rule = |source: Source| FaultRule {
        account: Some(scope.scope.account),
        resource_type: resource_type(source).map(str::to_owned),
        ..FaultRule::denied(operation(source)).in_region(scope.scope.region.clone())
    };
    unread.map(|coverage| rule(coverage.source)).collect()
}

fn any_permissions_known(scope: &ScopeInventory) -> bool {
    scope.images.iter().any(|image| matches!(image.launch_permissions, LaunchPermissions::Read(_)))
}
