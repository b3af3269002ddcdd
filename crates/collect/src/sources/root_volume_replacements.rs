//! Root volumes that are being made anew from an image. Once a task is through, its instance itself names the image.

use amictl_cloud::ops::DescribeReplaceRootVolumeTasks;
use amictl_model::Source;

use crate::Reader;
use crate::listed::Listed;

/// `TaskState` of tasks that are through.
const OVER: &[&str] = &["succeeded", "failed", "failed-detached"];

/// Lists what the account and Region have of them.
pub(crate) async fn list(reader: Reader<'_>) -> Listed {
    let mut listed = Listed::begin(reader, Source::RootVolumeReplacements);
    listed.read::<DescribeReplaceRootVolumeTasks>(reader, "root volume replacement", OVER).await;
    listed
}
