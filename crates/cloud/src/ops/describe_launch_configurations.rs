use super::paged;
use crate::{Operation, OperationSpec, Service};

/// Auto Scaling `DescribeLaunchConfigurations`.
#[derive(Debug)]
pub struct DescribeLaunchConfigurations;

/// One page of all launch configurations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeLaunchConfigurationsRequest {
    /// `NextToken`; pages of 100 (`MaxRecords`).
    pub next_token: Option<String>,
}

/// A page of launch configurations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeLaunchConfigurationsReply {
    /// `LaunchConfigurations`.
    pub configurations: Vec<LaunchConfiguration>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// A launch configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchConfiguration {
    /// `LaunchConfigurationName`.
    pub name: String,
    /// `ImageId`, as written.
    pub image: String,
    /// `BlockDeviceMappings[].Ebs.SnapshotId`, as written.
    pub snapshots: Vec<String>,
}

impl Operation for DescribeLaunchConfigurations {
    type Request = DescribeLaunchConfigurationsRequest;
    type Reply = DescribeLaunchConfigurationsReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::AutoScaling, "DescribeLaunchConfigurations");
}

paged!(DescribeLaunchConfigurations);
