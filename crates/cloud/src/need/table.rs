//! The table: each need with its operations and the tasks that have it.

use amictl_model::Source;

use super::{Need, NeedRow, Task};
use crate::Operation;
use crate::ops::*;

/// Tasks that need the whole inventory.
const EVIDENCE: &[Task] = &[Task::Scan, Task::Plan, Task::Doctor, Task::Deregister];
/// Tasks that need every use of an image: `apply` reads them again behind the fence.
pub(super) const USES: &[Task] = &[Task::Scan, Task::Plan, Task::Apply, Task::Doctor, Task::Deregister];
/// Telling which snapshots and volumes are left over.
const STORAGE: &[Task] = &[Task::Storage, Task::Doctor];
/// Tasks that look at images.
const LOOKING: &[Task] = &[
    Task::Scan,
    Task::Plan,
    Task::Apply,
    Task::Undo,
    Task::Doctor,
    Task::Deprecate,
    Task::Disable,
    Task::Protect,
    Task::Share,
    Task::Copy,
    Task::Create,
    Task::Register,
    Task::Publish,
    Task::Bundles,
    Task::Store,
    Task::RestoreFromS3,
    Task::Import,
    Task::Deregister,
    Task::Terminate,
    Task::Bin,
    Task::Rollout,
    Task::Launch,
    Task::Find,
];
/// Tasks that ask who else may launch an image.
const SHARED: &[Task] = &[
    Task::Scan,
    Task::Plan,
    Task::Apply,
    Task::Undo,
    Task::Doctor,
    Task::Disable,
    Task::Share,
    Task::Copy,
    Task::Create,
    Task::Register,
    Task::Deregister,
    Task::RestoreFromS3,
];
/// Tasks that want a second opinion on the uses of an image: disabling warns of them.
const WITNESS: &[Task] = &[Task::Scan, Task::Plan, Task::Doctor, Task::Disable, Task::Deregister];
/// Tasks that deregister images, behind the fence.
const RETIRING: &[Task] = &[Task::Apply, Task::Deregister];
/// Making an image can be followed by what is said of it from then on.
const DEPRECATING: &[Task] = &[Task::Deprecate, Task::Create, Task::Register, Task::RestoreFromS3];
const PROTECTING: &[Task] = &[Task::Protect, Task::Create, Task::Register, Task::RestoreFromS3];
const SHARING: &[Task] = &[Task::Share, Task::Copy, Task::Create, Task::Register, Task::RestoreFromS3];

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
    row!(Need::Source(Source::LaunchPermissions), SHARED, "who else may launch an image", [DescribeLaunchPermissions]),
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
    row!(Need::Source(Source::SsmParameters), USES, "image ids in SSM parameters", [DescribeParameters, GetParameters]),
    row!(
        Need::Source(Source::ImageBuilder),
        USES,
        "recipes and distributions of Image Builder",
        [ListImageRecipes, ListContainerRecipes, ListImages, ListImageBuildVersions, ListResources, GetResource],
        ["AWS::ImageBuilder::DistributionConfiguration"],
        ["imagebuilder:GetDistributionConfiguration", "imagebuilder:ListDistributionConfigurations"]
    ),
    row!(
        Need::Source(Source::EksNodeGroups),
        USES,
        "EKS node groups",
        [ListResources, GetResource],
        ["AWS::EKS::Cluster", "AWS::EKS::Nodegroup"],
        ["eks:DescribeCluster", "eks:DescribeNodegroup", "eks:ListClusters", "eks:ListNodegroups"]
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
        Need::Source(Source::Emr),
        USES,
        "EMR clusters",
        [ListClusters, DescribeCluster, ListInstanceGroups, ListInstanceFleets]
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
        "SageMaker HyperPod clusters",
        [ListResources, GetResource],
        ["AWS::SageMaker::Cluster"],
        ["sagemaker:DescribeCluster", "sagemaker:ListClusters", "sagemaker:ListTags"]
    ),
    row!(
        Need::Source(Source::Pcs),
        USES,
        "compute node groups of the Parallel Computing Service",
        [ListResources, GetResource],
        ["AWS::PCS::Cluster", "AWS::PCS::ComputeNodeGroup"],
        [
            "pcs:GetCluster",
            "pcs:GetComputeNodeGroup",
            "pcs:ListClusters",
            "pcs:ListComputeNodeGroups",
            "pcs:ListTagsForResource"
        ]
    ),
    row!(
        Need::Source(Source::Codebuild),
        USES,
        "fleets of CodeBuild",
        [ListResources, GetResource],
        ["AWS::CodeBuild::Fleet"],
        ["codebuild:BatchGetFleets", "codebuild:ListFleets"]
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
            "workspaces-instances:GetWorkspaceInstance",
            "workspaces-instances:ListTagsForResource",
            "workspaces-instances:ListWorkspaceInstances"
        ]
    ),
    row!(
        Need::Source(Source::Cloudformation),
        USES,
        "templates and parameters of CloudFormation stacks",
        [ListResources, GetResource],
        ["AWS::CloudFormation::Stack"],
        [
            "cloudformation:DescribeStacks",
            "cloudformation:GetStackPolicy",
            "cloudformation:GetTemplate",
            "cloudformation:ListStacks"
        ]
    ),
    row!(
        Need::Source(Source::ServiceCatalog),
        USES,
        "products of Service Catalog",
        [ListResources, GetResource],
        ["AWS::ServiceCatalog::CloudFormationProduct"],
        [
            "servicecatalog:DescribeProductAsAdmin",
            "servicecatalog:DescribeProvisioningArtifact",
            "servicecatalog:ListProvisioningArtifacts",
            "servicecatalog:ListTagsForResource",
            "servicecatalog:SearchProductsAsAdmin"
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
    row!(Need::Witness, WITNESS, "a second opinion on the uses of images that would go", [DescribeImageReferences]),
    row!(
        Need::UsageReports,
        EVIDENCE,
        "how other accounts use the images that are shared with them",
        [CreateImageUsageReport, DescribeImageUsageReports, DescribeImageUsageReportEntries, DeleteImageUsageReport]
    ),
    row!(
        Need::Source(Source::Volumes),
        STORAGE,
        "volumes, and the snapshots that they were made from",
        [DescribeVolumes]
    ),
    row!(
        Need::Source(Source::RecycleBin),
        STORAGE,
        "images and snapshots in the Recycle Bin",
        [ListImagesInRecycleBin, ListSnapshotsInRecycleBin]
    ),
    row!(Need::Source(Source::SnapshotLocks), STORAGE, "locks on snapshots", [DescribeLockedSnapshots]),
    row!(
        Need::Source(Source::FastSnapshotRestores),
        STORAGE,
        "snapshots kept ready for fast restore",
        [DescribeFastSnapshotRestores]
    ),
    row!(
        Need::Source(Source::SnapshotPermissions),
        STORAGE,
        "who else may use a snapshot",
        [DescribeSnapshotPermissions]
    ),
    row!(
        Need::Aggregator,
        &[Task::Aggregator],
        "what an aggregator of AWS Config knows of instances and launch configurations",
        [SelectAggregateResourceConfig]
    ),
    row!(
        Need::FilesInS3,
        &[Task::FilesInS3],
        "files in S3 that hold image ids",
        [GetBucketLocation, ListObjectsV2, GetObject]
    ),
    row!(Need::Quotas, LOOKING, "how many requests a second are allowed, and how many images", [ListServiceQuotas]),
    row!(
        Need::Accounts,
        &[Task::Accounts],
        "the accounts of the organisation",
        [ListAccounts, ListOrganizationalUnitsForParent]
    ),
    row!(
        Need::Recovery,
        &[Task::Apply, Task::Doctor, Task::Deregister],
        "whether the Recycle Bin keeps what is deregistered",
        [ListRules, GetRule]
    ),
    row!(
        Need::Held,
        RETIRING,
        "snapshots that are locked or kept ready, and Allowed AMIs, before images are touched",
        [DescribeLockedSnapshots, DescribeFastSnapshotRestores, GetAllowedImagesSettings]
    ),
    row!(
        Need::Settings,
        &[Task::Doctor],
        "Allowed AMIs and block public access",
        [GetAllowedImagesSettings, GetImageBlockPublicAccessState]
    ),
    row!(
        Need::Fence,
        RETIRING,
        "disable an image before it goes, or enable it again",
        [DisableImage, EnableImage, ModifyLaunchPermissions]
    ),
    row!(Need::Deregister, RETIRING, "deregister images and delete their snapshots", [DeregisterImage, DeleteSnapshot]),
    row!(
        Need::Stages,
        &[Task::Apply],
        "deprecate images, keep their stage in their tags, and take both back",
        [EnableImageDeprecation, DisableImageDeprecation, CreateTags, DeleteTags]
    ),
    row!(
        Need::Archive,
        &[Task::Apply],
        "archive the snapshots of disabled images, and take them out again where an image is kept after all",
        [
            DescribeSnapshots,
            DescribeSnapshotPermissions,
            DescribeSnapshotTierStatus,
            ModifySnapshotTier,
            RestoreSnapshotTier
        ]
    ),
    row!(
        Need::Unarchive,
        &[Task::Undo],
        "take snapshots out of the archive",
        [DescribeSnapshotTierStatus, RestoreSnapshotTier]
    ),
    row!(
        Need::Deprecation,
        DEPRECATING,
        "say from when on an image is deprecated",
        [EnableImageDeprecation, DisableImageDeprecation]
    ),
    row!(
        Need::Disabling,
        &[Task::Disable],
        "disable images and enable them",
        [DisableImage, EnableImage, ModifyLaunchPermissions]
    ),
    row!(
        Need::Protection,
        PROTECTING,
        "protect images from being deregistered",
        [EnableImageDeregistrationProtection, DisableImageDeregistrationProtection]
    ),
    row!(Need::Sharing, SHARING, "share images with others", [ModifyLaunchPermissions]),
    row!(
        Need::SnapshotSharing,
        &[Task::Share],
        "share the snapshots of an image, and see whether sharing with everybody is blocked",
        [DescribeSnapshotPermissions, ModifySnapshotPermissions, GetImageBlockPublicAccessState]
    ),
    row!(
        Need::Copying,
        &[Task::Copy],
        "copy images into other Regions, and disable what was made when that is taken back",
        [CopyImage, DisableImage]
    ),
    row!(
        Need::Creating,
        &[Task::Create],
        "make images of instances, and disable what was made when that is taken back",
        [DescribeInstances, CreateImage, DisableImage]
    ),
    row!(
        Need::Registering,
        &[Task::Register],
        "make images of snapshots and of bundles in S3, see what they were made of, and disable what was made when that is taken back",
        [
            DescribeSnapshots,
            DescribeVolumes,
            DescribeInstances,
            RegisterImage,
            DisableImage,
            GetBucketLocation,
            ListObjectsV2,
            GetObject
        ]
    ),
    row!(
        Need::Publishing,
        &[Task::Publish],
        "name images by SSM parameters, and see what those named before",
        [GetParameters, GetParameterHistory, PutParameter]
    ),
    row!(
        Need::Bundles,
        &[Task::Bundles],
        "the manifests and parts of instance-store images",
        [GetBucketLocation, ListObjectsV2, ListObjectVersions, GetObject]
    ),
    row!(
        Need::DeleteBundles,
        &[Task::Bundles],
        "delete bundles that no image is made of, and buckets that are empty then",
        [DeleteObjects, DeleteBucket],
        [],
        ["s3:DeleteObjectVersion"]
    ),
    row!(
        Need::Storing,
        &[Task::Store],
        "store images as objects in S3, which EC2 does in the caller's name",
        [GetBucketLocation, ListObjectsV2, DescribeStoreImageTasks, CreateStoreImageTask],
        [],
        [
            "ebs:GetSnapshotBlock",
            "ebs:ListChangedBlocks",
            "ebs:ListSnapshotBlocks",
            "ec2:DescribeSnapshots",
            "ec2:DescribeTags",
            "s3:AbortMultipartUpload",
            "s3:GetObject",
            "s3:PutObject",
            "s3:PutObjectTagging"
        ]
    ),
    row!(
        Need::Restoring,
        &[Task::RestoreFromS3],
        "make images of stored ones, and disable what was made when that is taken back",
        [GetBucketLocation, CreateRestoreImageTask, DisableImage],
        [],
        ["ebs:CompleteSnapshot", "ebs:PutSnapshotBlock", "ebs:StartSnapshot", "s3:GetObject", "s3:ListBucket"]
    ),
    row!(
        Need::Importing,
        &[Task::Import],
        "make snapshots of disks in files, once",
        [DescribeSnapshots, StartSnapshot, PutSnapshotBlock, CompleteSnapshot]
    ),
    row!(
        Need::ImportingByS3,
        &[Task::Import],
        "make snapshots of disks by way of S3, which formats other than raw need",
        [
            GetBucketLocation,
            ListObjectsV2,
            CreateMultipartUpload,
            UploadPart,
            ListParts,
            CompleteMultipartUpload,
            ImportSnapshot,
            DescribeImportSnapshotTasks,
            CreateTags
        ],
        [],
        ["s3:GetObject"]
    ),
    row!(
        Need::Undo,
        &[Task::Undo],
        "give images back: enable them with their launch permissions, take back deprecations and tags",
        [EnableImage, ModifyLaunchPermissions, EnableImageDeprecation, DisableImageDeprecation, CreateTags, DeleteTags]
    ),
    row!(
        Need::Restore,
        &[Task::Undo],
        "restore images and their snapshots from the Recycle Bin",
        [
            ListImagesInRecycleBin,
            ListSnapshotsInRecycleBin,
            DescribeSnapshots,
            RestoreSnapshotFromRecycleBin,
            RestoreImageFromRecycleBin,
            DisableImage,
            ListVolumesInRecycleBin,
            DescribeVolumes,
            RestoreVolumeFromRecycleBin
        ]
    ),
    row!(
        Need::LeftSnapshots,
        &[Task::DeleteSnapshots],
        "delete snapshots that images left behind, and say whether the Recycle Bin keeps them",
        [DeleteSnapshot, ListRules, GetRule]
    ),
    row!(
        Need::LeftVolumes,
        &[Task::DeleteVolumes],
        "delete volumes that instances left behind, and say whether the Recycle Bin keeps them",
        [DeleteVolume, ListRules, GetRule]
    ),
    row!(
        Need::Terminating,
        &[Task::Terminate],
        "terminate instances that are not protected",
        [DescribeInstances, DescribeInstanceAttribute, TerminateInstances]
    ),
    row!(
        Need::Bin,
        &[Task::Bin],
        "see what is in the Recycle Bin, and take it out",
        [
            ListImagesInRecycleBin,
            ListSnapshotsInRecycleBin,
            ListVolumesInRecycleBin,
            DescribeSnapshots,
            DescribeVolumes,
            RestoreSnapshotFromRecycleBin,
            RestoreImageFromRecycleBin,
            RestoreVolumeFromRecycleBin
        ]
    ),
    row!(Need::Notices, &[Task::Notify], "tell owners through SNS what is to come", [Publish]),
    row!(
        Need::Rollout,
        &[Task::Rollout],
        "let launch templates launch an image, and replace the instances of their groups, which takes what launching them does",
        [
            DescribeLaunchTemplates,
            DescribeLaunchTemplateVersions,
            CreateLaunchTemplateVersion,
            ModifyLaunchTemplate,
            DescribeAutoScalingGroups,
            DescribeInstanceRefreshes,
            StartInstanceRefresh,
            CancelInstanceRefresh,
            RollbackInstanceRefresh
        ],
        [],
        ["ec2:RunInstances"]
    ),
    row!(
        Need::Launching,
        &[Task::Launch],
        "launch instances, and see them run",
        [DescribeLaunchTemplates, DescribeLaunchTemplateVersions, RunInstances, DescribeInstances]
    ),
    row!(
        Need::Finding,
        &[Task::Find, Task::Rollout, Task::Launch],
        "images that are named by parameters",
        [GetParameters]
    ),
];
