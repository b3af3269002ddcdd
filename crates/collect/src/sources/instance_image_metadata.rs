//! Instances once more, by what EC2 keeps of their image: told even when the image is deregistered, private or not allowed.

use amictl_cloud::ops::DescribeInstanceImageMetadata;
use amictl_model::Source;

use crate::Reader;
use crate::listed::Listed;

/// Lists what the account and Region have of them.
pub(crate) async fn list(reader: Reader<'_>) -> Listed {
    let mut listed = Listed::begin(reader, Source::InstanceImageMetadata);
    listed.read::<DescribeInstanceImageMetadata>(reader, "instance", &["terminated"]).await;
    listed
}
