//! The places that are read for an inventory, by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! sources {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// One place that is read: an operation, or several that belong together. Its name stands in coverage, reasons and policies.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Source {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl Source {
            /// Every source.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in files and output.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

sources! {
    /// The account's images, deprecated and disabled ones too.
    Images = "images",
    /// The account's snapshots.
    Snapshots = "snapshots",
    /// Launch permissions of the images whose verdict depends on them.
    LaunchPermissions = "launch_permissions",
    /// Usage reports of the images that other accounts may launch and whose verdict depends on it.
    ImageUsage = "image_usage",
    /// What EC2 itself knows of references to the images that would be retired: a second witness.
    ImageReferences = "image_references",
    /// Volumes.
    Volumes = "volumes",
    /// Images and snapshots in the Recycle Bin.
    RecycleBin = "recycle_bin",
    /// Locks on snapshots.
    SnapshotLocks = "snapshot_locks",
    /// Snapshots that are kept ready for fast restore.
    FastSnapshotRestores = "fast_snapshot_restores",
    /// Who else may use the snapshots that nothing uses.
    SnapshotPermissions = "snapshot_permissions",
    /// An aggregator of AWS Config that the scan was told to ask.
    ConfigAggregator = "config_aggregator",
    /// Files that the scan was told to read.
    Files = "files",
    /// Instances in every state but terminated.
    Instances = "instances",
    /// Instances by what EC2 keeps of their images, deregistered ones too.
    InstanceImageMetadata = "instance_image_metadata",
    /// Root volumes that are being replaced from an image.
    RootVolumeReplacements = "root_volume_replacements",
    /// Every version of every launch template, raw and with aliases resolved.
    LaunchTemplates = "launch_templates",
    /// Launch configurations, attached or not.
    LaunchConfigurations = "launch_configurations",
    /// Auto Scaling groups with all their overrides.
    AutoScalingGroups = "auto_scaling_groups",
    /// Instance refreshes under way.
    InstanceRefreshes = "instance_refreshes",
    /// Instances of warm pools.
    WarmPools = "warm_pools",
    /// EC2 Fleets that still launch.
    Ec2Fleets = "ec2_fleets",
    /// Spot Fleets that still launch.
    SpotFleets = "spot_fleets",
    /// Spot requests that are open or come back.
    SpotRequests = "spot_requests",
    /// Windows images kept ready for fast launch.
    FastLaunch = "fast_launch",
    /// Store, export and import tasks in flight.
    ImageTasks = "image_tasks",
    /// Parameters of Systems Manager whose value holds an image id.
    SsmParameters = "ssm_parameters",
    /// Recipes and distribution configurations of Image Builder.
    ImageBuilder = "image_builder",
    /// Node groups of EKS clusters.
    EksNodeGroups = "eks_node_groups",
    /// Compute environments of AWS Batch.
    Batch = "batch",
    /// EMR clusters that still run.
    Emr = "emr",
    /// Saved configurations of Elastic Beanstalk.
    ElasticBeanstalk = "elastic_beanstalk",
    /// HyperPod clusters of SageMaker.
    Sagemaker = "sagemaker",
    /// Compute node groups of the Parallel Computing Service.
    Pcs = "pcs",
    /// Fleets of CodeBuild.
    Codebuild = "codebuild",
    /// Engine versions of RDS Custom.
    RdsCustom = "rds_custom",
    /// WorkSpaces Instances.
    WorkspacesInstances = "workspaces_instances",
    /// Templates and parameters of CloudFormation stacks.
    Cloudformation = "cloudformation",
    /// Products of Service Catalog.
    ServiceCatalog = "service_catalog",
    /// Recovery points of AWS Backup.
    Backup = "backup",
}

impl Source {
    /// The sources that can name an image in use. One that is not complete blocks every image of its account and Region.
    pub const REFERENCES: &'static [Self] = &[
        Self::Instances,
        Self::InstanceImageMetadata,
        Self::RootVolumeReplacements,
        Self::LaunchTemplates,
        Self::LaunchConfigurations,
        Self::AutoScalingGroups,
        Self::InstanceRefreshes,
        Self::WarmPools,
        Self::Ec2Fleets,
        Self::SpotFleets,
        Self::SpotRequests,
        Self::FastLaunch,
        Self::ImageTasks,
        Self::SsmParameters,
        Self::ImageBuilder,
        Self::EksNodeGroups,
        Self::Batch,
        Self::Emr,
        Self::ElasticBeanstalk,
        Self::Sagemaker,
        Self::Pcs,
        Self::Codebuild,
        Self::RdsCustom,
        Self::WorkspacesInstances,
        Self::Cloudformation,
        Self::ServiceCatalog,
        Self::Backup,
    ];

    /// What is read beside the inventory of images to tell which snapshots and volumes are left over.
    pub const STORAGE: &'static [Self] =
        &[Self::Volumes, Self::RecycleBin, Self::SnapshotLocks, Self::FastSnapshotRestores, Self::SnapshotPermissions];

    /// Whether it is read only where something depends on it, so that not having read it is nothing odd.
    #[must_use]
    pub fn is_read_on_demand(self) -> bool {
        let of_images =
            [Self::LaunchPermissions, Self::ImageUsage, Self::ImageReferences, Self::ConfigAggregator, Self::Files];
        of_images.contains(&self) || Self::STORAGE.contains(&self)
    }

    /// Whether a policy may say that this source is not used, so that it need not be read; without usage reports, an image that others may
    /// launch stays.
    #[must_use]
    pub fn may_be_not_used(self) -> bool {
        matches!(self, Self::ImageUsage | Self::ImageReferences) || Self::REFERENCES.contains(&self)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|source| source.as_str() == text);
        found.copied().ok_or_else(|| format!("`{text}` is not a source"))
    }
}
