use amictl_model::InstanceId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `TerminateInstances` of one instance: of several, one that is protected would let the whole call fail.
#[derive(Debug)]
pub struct TerminateInstances;

/// The instance to terminate, or to ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceRequest {
    /// `InstanceIds`, `InstanceId`.
    pub instance: InstanceId,
}

impl Operation for TerminateInstances {
    type Request = InstanceRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "TerminateInstances");
}
