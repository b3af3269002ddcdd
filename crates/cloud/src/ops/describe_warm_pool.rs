use super::{AutoScalingGroup, OfGroupRequest, paged};
use crate::{Operation, OperationSpec, Service};

/// Auto Scaling `DescribeWarmPool`: what the instances of a group's warm pool were started from.
#[derive(Debug)]
pub struct DescribeWarmPool;

/// A page of a warm pool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeWarmPoolReply {
    /// `Instances[].{ImageId, LaunchTemplate, LaunchConfigurationName}`, as of a group.
    pub pool: AutoScalingGroup,
    /// `NextToken`.
    pub next_token: Option<String>,
}

impl Operation for DescribeWarmPool {
    type Request = OfGroupRequest;
    type Reply = DescribeWarmPoolReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::AutoScaling, "DescribeWarmPool");
}

paged!(DescribeWarmPool);
