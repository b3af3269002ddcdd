//! How an operation is declared, and the port itself.

use std::fmt;

use amictl_model::Region;
use futures::future::BoxFuture;

use crate::{Bucket, CloudError, documented_bucket, ops};

/// An AWS service that amictl speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Amazon EC2.
    Ec2,
    /// Amazon EC2 Auto Scaling.
    AutoScaling,
    /// AWS Security Token Service.
    Sts,
    /// AWS Systems Manager.
    Ssm,
    /// Recycle Bin.
    Rbin,
    /// EC2 Image Builder.
    ImageBuilder,
    /// Service Quotas.
    ServiceQuotas,
    /// AWS Organizations.
    Organizations,
    /// AWS Cloud Control API.
    CloudControl,
    /// EBS direct APIs.
    Ebs,
    /// Amazon S3.
    S3,
    /// Amazon SNS.
    Sns,
    /// AWS Backup.
    Backup,
    /// Amazon EMR.
    Emr,
    /// AWS Config.
    Config,
}

impl Service {
    /// The prefix of the service's IAM actions.
    #[must_use]
    pub fn iam_prefix(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::AutoScaling => "autoscaling",
            Self::Sts => "sts",
            Self::Ssm => "ssm",
            Self::Rbin => "rbin",
            Self::ImageBuilder => "imagebuilder",
            Self::ServiceQuotas => "servicequotas",
            Self::Organizations => "organizations",
            Self::CloudControl => "cloudformation",
            Self::Ebs => "ebs",
            Self::S3 => "s3",
            Self::Sns => "sns",
            Self::Backup => "backup",
            Self::Emr => "elasticmapreduce",
            Self::Config => "config",
        }
    }
}

/// Whether a call changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It only reads: it may be sent again freely.
    Read,
    /// It changes something: a lost answer is resolved by looking.
    Mutating,
}

/// An operation as declared: everything but its request and reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OperationSpec {
    /// The service.
    pub service: Service,
    /// The API's name, such as `DescribeImages`.
    pub name: &'static str,
    /// Further IAM actions that it needs beside the one of its own name.
    pub also_needs: &'static [&'static str],
    /// Whether it changes anything.
    pub effect: Effect,
    /// Whether work goes on without its answer, so that nobody is kept waiting long for it.
    pub dispensable: bool,
}

impl OperationSpec {
    /// A reading operation.
    #[must_use]
    pub const fn read(service: Service, name: &'static str) -> Self {
        Self { service, name, also_needs: &[], effect: Effect::Read, dispensable: false }
    }

    /// An operation that changes something.
    #[must_use]
    pub const fn mutating(service: Service, name: &'static str) -> Self {
        Self { service, name, also_needs: &[], effect: Effect::Mutating, dispensable: false }
    }

    /// The same, needing further IAM actions.
    #[must_use]
    pub const fn also_needs(mut self, actions: &'static [&'static str]) -> Self {
        self.also_needs = actions;
        self
    }

    /// The same, whose failure is told and stops nothing.
    #[must_use]
    pub const fn dispensable(mut self) -> Self {
        self.dispensable = true;
        self
    }

    /// The IAM action of its own name, such as `ec2:DescribeImages`; some of S3's operations have another's.
    #[must_use]
    pub fn iam_action(&self) -> String {
        let name = match (self.service, self.name) {
            (Service::S3, "ListObjectsV2") => "ListBucket",
            (Service::S3, "ListObjectVersions") => "ListBucketVersions",
            (Service::S3, "DeleteObjects") => "DeleteObject",
            (Service::S3, "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload") => "PutObject",
            (Service::S3, "ListParts") => "ListMultipartUploadParts",
            (_, name) => name,
        };
        format!("{}:{name}", self.service.iam_prefix())
    }

    /// Every IAM action that it needs; none for STS `GetCallerIdentity`, which nobody can be denied.
    pub fn iam_actions(&self) -> impl Iterator<Item = String> + use<> {
        let own = (self.service != Service::Sts).then(|| self.iam_action());
        own.into_iter().chain(self.also_needs.iter().map(ToString::to_string))
    }

    /// The token bucket that AWS documents for it.
    #[must_use]
    pub fn bucket(&self) -> Bucket {
        documented_bucket(self.service, self.name, self.effect)
    }
}

/// One operation of AWS: its declaration, its request and its reply.
pub trait Operation: 'static {
    /// What is asked.
    type Request: Clone + fmt::Debug + Send + Sync + 'static;
    /// What is answered.
    type Reply: fmt::Debug + Send + 'static;
    /// Its declaration.
    const SPEC: OperationSpec;

    /// What the permission depends on beside the operation, such as the type of resource; `None` where it is the operation alone.
    fn subject(_request: &Self::Request) -> Option<&str> {
        None
    }
}

/// Whoever can carry out the operation `O` with one account's credentials.
pub trait Call<O: Operation>: Send + Sync {
    /// Sends the call and waits for its answer; throttled and failed reads are retried within.
    ///
    /// # Errors
    /// [`CloudError`], once retrying is over or pointless.
    fn call<'a>(&'a self, region: &'a Region, request: O::Request) -> BoxFuture<'a, Result<O::Reply, CloudError>>;
}

macro_rules! port {
    ($($operation:ident),+ $(,)?) => {
        /// The whole port: one account's credentials, any Region.
        pub trait Cloud: $(Call<ops::$operation> +)+ Send + Sync {}

        impl<T> Cloud for T where T: $(Call<ops::$operation> +)+ Send + Sync {}

        impl OperationSpec {
            /// Every operation of the port.
            pub const ALL: &'static [Self] = &[$(<ops::$operation as Operation>::SPEC),+];
        }
    };
}

port!(
    CopyImage,
    CreateImage,
    CreateImageUsageReport,
    CreateRestoreImageTask,
    CreateStoreImageTask,
    CreateTags,
    DeleteBucket,
    DeleteImageUsageReport,
    DeleteObjects,
    DeleteSnapshot,
    DeleteTags,
    DeregisterImage,
    DescribeAutoScalingGroups,
    DescribeCluster,
    DescribeExportImageTasks,
    DescribeFastLaunchImages,
    DescribeFastSnapshotRestores,
    DescribeFleets,
    DescribeImageReferences,
    DescribeImageUsageReportEntries,
    DescribeImageUsageReports,
    DescribeImages,
    DescribeImportImageTasks,
    DescribeInstanceImageMetadata,
    DescribeInstanceRefreshes,
    DescribeInstances,
    DescribeLaunchConfigurations,
    DescribeLaunchPermissions,
    DescribeLaunchTemplateVersions,
    DescribeLaunchTemplates,
    DescribeLockedSnapshots,
    DescribeParameters,
    DescribeRegions,
    DescribeReplaceRootVolumeTasks,
    DescribeSnapshotPermissions,
    DescribeSnapshots,
    DescribeSpotFleetRequests,
    DescribeSpotInstanceRequests,
    DescribeStoreImageTasks,
    DescribeVolumes,
    DescribeWarmPool,
    DisableImage,
    DisableImageDeprecation,
    DisableImageDeregistrationProtection,
    EnableImage,
    EnableImageDeprecation,
    EnableImageDeregistrationProtection,
    GetAllowedImagesSettings,
    GetBucketLocation,
    GetCallerIdentity,
    GetImageBlockPublicAccessState,
    GetObject,
    GetParameterHistory,
    GetParameters,
    GetResource,
    GetRule,
    ListAccounts,
    ListBackupVaults,
    ListClusters,
    ListContainerRecipes,
    ListImageBuildVersions,
    ListImageRecipes,
    ListImages,
    ListImagesInRecycleBin,
    ListInstanceFleets,
    ListInstanceGroups,
    ListObjectVersions,
    ListObjectsV2,
    ListOrganizationalUnitsForParent,
    ListRecoveryPointsByBackupVault,
    ListResources,
    ListRules,
    ListServiceQuotas,
    ListSnapshotsInRecycleBin,
    ModifyLaunchPermissions,
    ModifySnapshotPermissions,
    PutParameter,
    RegisterImage,
    RestoreImageFromRecycleBin,
    RestoreSnapshotFromRecycleBin,
    Publish,
    SelectAggregateResourceConfig,
    DeleteVolume,
    DescribeInstanceAttribute,
    ListVolumesInRecycleBin,
    RestoreVolumeFromRecycleBin,
    TerminateInstances,
    CreateLaunchTemplateVersion,
    ModifyLaunchTemplate,
    StartInstanceRefresh,
    CancelInstanceRefresh,
    RollbackInstanceRefresh,
    RunInstances,
    DescribeSnapshotTierStatus,
    ModifySnapshotTier,
    RestoreSnapshotTier,
    StartSnapshot,
    PutSnapshotBlock,
    CompleteSnapshot,
    CreateMultipartUpload,
    UploadPart,
    ListParts,
    CompleteMultipartUpload,
    ImportSnapshot,
    DescribeImportSnapshotTasks,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_declared_once_and_named_as_aws_names_it() {
        let mut names: Vec<&str> = OperationSpec::ALL.iter().map(|spec| spec.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), OperationSpec::ALL.len());
        for spec in OperationSpec::ALL {
            let reads = ["Describe", "Get", "List", "Select"].iter().any(|prefix| spec.name.starts_with(prefix));
            assert_eq!(spec.effect == Effect::Read, reads, "{}", spec.name);
        }
    }
}
