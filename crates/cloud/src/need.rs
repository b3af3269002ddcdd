//! What each operation is there for: the one table that permissions, `amictl doctor` and `amictl iam-policy` are made from.

use amictl_model::Source;

use crate::ops::*;
use crate::{Operation, OperationSpec};

/// Something that amictl does with the account, for which it needs operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// Whose credentials these are, and which Regions are enabled.
    Session,
    /// A source of the inventory.
    Source(Source),
    /// Following names that resources have for images.
    Names,
    /// A second opinion on the images that would go.
    Witness,
    /// How other accounts use the images that are shared with them.
    UsageReports,
    /// What an aggregator of AWS Config knows.
    Aggregator,
    /// Files in S3 that hold image ids.
    FilesInS3,
    /// How many requests a second AWS allows, and how many images.
    Quotas,
    /// The accounts of the organisation.
    Accounts,
    /// Whether what is deregistered can come back.
    Recovery,
    /// Whether something holds the snapshots that would go.
    Held,
    /// The account's settings for images.
    Settings,
    /// Making an image impossible to launch before it goes, and taking that back.
    Fence,
    /// Deregistering images and deleting their snapshots.
    Deregister,
    /// The stages before that: deprecating images, keeping their stage in their tags, and giving them back.
    Stages,
    /// Saying from when on images are deprecated.
    Deprecation,
    /// Disabling images and enabling them.
    Disabling,
    /// Protecting images from being deregistered.
    Protection,
    /// Sharing images.
    Sharing,
    /// Sharing snapshots, and what may forbid sharing with everybody.
    SnapshotSharing,
    /// Copying images, also into other Regions.
    Copying,
    /// Making images of instances.
    Creating,
    /// Naming images by SSM parameters.
    Publishing,
    /// Bundles of instance-store images in S3.
    Bundles,
    /// Deleting bundles.
    DeleteBundles,
    /// Storing images in S3.
    Storing,
    /// Making images of stored ones.
    Restoring,
    /// Taking back what a run did.
    Undo,
    /// Taking images out of the Recycle Bin.
    Restore,
    /// Deleting snapshots that images left behind.
    LeftSnapshots,
    /// Deleting volumes that instances left behind.
    LeftVolumes,
    /// Terminating instances.
    Terminating,
    /// Seeing what is in the Recycle Bin, and taking it out.
    Bin,
    /// Telling owners what is to come.
    Notices,
}

/// What a command line asks permissions for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Task {
    /// `scan`, `list`, `show`, `refs`, `explain`, `tree`.
    Scan,
    /// `plan`.
    Plan,
    /// `apply` and `resume`.
    Apply,
    /// `undo`.
    Undo,
    /// `notify`, beside what `scan` needs, where the policy names a topic.
    Notify,
    /// `doctor`.
    Doctor,
    /// `snapshots` and `volumes`, beside what `scan` needs.
    Storage,
    /// `deprecate` and `undeprecate`.
    Deprecate,
    /// `disable` and `enable`.
    Disable,
    /// `protect` and `unprotect`.
    Protect,
    /// `share` and `unshare`.
    Share,
    /// `copy`.
    Copy,
    /// `create`.
    Create,
    /// `publish`, `promote` and `rollback`.
    Publish,
    /// `bundles delete`, beside what `plan` and `apply` need; `bundles list` needs its reading part.
    Bundles,
    /// `store`.
    Store,
    /// `restore-from-s3`.
    RestoreFromS3,
    /// `deregister`.
    Deregister,
    /// `snapshots --delete`, beside what `snapshots` needs.
    DeleteSnapshots,
    /// `volumes --delete`, beside what `volumes` needs.
    DeleteVolumes,
    /// `terminate`.
    Terminate,
    /// `bin`.
    Bin,
    /// A scan over the accounts of an organisation.
    Accounts,
    /// A scan with `--config-aggregator`.
    Aggregator,
    /// A scan with `--references-from s3://…`.
    FilesInS3,
}

impl Task {
    /// Every task, in the order of the enum.
    pub const ALL: &'static [Self] = &[
        Self::Scan,
        Self::Plan,
        Self::Apply,
        Self::Undo,
        Self::Notify,
        Self::Doctor,
        Self::Storage,
        Self::Deprecate,
        Self::Disable,
        Self::Protect,
        Self::Share,
        Self::Copy,
        Self::Create,
        Self::Publish,
        Self::Bundles,
        Self::Store,
        Self::RestoreFromS3,
        Self::Deregister,
        Self::DeleteSnapshots,
        Self::DeleteVolumes,
        Self::Terminate,
        Self::Bin,
        Self::Accounts,
        Self::Aggregator,
        Self::FilesInS3,
    ];

    /// Whether it changes images.
    #[must_use]
    pub fn changes(self) -> bool {
        match self {
            Self::Apply
            | Self::Undo
            | Self::Notify
            | Self::Deprecate
            | Self::Disable
            | Self::Protect
            | Self::Share
            | Self::Copy
            | Self::Create
            | Self::Deregister
            | Self::DeleteSnapshots
            | Self::DeleteVolumes
            | Self::Terminate
            | Self::Bin
            | Self::Publish
            | Self::Store
            | Self::RestoreFromS3
            | Self::Bundles => true,
            Self::Scan
            | Self::Plan
            | Self::Doctor
            | Self::Storage
            | Self::Accounts
            | Self::Aggregator
            | Self::FilesInS3 => false,
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct NeedRow {
    /// The need.
    pub need: Need,
    /// What it is for, as a fragment for a person.
    pub purpose: &'static str,
    /// The operations that serve it.
    pub operations: &'static [OperationSpec],
    /// What the operations are about where a permission depends on it, such as the resource types of Cloud Control.
    pub subjects: &'static [&'static str],
    /// IAM actions beside those that the operations declare.
    pub actions: &'static [&'static str],
    /// The tasks that have this need.
    pub tasks: &'static [Task],
}

impl NeedRow {
    /// The IAM actions of this row, sorted.
    #[must_use]
    pub fn iam_actions(&self) -> Vec<String> {
        let of_operations = self.operations.iter().flat_map(OperationSpec::iam_actions);
        let mut actions: Vec<String> = of_operations.chain(self.actions.iter().map(ToString::to_string)).collect();
        actions.sort_unstable();
        actions.dedup();
        actions
    }
}

/// The row of a need.
#[must_use]
pub fn need(need: Need) -> Option<&'static NeedRow> {
    NEEDS.iter().find(|row| row.need == need)
}

/// Tasks that need the whole inventory.
const EVIDENCE: &[Task] = &[Task::Scan, Task::Plan, Task::Doctor, Task::Deregister];
/// Tasks that need every use of an image: `apply` reads them again behind the fence.
const USES: &[Task] = &[Task::Scan, Task::Plan, Task::Apply, Task::Doctor, Task::Deregister];
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
    Task::Publish,
    Task::Bundles,
    Task::Store,
    Task::RestoreFromS3,
    Task::Deregister,
    Task::Terminate,
    Task::Bin,
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
    Task::Deregister,
    Task::RestoreFromS3,
];
/// Tasks that want a second opinion on the uses of an image: disabling warns of them.
const WITNESS: &[Task] = &[Task::Scan, Task::Plan, Task::Doctor, Task::Disable, Task::Deregister];
/// Tasks that deregister images, behind the fence.
const RETIRING: &[Task] = &[Task::Apply, Task::Deregister];
/// Making an image can be followed by what is said of it from then on.
const DEPRECATING: &[Task] = &[Task::Deprecate, Task::Create, Task::RestoreFromS3];
const PROTECTING: &[Task] = &[Task::Protect, Task::Create, Task::RestoreFromS3];
const SHARING: &[Task] = &[Task::Share, Task::Copy, Task::Create, Task::RestoreFromS3];

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
        "snapshots that are locked or kept ready, before their images are touched",
        [DescribeLockedSnapshots, DescribeFastSnapshotRestores]
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
];

#[cfg(test)]
mod tests {
    use super::*;

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
        for source in Source::ALL {
            let expected = match source {
                Source::ImageReferences => Need::Witness,
                Source::ImageUsage => Need::UsageReports,
                Source::Files => Need::FilesInS3,
                Source::ConfigAggregator => Need::Aggregator,
                source => Need::Source(*source),
            };
            assert!(need(expected).is_some(), "{source}");
        }
        for source in Source::REFERENCES {
            let tasks = need(Need::Source(*source)).map(|row| row.tasks);
            assert_eq!(tasks, Some(USES), "{source}: apply reads it again behind the fence");
        }
    }

    #[test]
    fn reading_tasks_change_nothing_but_usage_reports() {
        for row in NEEDS.iter().filter(|row| row.need != Need::UsageReports) {
            let reads = row.operations.iter().all(|spec| spec.effect == crate::Effect::Read);
            assert!(reads || row.tasks.iter().all(|task| task.changes()), "{:?}", row.need);
        }
    }
}
