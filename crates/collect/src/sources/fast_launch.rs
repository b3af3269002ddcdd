//! Windows images that EC2 keeps ready for fast launch, by launching them again and again.

use amictl_cloud::ops::DescribeFastLaunchImages;
use amictl_model::Source;

use crate::Reader;
use crate::listed::Listed;

/// Lists what the account and Region have of them.
pub(crate) async fn list(reader: Reader<'_>) -> Listed {
    let mut listed = Listed::begin(reader, Source::FastLaunch);
    listed.read::<DescribeFastLaunchImages>(reader, "fast launch", &[]).await;
    listed
}
