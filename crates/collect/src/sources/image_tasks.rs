//! Tasks in flight that read an image or make one: stored in S3, exported, imported.

use amictl_cloud::ops::{DescribeExportImageTasks, DescribeImportImageTasks, DescribeStoreImageTasks};
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
    listed.read::<DescribeStoreImageTasks>(reader, "store task", STORE_OVER).await;
    listed.read::<DescribeExportImageTasks>(reader, "export task", MOVE_OVER).await;
    listed.read::<DescribeImportImageTasks>(reader, "import task", MOVE_OVER).await;
    listed
}
