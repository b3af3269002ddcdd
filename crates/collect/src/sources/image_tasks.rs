//! Tasks in flight that read an image: stored in S3.

use amictl_cloud::ops::DescribeStoreImageTasks;
use amictl_model::Source;

use crate::Reader;
use crate::listed::Listed;

/// Lists what the account and Region have of them.
pub(crate) async fn list(reader: Reader<'_>) -> Listed {
    let mut listed = Listed::begin(reader, Source::ImageTasks);
    listed.read::<DescribeStoreImageTasks>(reader, "store task", &["Completed", "Failed"]).await;
    listed
}
