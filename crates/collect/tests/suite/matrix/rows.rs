//! The rows: each a source, a world in which it alone names an image, and the operations that it is read by.

use std::fmt;

use super::account::Account;
use super::services;
use amictl_model::Source;

/// A row.
pub(crate) struct Row {
    pub(crate) source: Source,
    /// What it is about, where a source has several rows.
    what: &'static str,
    /// Makes the use of `$image`.
    pub(crate) build: fn(&mut Account),
    /// The calls that find it.
    pub(crate) reads: Vec<Read>,
    /// Other sources that cannot but see it as well.
    pub(crate) witnesses: &'static [Source],
    /// Whether the source can be read whole in this world.
    pub(crate) is_whole: bool,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.source, self.what)
    }
}

/// An operation that a source is read by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read {
    pub(crate) operation: &'static str,
    pub(crate) resource_type: Option<&'static str>,
    pub(crate) is_paged: bool,
}

pub(crate) const fn paged(operation: &'static str) -> Read {
    Read { operation, resource_type: None, is_paged: true }
}

pub(crate) const fn single(operation: &'static str) -> Read {
    Read { operation, resource_type: None, is_paged: false }
}

pub(crate) const fn listed(resource_type: &'static str) -> Read {
    Read { operation: "ListResources", resource_type: Some(resource_type), is_paged: true }
}

pub(crate) const fn got(resource_type: &'static str) -> Read {
    Read { operation: "GetResource", resource_type: Some(resource_type), is_paged: false }
}

pub(crate) fn row(source: Source, what: &'static str, reads: impl Into<Vec<Read>>, build: fn(&mut Account)) -> Row {
    Row { source, what, build, reads: reads.into(), witnesses: &[], is_whole: true }
}

impl Row {
    pub(crate) fn seen_by(mut self, witnesses: &'static [Source]) -> Self {
        self.witnesses = witnesses;
        self
    }

    pub(crate) fn not_whole(mut self) -> Self {
        self.is_whole = false;
        self
    }
}

/// A launch template `$name` whose only version names an image.
pub(crate) fn template(account: &mut Account, name: &str, image: &str) {
    let form = format!("CreateLaunchTemplate&LaunchTemplateName=of-{name}&LaunchTemplateData.ImageId={image}");
    let id = account.ec2(&form, "launchTemplateId");
    account.keep(name, id);
}

/// The forms of a group of no instances on a template of another image.
const GROUP: &str = "AutoScalingGroupName=g&MinSize=0&MaxSize=2&AvailabilityZones.member.1=us-east-1a";

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = ec2_rows();
    rows.extend(group_rows());
    rows.extend(services::rows());
    rows.extend([
        row(
            Source::SsmParameters,
            "a value that holds an id",
            [paged("DescribeParameters"), single("GetParameters")],
            |account| account.parameter("/app/config", "{\"ami\": \"$image\"}"),
        ),
        row(
            Source::Backup,
            "a recovery point",
            [paged("ListBackupVaults"), paged("ListRecoveryPointsByBackupVault")],
            |account| account.tag("aws:backup:source-resource", "i-0123456789abcdef0"),
        ),
    ]);
    rows
}

fn ec2_rows() -> Vec<Row> {
    const INSTANCES: &[Source] = &[Source::Instances, Source::InstanceImageMetadata];
    let run = |account: &mut Account| {
        account.ec2("RunInstances&ImageId=$image&MinCount=1&MaxCount=1", "");
    };
    vec![
        row(Source::Instances, "a running instance", [paged("DescribeInstances")], run)
            .seen_by(&[Source::InstanceImageMetadata]),
        row(Source::InstanceImageMetadata, "a running instance", [paged("DescribeInstanceImageMetadata")], run)
            .seen_by(&[Source::Instances]),
        row(Source::RootVolumeReplacements, "a task under way", [paged("DescribeReplaceRootVolumeTasks")], |account| {
            let instance = account.ec2("RunInstances&ImageId=$other&MinCount=1&MaxCount=1", "instanceId");
            account.keep("instance", instance);
            account.ec2("CreateReplaceRootVolumeTask&InstanceId=$instance&ImageId=$image", "");
        })
        // The instance shows its new image as soon as the task has begun.
        .seen_by(INSTANCES),
        row(
            Source::LaunchTemplates,
            "a version that nothing uses",
            [paged("DescribeLaunchTemplates"), paged("DescribeLaunchTemplateVersions")],
            |account| template(account, "lt", "$image"),
        ),
        row(Source::Ec2Fleets, "an override", [paged("DescribeFleets")], |account| {
            template(account, "lt", "$other");
            account.ec2(
                "CreateFleet&Type=maintain&TargetCapacitySpecification.TotalTargetCapacity=0\
                 &LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateId=$lt\
                 &LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version=1\
                 &LaunchTemplateConfigs.1.Overrides.1.ImageId=$image",
                "",
            );
        }),
        row(Source::SpotFleets, "a launch specification", [paged("DescribeSpotFleetRequests")], |account| {
            account.ec2(
                "RequestSpotFleet&SpotFleetRequestConfig.IamFleetRole=r&SpotFleetRequestConfig.TargetCapacity=1\
                 &SpotFleetRequestConfig.LaunchSpecifications.1.ImageId=$image",
                "",
            );
        })
        .seen_by(&[Source::Instances, Source::InstanceImageMetadata, Source::SpotRequests]),
        row(Source::SpotRequests, "a request", [paged("DescribeSpotInstanceRequests")], |account| {
            account.ec2("RequestSpotInstances&LaunchSpecification.ImageId=$image", "");
        })
        .seen_by(INSTANCES),
        row(Source::FastLaunch, "an image kept ready", [paged("DescribeFastLaunchImages")], |account| {
            account.windows();
            account.ec2("EnableFastLaunch&ImageId=$image", "");
        }),
        row(Source::ImageTasks, "a store task", [paged("DescribeStoreImageTasks")], |account| {
            bucket(account);
            account.ec2("CreateStoreImageTask&ImageId=$image&Bucket=images", "");
        }),
        row(
            Source::ImageTasks,
            "an export task",
            [paged("DescribeExportImageTasks"), paged("DescribeImportImageTasks")],
            |account| {
                bucket(account);
                account.ec2("ExportImage&ImageId=$image&DiskImageFormat=RAW&S3ExportLocation.S3Bucket=images", "");
            },
        ),
    ]
}

fn bucket(account: &Account) {
    let now = account.clock.now();
    account.sandbox.world().s3.create_bucket("images", super::account::id(), super::account::region(), now);
}

fn group_rows() -> Vec<Row> {
    const GROUPS: Read = paged("DescribeAutoScalingGroups");
    vec![
        row(
            Source::LaunchConfigurations,
            "one that no group uses",
            [paged("DescribeLaunchConfigurations")],
            |account| {
                account
                    .group("CreateLaunchConfiguration&LaunchConfigurationName=lc&ImageId=$image&InstanceType=t3.micro");
            },
        ),
        row(Source::AutoScalingGroups, "an override of a group of no instances", [GROUPS], |account| {
            template(account, "lt", "$other");
            let policy = "MixedInstancesPolicy.LaunchTemplate";
            account.group(&format!(
                "CreateAutoScalingGroup&{GROUP}&{policy}.LaunchTemplateSpecification.LaunchTemplateId=$lt\
                 &{policy}.Overrides.member.1.InstanceType=t3.micro&{policy}.Overrides.member.1.ImageId=$image"
            ));
        }),
        row(
            Source::InstanceRefreshes,
            "the version that is being rolled out",
            [GROUPS, paged("DescribeInstanceRefreshes")],
            |account| {
                template(account, "lt", "$other");
                template(account, "new", "$image");
                account.group(&format!(
                    "CreateAutoScalingGroup&{GROUP}&DesiredCapacity=2&LaunchTemplate.LaunchTemplateId=$lt"
                ));
                account.group(
                    "StartInstanceRefresh&AutoScalingGroupName=g\
                     &DesiredConfiguration.LaunchTemplate.LaunchTemplateId=$new\
                     &DesiredConfiguration.LaunchTemplate.Version=1",
                );
            },
        )
        .seen_by(&[Source::LaunchTemplates]),
        row(Source::WarmPools, "an instance of the version before", [GROUPS, paged("DescribeWarmPool")], |account| {
            template(account, "lt", "$image");
            account.group(&format!("CreateAutoScalingGroup&{GROUP}&LaunchTemplate.LaunchTemplateId=$lt"));
            account.group("PutWarmPool&AutoScalingGroupName=g&MinSize=1");
            template(account, "new", "$other");
            account.group("UpdateAutoScalingGroup&AutoScalingGroupName=g&LaunchTemplate.LaunchTemplateId=$new");
        })
        .seen_by(&[Source::Instances, Source::InstanceImageMetadata, Source::LaunchTemplates]),
    ]
}
