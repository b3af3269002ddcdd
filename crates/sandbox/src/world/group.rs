//! Auto Scaling groups and launch configurations.

use amictl_model::{Moment, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::Course;
use super::template::mapped_snapshots;
use crate::wire::Params;

/// A launch configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LaunchConfiguration {
    /// `LaunchConfigurationName`.
    pub name: CompactString,
    /// `ImageId`, as written.
    pub image: CompactString,
    /// `InstanceType`.
    pub instance_type: CompactString,
    /// `CreatedTime`.
    pub created_at: Moment,
    /// The request that made it.
    pub(crate) request: Params,
}

impl LaunchConfiguration {
    /// `BlockDeviceMappings[].Ebs.SnapshotId`, as written.
    #[must_use]
    pub fn snapshots(&self) -> Vec<String> {
        mapped_snapshots(&self.request, "BlockDeviceMappings")
    }

    /// A launch configuration of an image.
    #[must_use]
    pub fn of_image(name: &str, image: &str, instance_type: &str, created_at: Moment) -> Self {
        Self {
            name: name.into(),
            image: image.into(),
            instance_type: instance_type.into(),
            created_at,
            request: Params::default(),
        }
    }
}

/// An Auto Scaling group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Group {
    /// `AutoScalingGroupName`.
    pub name: CompactString,
    /// `LaunchConfigurationName`.
    pub launch_configuration: Option<CompactString>,
    /// `LaunchTemplate`.
    pub template: Option<GroupTemplate>,
    /// `MixedInstancesPolicy`.
    pub mixed: Option<MixedInstances>,
    /// `MinSize`.
    pub min_size: u32,
    /// `MaxSize`.
    pub max_size: u32,
    /// `DesiredCapacity`.
    pub desired: u32,
    /// `AvailabilityZones`.
    pub zones: Vec<CompactString>,
    /// `VPCZoneIdentifier`.
    pub subnets: Option<Box<str>>,
    /// `HealthCheckType`.
    pub health_check_type: CompactString,
    /// `HealthCheckGracePeriod` in seconds.
    pub health_check_grace_secs: u32,
    /// `DefaultCooldown` in seconds.
    pub cooldown_secs: u32,
    /// `CreatedTime`.
    pub created_at: Moment,
    /// `Instances[].InstanceId`.
    pub instances: Vec<GroupInstance>,
    /// `Tags`.
    pub tags: Tags,
    /// The keys of the tags that its instances get, too.
    pub propagated: Vec<CompactString>,
    /// Further options, as they were sent.
    pub(crate) options: Params,
    /// What goes on in it.
    pub course: Course,
}

impl Group {
    /// A group of this name with no instances and no source of any, and AWS's defaults otherwise.
    #[must_use]
    pub fn empty(name: impl Into<CompactString>, zone: impl Into<CompactString>, created_at: Moment) -> Self {
        Self {
            name: name.into(),
            launch_configuration: None,
            template: None,
            mixed: None,
            min_size: 0,
            max_size: 0,
            desired: 0,
            zones: vec![zone.into()],
            subnets: None,
            health_check_type: "EC2".into(),
            health_check_grace_secs: 0,
            cooldown_secs: 300,
            created_at,
            instances: Vec::new(),
            tags: Tags::default(),
            propagated: Vec::new(),
            options: Params::default(),
            course: Course::default(),
        }
    }
}

/// An instance of a group, with what it was started from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupInstance {
    /// `InstanceId`.
    pub id: CompactString,
    /// `LaunchConfigurationName`.
    pub launch_configuration: Option<CompactString>,
    /// `LaunchTemplate`, its version a number.
    pub template: Option<GroupTemplate>,
    /// Capacity units that it counts for.
    pub weight: u32,
    /// `ProtectedFromScaleIn`.
    pub is_protected: bool,
    /// Whether it is on standby, and does not count for the desired capacity.
    pub is_on_standby: bool,
}

/// `LaunchTemplateSpecification`, with both names filled in as AWS does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupTemplate {
    /// `LaunchTemplateId`.
    pub id: CompactString,
    /// `LaunchTemplateName`.
    pub name: CompactString,
    /// `Version`: a number, `$Default`, `$Latest`, or nothing.
    pub version: Option<CompactString>,
}

/// `MixedInstancesPolicy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MixedInstances {
    /// `LaunchTemplate.LaunchTemplateSpecification`.
    pub template: GroupTemplate,
    /// `LaunchTemplate.Overrides`.
    pub overrides: Vec<TemplateOverride>,
    /// `InstancesDistribution`, as it was sent.
    pub(crate) distribution: Option<Params>,
}

impl MixedInstances {
    /// A policy of a template with overrides.
    #[must_use]
    pub fn new(template: GroupTemplate, overrides: Vec<TemplateOverride>) -> Self {
        Self { template, overrides, distribution: None }
    }
}

/// One of `MixedInstancesPolicy.LaunchTemplate.Overrides`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateOverride {
    /// `InstanceType`.
    pub instance_type: Option<CompactString>,
    /// `WeightedCapacity`.
    pub weight: Option<CompactString>,
    /// `ImageId`, as written.
    pub image: Option<CompactString>,
    /// `LaunchTemplateSpecification`.
    pub template: Option<GroupTemplate>,
    /// `InstanceRequirements`, as they were sent.
    pub(crate) requirements: Option<Params>,
}
