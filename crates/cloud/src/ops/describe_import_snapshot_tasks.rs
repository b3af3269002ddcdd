use amictl_model::SnapshotId;

use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeImportSnapshotTasks` of one task.
#[derive(Debug)]
pub struct DescribeImportSnapshotTasks;

/// Which task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeImportSnapshotTasksRequest {
    /// `ImportTaskIds`: this one.
    pub task: String,
}

/// How far a disk is imported (EC2 `SnapshotTaskDetail`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSnapshotTask {
    /// `Status`: `active`, `completed`, or `deleting` and `deleted` where it failed.
    pub status: String,
    /// `Progress` in percent, as AWS sent it.
    pub progress: Option<String>,
    /// `StatusMessage`. Text from outside.
    pub message: Option<String>,
    /// `SnapshotId`, once there is one.
    pub snapshot: Option<SnapshotId>,
}

impl Operation for DescribeImportSnapshotTasks {
    type Request = DescribeImportSnapshotTasksRequest;
    /// `None` where there is no such task.
    type Reply = Option<ImportSnapshotTask>;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeImportSnapshotTasks");
}
