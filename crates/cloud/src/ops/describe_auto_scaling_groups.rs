use super::{ImageUse, paged};
use crate::{Operation, OperationSpec, Service};

/// Auto Scaling `DescribeAutoScalingGroups`.
#[derive(Debug)]
pub struct DescribeAutoScalingGroups;

/// One page of all groups, or of some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeAutoScalingGroupsRequest {
    /// `AutoScalingGroupNames`: groups that are gone are simply not in the reply. Empty: all groups.
    pub groups: Vec<String>,
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

impl LaunchTemplateUse {
    /// Where a group's own launch template stands.
    pub const OF_GROUP: &str = "launch template";
    /// Where the launch template of an instance stands that a group has started.
    pub const OF_INSTANCE: &str = "an instance of the group";

    /// Whether it names this template.
    #[must_use]
    pub fn names(&self, id: &str, name: &str) -> bool {
        match &self.id {
            Some(own) => own == id,
            None => self.name.as_deref() == Some(name),
        }
    }
}

impl Operation for DescribeAutoScalingGroups {
    type Request = DescribeAutoScalingGroupsRequest;
    type Reply = DescribeAutoScalingGroupsReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::AutoScaling, "DescribeAutoScalingGroups");
}

paged!(DescribeAutoScalingGroups);
