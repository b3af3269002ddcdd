//! Tasks in flight that read an image or make one: stored in S3, exported, imported.

use amictl_cloud::ops::{
    DescribeExportImageTasks, DescribeImportImageTasks, DescribeStoreImageTasks, DescribeStoreImageTasksReply,
    DescribeStoreImageTasksRequest, ImageUse, Launcher,
};
use amictl_model::Source;

use crate::Reader;
use crate::listed::Listed;

/// `StoreTaskState` of tasks that are through.
const STORE_OVER: &[&str] = &["Completed", "Failed"];
/// `Status` of exports and imports that are through; one that is being cancelled or deleted is not.
const MOVE_OVER: &[&str] = &["completed", "deleted", "cancelled"];

/// Lists what the account and Region have of them.
pub(crate) async fn list(reader: Reader<'_>) -> Listed {
    let mut listed = Listed::begin(reader, Source::ImageTasks);
    let mut tasks = Vec::new();
    let each = |page: DescribeStoreImageTasksReply| tasks.extend(page.tasks);
    let all = DescribeStoreImageTasksRequest::default();
    reader.pages::<DescribeStoreImageTasks>(&mut listed.tally, all, each).await;
    for task in tasks.into_iter().filter(|task| !STORE_OVER.contains(&task.state.as_str())) {
        let images = vec![ImageUse { image: task.image, place: "" }];
        listed.launcher(
            "store task",
            Launcher { id: task.key, state: task.state, images, templates: Vec::new(), progress: None },
        );
    }
    listed.read::<DescribeExportImageTasks>(reader, "export task", MOVE_OVER).await;
    listed.read::<DescribeImportImageTasks>(reader, "import task", MOVE_OVER).await;
    listed
}
