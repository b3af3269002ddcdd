//! The account's own images, deprecated and disabled ones too.

use amictl_cloud::ops::{DescribeImages, DescribeImagesReply, DescribeImagesRequest};
use amictl_model::{Coverage, Image, Source};

use crate::Reader;

/// Reads all images of the account and Region.
pub(crate) async fn read(reader: Reader<'_>) -> (Vec<Image>, Coverage) {
    let mut tally = reader.begin(Source::Images);
    let mut images: Vec<Image> = Vec::new();
    let request = DescribeImagesRequest::default();
    let each = |page: DescribeImagesReply| {
        images.extend(page.images.into_iter().filter(|image| image.owner == reader.scope.account));
    };
    reader.pages::<DescribeImages>(&mut tally, request, each).await;
    // A list that changes between two pages can show an image twice.
    images.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    images.dedup_by(|a, b| a.id == b.id);
    tally.items = images.len() as u64;
    (images, reader.finish(tally))
}
