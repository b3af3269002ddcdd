use super::{LauncherPage, paged};
use crate::{Operation, OperationSpec, Service};

/// Auto Scaling `DescribeInstanceRefreshes`: what each refresh of a group starts instances from (`DesiredConfiguration`); the id is
/// the refresh's, the state its `Status`.
#[derive(Debug)]
pub struct DescribeInstanceRefreshes;

/// One page of a group's refreshes, or of its warm pool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfGroupRequest {
    /// `AutoScalingGroupName`.
    pub group: String,
    /// `NextToken`; pages of 100 (`MaxRecords`), 50 of a warm pool.
    pub next_token: Option<String>,
}

impl Operation for DescribeInstanceRefreshes {
    type Request = OfGroupRequest;
    type Reply = LauncherPage;
    const SPEC: OperationSpec = OperationSpec::read(Service::AutoScaling, "DescribeInstanceRefreshes");
}

paged!(DescribeInstanceRefreshes);
