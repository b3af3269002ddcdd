//! What reading a source takes: the operations that are called, and the IAM actions that they need.

use std::collections::BTreeSet;

use amictl_cloud::{Operation, OperationSpec, ops};
use amictl_model::Source;

use crate::sources::{cloud_control, image_builder};

/// The declarations of some operations.
macro_rules! specs {
    ($($operation:ident),+ $(,)?) => {
        &[$(<ops::$operation as Operation>::SPEC),+]
    };
}

/// The operations that a source is read by, those that follow a name to its image included.
#[must_use]
pub fn operations_of(source: Source) -> &'static [OperationSpec] {
    match source {
        Source::Images => specs![DescribeImages],
        Source::Snapshots => specs![DescribeSnapshots],
        Source::LaunchPermissions => specs![DescribeLaunchPermissions],
        Source::Instances => specs![DescribeInstances],
        Source::InstanceImageMetadata => specs![DescribeInstanceImageMetadata],
        Source::RootVolumeReplacements => specs![DescribeReplaceRootVolumeTasks],
        Source::LaunchTemplates => specs![DescribeLaunchTemplates, DescribeLaunchTemplateVersions, GetParameters],
        Source::LaunchConfigurations => specs![DescribeLaunchConfigurations],
        Source::AutoScalingGroups => {
            specs![DescribeAutoScalingGroups, DescribeLaunchTemplateVersions, GetParameters]
        }
        Source::InstanceRefreshes => {
            specs![DescribeAutoScalingGroups, DescribeInstanceRefreshes, DescribeLaunchTemplateVersions]
        }
        Source::WarmPools => specs![DescribeAutoScalingGroups, DescribeWarmPool, DescribeLaunchTemplateVersions],
        Source::Ec2Fleets => specs![DescribeFleets, DescribeLaunchTemplateVersions, GetParameters],
        Source::SpotFleets => specs![DescribeSpotFleetRequests, DescribeLaunchTemplateVersions],
        Source::SpotRequests => specs![DescribeSpotInstanceRequests],
        Source::FastLaunch => specs![DescribeFastLaunchImages, DescribeLaunchTemplateVersions],
        Source::ImageTasks => specs![DescribeStoreImageTasks, DescribeExportImageTasks, DescribeImportImageTasks],
        Source::SsmParameters => specs![DescribeParameters, GetParameters],
        Source::ImageBuilder => specs![
            ListImageRecipes,
            ListContainerRecipes,
            ListImages,
            ListImageBuildVersions,
            ListResources,
            GetResource,
            GetParameters,
            DescribeLaunchTemplateVersions,
        ],
        Source::Emr => specs![ListClusters, DescribeCluster, ListInstanceGroups, ListInstanceFleets],
        Source::EksNodeGroups | Source::Batch | Source::Sagemaker | Source::Pcs => {
            specs![ListResources, GetResource, DescribeLaunchTemplateVersions]
        }
        Source::ElasticBeanstalk
        | Source::Codebuild
        | Source::RdsCustom
        | Source::WorkspacesInstances
        | Source::Cloudformation
        | Source::ServiceCatalog => specs![ListResources, GetResource],
        Source::Backup => specs![ListBackupVaults, ListRecoveryPointsByBackupVault],
        Source::ImageReferences => specs![DescribeImageReferences],
        Source::ImageUsage => specs![
            DescribeImageUsageReports,
            CreateImageUsageReport,
            DescribeImageUsageReportEntries,
            DeleteImageUsageReport,
        ],
        // AWS has no part in it.
        Source::Files => &[],
    }
}

/// The IAM actions of the services themselves that Cloud Control needs to read a source: it reads with the caller's own
/// permissions. None for a source that is not read through Cloud Control.
#[must_use]
pub fn handler_actions(source: Source) -> Vec<&'static str> {
    match source {
        Source::ImageBuilder => image_builder::ACTIONS.to_vec(),
        _ => cloud_control::kinds_of(source).iter().flat_map(|kind| kind.actions).copied().collect(),
    }
}

/// Every IAM action that reading a source needs.
#[must_use]
pub fn iam_actions(source: Source) -> BTreeSet<String> {
    let mut actions: BTreeSet<String> = handler_actions(source).into_iter().map(str::to_owned).collect();
    for spec in operations_of(source) {
        actions.insert(spec.iam_action());
        actions.extend(spec.also_needs.iter().map(|action| (*action).to_owned()));
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_only_reads_and_names_its_actions() {
        // Usage reports are made and deleted, and files are not AWS's.
        for source in Source::ALL.iter().filter(|source| !matches!(source, Source::ImageUsage | Source::Files)) {
            let operations = operations_of(*source);
            assert!(!operations.is_empty(), "{source}");
            assert!(operations.iter().all(|spec| spec.effect == amictl_cloud::Effect::Read), "{source}");
            for action in iam_actions(*source) {
                let (service, name) = action.split_once(':').unwrap();
                assert!(service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{action}");
                let reads = ["Describe", "Get", "List", "Search", "BatchGet"];
                assert!(reads.iter().any(|verb| name.starts_with(verb)), "{action}");
            }
        }
    }

    #[test]
    fn what_is_read_through_cloud_control_needs_its_services_permissions() {
        for source in Source::ALL {
            let by_cloud_control = operations_of(*source).iter().any(|spec| spec.name == "ListResources");
            assert_eq!(by_cloud_control, !handler_actions(*source).is_empty(), "{source}");
        }
        assert!(iam_actions(Source::EksNodeGroups).contains("eks:DescribeNodegroup"));
    }
}
