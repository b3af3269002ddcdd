//! What a snapshot was made for: the image that tells what it runs, and as what it is billed.

use amictl_cloud::ops::{
    DescribeImages, DescribeImagesRequest, DescribeInstances, DescribeInstancesRequest, DescribeVolumes,
    DescribeVolumesRequest, ImageOwners,
};
use amictl_cloud::{Cloud, PageError, for_each_page};
use amictl_model::{Image, ImageId, Region, Snapshot};

/// The image that a snapshot was made for or of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeFor {
    /// The image, whoever owns it.
    pub image: Image,
    /// Its product codes. Text from outside.
    pub product_codes: Vec<String>,
    /// How that is known, as a fragment: `by its description`.
    pub known: &'static str,
}

/// What could be found out about a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnapshotOrigin {
    /// The image, where one was found.
    pub made_for: Option<MadeFor>,
    /// What could not be read that might have told, and why.
    pub unread: Vec<String>,
}

/// Looks for the image that a snapshot was made for: the one that its description names, the one that the instance of its volume was
/// launched from, or one that uses it.
pub async fn find_origin(
    cloud: &dyn Cloud,
    region: &Region,
    snapshot: &Snapshot,
    described: Option<ImageId>,
) -> SnapshotOrigin {
    let mut origin = SnapshotOrigin::default();
    if let Some(image) = described {
        let found = by_id(cloud, region, image, "by its description").await;
        if origin.take("the image of its description", found) {
            return origin;
        }
    }
    let found = of_volume(cloud, region, snapshot).await;
    if origin.take("the instance of its volume", found) {
        return origin;
    }
    let request = DescribeImagesRequest { snapshots: vec![snapshot.id.clone()], ..DescribeImagesRequest::default() };
    let found = image(cloud, region, request, "as the image uses it").await;
    origin.take("the images that use it", found);
    origin
}

impl SnapshotOrigin {
    /// Takes what a look has shown; whether that was the image.
    fn take(&mut self, what: &str, found: Result<Option<MadeFor>, PageError>) -> bool {
        match found {
            Ok(found) => self.made_for = found,
            Err(error) => self.unread.push(format!("{what}: {error}")),
        }
        self.made_for.is_some()
    }
}

async fn by_id(
    cloud: &dyn Cloud,
    region: &Region,
    id: ImageId,
    known: &'static str,
) -> Result<Option<MadeFor>, PageError> {
    let request =
        DescribeImagesRequest { images: vec![id], owners: ImageOwners::Any, ..DescribeImagesRequest::default() };
    image(cloud, region, request, known).await
}

async fn image(
    cloud: &dyn Cloud,
    region: &Region,
    request: DescribeImagesRequest,
    known: &'static str,
) -> Result<Option<MadeFor>, PageError> {
    let mut found: Option<MadeFor> = None;
    let (_, result) = for_each_page::<DescribeImages>(cloud, region, request, |mut page| {
        let images = page.images.into_iter().map(|image| MadeFor {
            product_codes: page.product_codes.remove(&image.id).unwrap_or_default(),
            image,
            known,
        });
        // One that is billed says more than one that is not.
        let all = found.take().into_iter().chain(images);
        found = all.max_by_key(|made_for| (made_for.is_billed(), std::cmp::Reverse(made_for.image.id.clone())));
    })
    .await;
    result.map(|()| found)
}

/// The image that the instance was launched from to which the snapshot's volume is attached.
async fn of_volume(cloud: &dyn Cloud, region: &Region, snapshot: &Snapshot) -> Result<Option<MadeFor>, PageError> {
    let Some(Ok(volume)) = snapshot.volume.as_deref().map(str::parse) else { return Ok(None) };
    let mut attached = None;
    let request = DescribeVolumesRequest { volumes: vec![volume], ..DescribeVolumesRequest::default() };
    let (_, result) = for_each_page::<DescribeVolumes>(cloud, region, request, |page| {
        attached =
            page.volumes.into_iter().find_map(|volume| volume.attached_to.into_iter().next()).or(attached.take());
    })
    .await;
    result?;
    let Some(instance) = attached else { return Ok(None) };
    let mut launched_from: Option<ImageId> = None;
    let request =
        DescribeInstancesRequest { instances: vec![instance.to_string()], ..DescribeInstancesRequest::default() };
    let (_, result) = for_each_page::<DescribeInstances>(cloud, region, request, |page| {
        let image = page.instances.into_iter().find(|found| found.id == instance).map(|found| found.image);
        launched_from = image.and_then(|image| image.parse().ok()).or(launched_from.take());
    })
    .await;
    result?;
    match launched_from {
        Some(image) => by_id(cloud, region, image, "by the instance of its volume").await,
        None => Ok(None),
    }
}

impl MadeFor {
    /// Whether more is billed for it than for plain Linux, as far as is known.
    #[must_use]
    pub fn is_billed(&self) -> bool {
        !matches!(self.image.platform_details.as_str(), "" | "Linux/UNIX") || !self.product_codes.is_empty()
    }
}
