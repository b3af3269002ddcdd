use amictl_cloud::ops::ImportSnapshotTask;

use crate::convert::required;

super::over_sdk!(
    DescribeImportSnapshotTasks,
    |clients, request| clients.ec2().describe_import_snapshot_tasks().import_task_ids(&request.task),
    |output| {
        let task = output.import_snapshot_tasks.unwrap_or_default().into_iter().next();
        let Some(detail) = task.and_then(|task| task.snapshot_task_detail) else { return Ok(None) };
        let snapshot = detail.snapshot_id.as_deref().filter(|id| !id.is_empty());
        let snapshot = snapshot.map(|id| required(OPERATION, "SnapshotId", Some(id))).transpose()?;
        Ok(Some(ImportSnapshotTask {
            status: detail.status.unwrap_or_default(),
            progress: detail.progress,
            message: detail.status_message,
            snapshot,
        }))
    }
);
