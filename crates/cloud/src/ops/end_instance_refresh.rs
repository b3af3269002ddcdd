use crate::{Operation, OperationSpec, Service};

/// Auto Scaling `CancelInstanceRefresh`: what was replaced by then stays so.
#[derive(Debug)]
pub struct CancelInstanceRefresh;

/// Auto Scaling `RollbackInstanceRefresh`: what was replaced by then is replaced back.
#[derive(Debug)]
pub struct RollbackInstanceRefresh;

/// The group whose refresh is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndInstanceRefreshRequest {
    /// `AutoScalingGroupName`.
    pub group: String,
}

impl Operation for CancelInstanceRefresh {
    type Request = EndInstanceRefreshRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "CancelInstanceRefresh");
}

impl Operation for RollbackInstanceRefresh {
    type Request = EndInstanceRefreshRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "RollbackInstanceRefresh");
}
