use super::InstanceRequest;
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeInstanceAttribute` of `disableApiTermination`: whether the instance is protected from being terminated.
#[derive(Debug)]
pub struct DescribeInstanceAttribute;

impl Operation for DescribeInstanceAttribute {
    type Request = InstanceRequest;
    type Reply = bool;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeInstanceAttribute");
}
