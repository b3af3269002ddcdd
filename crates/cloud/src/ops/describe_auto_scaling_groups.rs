use super::{ImageUse, paged};
use crate::{Operation, OperationSpec, Service};

/// Auto Scaling `DescribeAutoScalingGroups`.
#[derive(Debug)]
pub struct DescribeAutoScalingGroups;

/// One page of all groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeAutoScalingGroupsRequest {
    /// `NextToken`; pages of 100 (`MaxRecords`).
    pub next_token: Option<String>,
}

/// A page of groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeAutoScalingGroupsReply {
    /// `AutoScalingGroups`.
    pub groups: Vec<AutoScalingGroup>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// A group with everything in it that can name an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AutoScalingGroup {
    /// `AutoScalingGroupName`.
    pub name: String,
    /// `LaunchConfigurationName`, of the group and of each of its instances.
    pub launch_configurations: Vec<String>,
    /// `LaunchTemplate`, `MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification`, those of its `Overrides`, and
    /// `Instances[].LaunchTemplate`.
    pub templates: Vec<LaunchTemplateUse>,
    /// `MixedInstancesPolicy.LaunchTemplate.Overrides[].ImageId` and `Instances[].ImageId`.
    pub images: Vec<ImageUse>,
    /// Whether it has a `WarmPoolConfiguration`.
    pub has_warm_pool: bool,
}

/// How a resource names a launch template's version (`LaunchTemplateSpecification`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LaunchTemplateUse {
    /// `LaunchTemplateId`.
    pub id: Option<String>,
    /// `LaunchTemplateName`.
    pub name: Option<String>,
    /// `Version`: a number, `$Default` or `$Latest`; `None` means `$Default`.
    pub version: Option<String>,
    /// Where in the resource it stands, such as `mixed instances override`.
    pub place: &'static str,
}

impl Operation for DescribeAutoScalingGroups {
    type Request = DescribeAutoScalingGroupsRequest;
    type Reply = DescribeAutoScalingGroupsReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::AutoScaling, "DescribeAutoScalingGroups");
}

paged!(DescribeAutoScalingGroups);
