//! The one table of what each operation serves.

use amictl_model::Source;

use super::{Need, NeedRow, Task};
use crate::Operation;
use crate::ops::*;

/// Tasks that need the whole inventory.
const EVIDENCE: &[Task] = &[Task::Scan, Task::Plan, Task::Doctor];
/// Tasks that need every use of an image: `apply` reads them again behind the fence.
const USES: &[Task] = &[Task::Scan, Task::Plan, Task::Apply, Task::Doctor];
/// Tasks that look at images.
const LOOKING: &[Task] = &[Task::Scan, Task::Plan, Task::Apply, Task::Undo, Task::Doctor];

macro_rules! row {
    ($need:expr, $tasks:expr, $purpose:literal, [$($operation:ident),+]) => {
        row!($need, $tasks, $purpose, [$($operation),+], [], [])
    };
    ($need:expr, $tasks:expr, $purpose:literal, [$($operation:ident),+], [$($subject:literal),*], [$($action:literal),*]) => {
        NeedRow {
            need: $need,
            purpose: $purpose,
            operations: &[$(<$operation as Operation>::SPEC),+],
            subjects: &[$($subject),*],
            actions: &[$($action),*],
            tasks: $tasks,
        }
    };
}

/// Every need with its operations. An operation may serve several.
pub const NEEDS: &[NeedRow] = &[
    row!(
        Need::Session,
        LOOKING,
        "whose credentials these are and which Regions are enabled",
        [GetCallerIdentity, DescribeRegions]
    ),
    row!(Need::Source(Source::Images), LOOKING, "the account's images", [DescribeImages]),
    row!(Need::Source(Source::Snapshots), USES, "the account's snapshots", [DescribeSnapshots]),
    row!(Need::Source(Source::LaunchPermissions), LOOKING, "who else may launch an image", [DescribeLaunchPermissions]),
    row!(Need::Source(Source::Instances), USES, "instances", [DescribeInstances]),
    row!(
        Need::Source(Source::InstanceImageMetadata),
        USES,
        "images that instances were launched from",
        [DescribeInstanceImageMetadata]
    ),
    row!(
        Need::Source(Source::RootVolumeReplacements),
        USES,
        "root volumes that are replaced from an image",
        [DescribeReplaceRootVolumeTasks]
    ),
    row!(
        Need::Source(Source::LaunchTemplates),
        USES,
        "every version of every launch template",
        [DescribeLaunchTemplates, DescribeLaunchTemplateVersions]
    ),
    row!(Need::Source(Source::LaunchConfigurations), USES, "launch configurations", [DescribeLaunchConfigurations]),
    row!(Need::Source(Source::AutoScalingGroups), USES, "Auto Scaling groups", [DescribeAutoScalingGroups]),
    row!(
        Need::Source(Source::InstanceRefreshes),
        USES,
        "instance refreshes under way",
        [DescribeAutoScalingGroups, DescribeInstanceRefreshes]
    ),
    row!(Need::Source(Source::WarmPools), USES, "warm pools", [DescribeAutoScalingGroups, DescribeWarmPool]),
    row!(Need::Source(Source::Ec2Fleets), USES, "EC2 Fleets", [DescribeFleets]),
    row!(Need::Source(Source::SpotFleets), USES, "Spot Fleets", [DescribeSpotFleetRequests]),
    row!(Need::Source(Source::SpotRequests), USES, "Spot requests", [DescribeSpotInstanceRequests]),
    row!(
        Need::Source(Source::FastLaunch),
        USES,
        "Windows images kept ready for fast launch",
        [DescribeFastLaunchImages]
    ),
    row!(
        Need::Source(Source::ImageTasks),
        USES,
        "store, export and import tasks in flight",
        [DescribeStoreImageTasks, DescribeExportImageTasks, DescribeImportImageTasks]
    ),
    row!(
        Need::Source(Source::SsmParameters),
        USES,
        "SSM parameters that hold an image id",
        [DescribeParameters, GetParameters]
    ),
    row!(
        Need::Source(Source::ImageBuilder),
        USES,
        "recipes and distributions of Image Builder",
        [ListImageRecipes, ListContainerRecipes, ListImages, ListImageBuildVersions, ListResources, GetResource],
        ["AWS::ImageBuilder::DistributionConfiguration"],
        ["imagebuilder:ListDistributionConfigurations", "imagebuilder:GetDistributionConfiguration"]
    ),
    row!(
        Need::Source(Source::Emr),
        USES,
        "EMR clusters that still run",
        [ListClusters, DescribeCluster, ListInstanceGroups, ListInstanceFleets]
    ),
    row!(
        Need::Source(Source::EksNodeGroups),
        USES,
        "node groups of EKS clusters",
        [ListResources, GetResource],
        ["AWS::EKS::Cluster", "AWS::EKS::Nodegroup"],
        ["eks:ListClusters", "eks:DescribeCluster", "eks:ListNodegroups", "eks:DescribeNodegroup"]
    ),
    row!(
        Need::Source(Source::Batch),
        USES,
        "compute environments of AWS Batch",
        [ListResources, GetResource],
        ["AWS::Batch::ComputeEnvironment"],
        ["batch:DescribeComputeEnvironments"]
    ),
    row!(
        Need::Source(Source::ElasticBeanstalk),
        USES,
        "saved configurations of Elastic Beanstalk",
        [ListResources, GetResource],
        ["AWS::ElasticBeanstalk::ConfigurationTemplate"],
        ["elasticbeanstalk:DescribeApplications", "elasticbeanstalk:DescribeConfigurationSettings"]
    ),
    row!(
        Need::Source(Source::Sagemaker),
        USES,
        "HyperPod clusters of SageMaker",
        [ListResources, GetResource],
        ["AWS::SageMaker::Cluster"],
        ["sagemaker:ListClusters", "sagemaker:DescribeCluster", "sagemaker:ListTags"]
    ),
    row!(
        Need::Source(Source::Pcs),
        USES,
        "compute node groups of the Parallel Computing Service",
        [ListResources, GetResource],
        ["AWS::PCS::Cluster", "AWS::PCS::ComputeNodeGroup"],
        [
            "pcs:ListClusters",
            "pcs:GetCluster",
            "pcs:ListComputeNodeGroups",
            "pcs:GetComputeNodeGroup",
            "pcs:ListTagsForResource"
        ]
    ),
    row!(
        Need::Source(Source::Codebuild),
        USES,
        "fleets of CodeBuild",
        [ListResources, GetResource],
        ["AWS::CodeBuild::Fleet"],
        ["codebuild:ListFleets", "codebuild:BatchGetFleets"]
    ),
    row!(
        Need::Source(Source::RdsCustom),
        USES,
        "engine versions of RDS Custom",
        [ListResources, GetResource],
        ["AWS::RDS::CustomDBEngineVersion"],
        ["rds:DescribeDBEngineVersions"]
    ),
    row!(
        Need::Source(Source::WorkspacesInstances),
        USES,
        "WorkSpaces Instances",
        [ListResources, GetResource],
        ["AWS::WorkspacesInstances::WorkspaceInstance"],
        [
            "workspaces-instances:ListWorkspaceInstances",
            "workspaces-instances:GetWorkspaceInstance",
            "workspaces-instances:ListTagsForResource"
        ]
    ),
    row!(
        Need::Source(Source::Cloudformation),
        USES,
        "templates and parameters of CloudFormation stacks",
        [ListResources, GetResource],
        ["AWS::CloudFormation::Stack"],
        [
            "cloudformation:ListStacks",
            "cloudformation:DescribeStacks",
            "cloudformation:GetStackPolicy",
            "cloudformation:GetTemplate"
        ]
    ),
    row!(
        Need::Source(Source::ServiceCatalog),
        USES,
        "products of Service Catalog",
        [ListResources, GetResource],
        ["AWS::ServiceCatalog::CloudFormationProduct"],
        [
            "servicecatalog:SearchProductsAsAdmin",
            "servicecatalog:DescribeProductAsAdmin",
            "servicecatalog:DescribeProvisioningArtifact",
            "servicecatalog:ListProvisioningArtifacts",
            "servicecatalog:ListTagsForResource"
        ]
    ),
    row!(
        Need::Source(Source::Backup),
        USES,
        "recovery points of AWS Backup",
        [ListBackupVaults, ListRecoveryPointsByBackupVault]
    ),
    row!(
        Need::Names,
        USES,
        "images that resources name through SSM parameters or launch templates",
        [GetParameters, DescribeLaunchTemplateVersions]
    ),
    row!(
        Need::Source(Source::ImageReferences),
        EVIDENCE,
        "a second opinion on the uses of images that would go",
        [DescribeImageReferences]
    ),
    row!(
        Need::Source(Source::ImageUsage),
        EVIDENCE,
        "how other accounts use the images that are shared with them",
        [CreateImageUsageReport, DescribeImageUsageReports, DescribeImageUsageReportEntries, DeleteImageUsageReport]
    ),
    row!(
        Need::SnapshotUsers,
        EVIDENCE,
        "volumes of snapshots, and images in the Recycle Bin",
        [DescribeVolumes, ListImagesInRecycleBin]
    ),
    row!(Need::Quotas, LOOKING, "how many requests a second are allowed, and how many images", [ListServiceQuotas]),
    row!(
        Need::Accounts,
        &[Task::Accounts],
        "the accounts of the organisation",
        [ListAccounts, ListOrganizationalUnitsForParent]
    ),
    row!(Need::Recovery, &[Task::Doctor], "whether the Recycle Bin keeps what is deregistered", [ListRules, GetRule]),
    row!(
        Need::Settings,
        &[Task::Doctor],
        "Allowed AMIs and block public access",
        [GetAllowedImagesSettings, GetImageBlockPublicAccessState]
    ),
    row!(
        Need::Fence,
        &[Task::Apply],
        "disable an image before it goes, or enable it again",
        [DisableImage, EnableImage, ModifyLaunchPermissions]
    ),
    row!(
        Need::Deregister,
        &[Task::Apply],
        "deregister images and delete their snapshots",
        [DeregisterImage, DeleteSnapshot]
    ),
    row!(
        Need::Undo,
        &[Task::Undo],
        "enable disabled images again, with their launch permissions",
        [EnableImage, ModifyLaunchPermissions]
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OperationSpec, need};

    #[test]
    fn every_operation_serves_a_need_and_every_need_a_task() {
        for spec in OperationSpec::ALL {
            assert!(NEEDS.iter().any(|row| row.operations.contains(spec)), "{}", spec.name);
        }
        for row in NEEDS {
            assert!(!row.tasks.is_empty(), "{:?}", row.need);
            assert_eq!(NEEDS.iter().filter(|other| other.need == row.need).count(), 1, "{:?}", row.need);
        }
    }

    #[test]
    fn every_source_has_its_operations() {
        // Files are read by no operation.
        for source in Source::ALL.iter().filter(|source| **source != Source::Files) {
            assert!(need(Need::Source(*source)).is_some(), "{source}");
        }
        for source in Source::REFERENCES {
            let tasks = need(Need::Source(*source)).map(|row| row.tasks);
            assert_eq!(tasks, Some(USES), "{source}: apply reads it again behind the fence");
        }
    }

    #[test]
    fn reading_tasks_change_nothing_but_usage_reports() {
        for row in NEEDS.iter().filter(|row| row.need != Need::Source(Source::ImageUsage)) {
            let reads = row.operations.iter().all(|spec| spec.effect == crate::Effect::Read);
            let changing =
                row.tasks.iter().any(|task| matches!(task, Task::Apply | Task::Undo)) && row.tasks.len() == 1;
            assert!(reads || changing, "{:?}", row.need);
        }
    }
}
