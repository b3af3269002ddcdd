//! Copies of images that are under way.

use amictl_cloud::ops::{DescribeImages, DescribeImagesRequest};
use amictl_cloud::{Cloud, for_each_page};
use amictl_model::{ImageId, Region};

/// An image that is being made of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copying {
    /// `SourceImageId`: what it is made of.
    pub source: Box<str>,
    /// What is being made.
    pub copy: ImageId,
}

/// Lists the account's images of a Region that are being made of others now.
///
/// Only the account that makes a copy sees it, in the Region into which it copies.
///
/// # Errors
/// Why they could not all be listed.
pub async fn read_copies(cloud: &dyn Cloud, region: &Region) -> Result<Vec<Copying>, String> {
    let request = DescribeImagesRequest { only_pending: true, ..DescribeImagesRequest::default() };
    let mut copies = Vec::new();
    let (_, result) = for_each_page::<DescribeImages>(cloud, region, request, |page| {
        copies.extend(
            page.images.into_iter().filter_map(|image| Some(Copying { source: image.source_image?, copy: image.id })),
        );
    })
    .await;
    result.map(|()| copies).map_err(|error| error.to_string())
}
