//! Which bundles there are: those that images name, and those in buckets that no image names.

use std::collections::{BTreeMap, BTreeSet};

use amictl_cloud::ops::{
    DescribeImages, DescribeImagesRequest, GetBucketLocation, GetBucketLocationRequest, ListObjectVersions,
    ListObjectVersionsReply, ListObjectVersionsRequest, ListObjectsV2, ListObjectsV2Reply, ListObjectsV2Request,
};
use amictl_cloud::{Call, Cloud, Clouds, for_each_page};
use amictl_model::{BundlePlace, Image, Region, Scope};
use futures::stream::{self, StreamExt};

use super::{Bundle, read_bundle};
use crate::files::BucketPath;

/// An instance-store image, and what it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct BundleImage {
    /// Where the image is.
    pub scope: Scope,
    /// The image.
    pub image: Image,
    /// Its manifest; where its location names none, why.
    pub place: Result<BundlePlace, String>,
}

/// Every instance-store image of these accounts and Regions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BundleImages {
    /// The images.
    pub images: Vec<BundleImage>,
    /// The accounts and Regions that were looked at, in their order.
    pub scopes: Vec<Scope>,
    /// Those whose images could not be read, and why.
    pub unread: Vec<(Scope, String)>,
}

impl BundleImages {
    /// The images that are made of the bundle at this place.
    pub fn of<'a>(&'a self, place: &'a BundlePlace) -> impl Iterator<Item = &'a BundleImage> {
        self.images.iter().filter(move |image| image.place.as_ref() == Ok(place))
    }

    /// Why it cannot be known that no other image is made of a bundle in this bucket; `None` where it is known.
    #[must_use]
    pub fn doubt(&self, bucket: &str, region: &Region) -> Option<String> {
        if let Some((scope, why)) = self.unread.first() {
            return Some(format!("the images of {scope} could not be read: {why}"));
        }
        if !self.scopes.iter().any(|scope| scope.region == *region) {
            return Some(format!("the bucket is in {region}, whose images were not looked at"));
        }
        let odd = self.images.iter().find(|image| {
            let is_of_bucket = image.image.location.as_deref().is_none_or(|location| location.contains(bucket));
            image.place.is_err() && is_of_bucket
        });
        odd.map(|odd| format!("{} may be made of it: its location cannot be read", odd.image.id))
    }
}

/// Looks for every instance-store image of these accounts and Regions.
pub async fn read_bundle_images(clouds: &dyn Clouds, scopes: &[Scope], concurrency: usize) -> BundleImages {
    let looks = stream::iter(scopes)
        .map(|scope| async move {
            let found = match clouds.of(scope.account) {
                Some(cloud) => images(cloud, scope).await,
                None => Err(format!("there are no credentials for account {}", scope.account)),
            };
            (scope, found)
        })
        .buffered(concurrency.max(1))
        .collect::<Vec<_>>()
        .await;
    let mut all = BundleImages { scopes: scopes.to_vec(), ..BundleImages::default() };
    for (scope, found) in looks {
        match found {
            Ok(images) => all.images.extend(images),
            Err(why) => all.unread.push((scope.clone(), why)),
        }
    }
    all
}

async fn images(cloud: &dyn Cloud, scope: &Scope) -> Result<Vec<BundleImage>, String> {
    let request = DescribeImagesRequest { only_instance_store: true, ..DescribeImagesRequest::default() };
    let mut images = Vec::new();
    let (_, result) = for_each_page::<DescribeImages>(cloud, &scope.region, request, |page| {
        images.extend(page.images.into_iter().map(|image| {
            let place = image.location.as_deref().unwrap_or_default().parse();
            BundleImage { scope: scope.clone(), image, place }
        }));
    })
    .await;
    result.map(|()| images).map_err(|error| error.to_string())
}

/// Where to look for bundles.
#[derive(Debug, Clone)]
pub struct BundleSearch<'a> {
    /// Whose images, and where.
    pub scopes: &'a [Scope],
    /// Buckets, with how the keys in them begin, that are looked through for bundles too.
    pub buckets: &'a [BucketPath],
    /// Whose credentials look through these buckets, and where their Regions are asked for.
    pub home: &'a Scope,
    /// Whether all versions of objects count.
    pub all_versions: bool,
    /// Calls under way at once.
    pub concurrency: usize,
}

/// A bundle that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundBundle {
    /// Where it is.
    pub place: BundlePlace,
    /// Whose credentials it was read with.
    pub scope: Scope,
    /// The bundle; where it could not be read, why.
    pub bundle: Result<Bundle, String>,
}

/// Finds the bundles of all images and those in the named buckets; the second list is what could not be looked through, and why.
pub async fn find_bundles(
    clouds: &dyn Clouds,
    search: &BundleSearch<'_>,
    images: &BundleImages,
) -> (Vec<FoundBundle>, Vec<(BucketPath, String)>) {
    let mut places: BTreeMap<BundlePlace, Scope> = BTreeMap::new();
    for image in &images.images {
        if let Ok(place) = &image.place {
            places.entry(place.clone()).or_insert_with(|| image.scope.clone());
        }
    }
    let mut failures = Vec::new();
    for path in search.buckets {
        match places_in(clouds, search, path).await {
            Ok(found) => {
                for place in found {
                    places.entry(place).or_insert_with(|| search.home.clone());
                }
            }
            Err(why) => failures.push((path.clone(), why)),
        }
    }
    let found = stream::iter(places)
        .map(|(place, scope)| async move {
            let bundle = read(clouds, &scope, &place, search.all_versions).await;
            FoundBundle { place, scope, bundle }
        })
        .buffered(search.concurrency.max(1))
        .collect()
        .await;
    (found, failures)
}

/// Reads one bundle, wherever its bucket is.
async fn read(clouds: &dyn Clouds, scope: &Scope, place: &BundlePlace, all_versions: bool) -> Result<Bundle, String> {
    let cloud =
        clouds.of(scope.account).ok_or_else(|| format!("there are no credentials for account {}", scope.account))?;
    let region = region_of(cloud, &scope.region, &place.bucket).await?;
    read_bundle(cloud, &region, place, all_versions).await.map_err(|error| error.to_string())
}

async fn region_of(cloud: &dyn Cloud, home: &Region, bucket: &str) -> Result<Region, String> {
    let request = GetBucketLocationRequest { bucket: bucket.to_owned() };
    Call::<GetBucketLocation>::call(cloud, home, request).await.map_err(|error| error.to_string())
}

/// The bundles below a prefix: every manifest, and parts that have none.
async fn places_in(
    clouds: &dyn Clouds,
    search: &BundleSearch<'_>,
    path: &BucketPath,
) -> Result<BTreeSet<BundlePlace>, String> {
    let home = search.home;
    let cloud =
        clouds.of(home.account).ok_or_else(|| format!("there are no credentials for account {}", home.account))?;
    let region = region_of(cloud, &home.region, &path.bucket).await?;
    let mut places = BTreeSet::new();
    let place_of =
        |key: &str| BundlePlace::of_manifest(&path.bucket, key).or_else(|| BundlePlace::of_part(&path.bucket, key));
    let (bucket, prefix) = (path.bucket.clone(), path.prefix.clone());
    let result = if search.all_versions {
        let each = |page: ListObjectVersionsReply| {
            places.extend(page.versions.iter().filter_map(|version| place_of(&version.key)));
        };
        let request = ListObjectVersionsRequest { bucket, prefix, next_token: None };
        for_each_page::<ListObjectVersions>(cloud, &region, request, each).await.1
    } else {
        let each = |page: ListObjectsV2Reply| {
            places.extend(page.objects.iter().filter_map(|object| place_of(&object.key)));
        };
        let request = ListObjectsV2Request { bucket, prefix, next_token: None };
        for_each_page::<ListObjectsV2>(cloud, &region, request, each).await.1
    };
    result.map(|()| places).map_err(|error| error.to_string())
}
