//! A bundle as it lies in S3: its manifest read, its parts checked against it.

use std::collections::BTreeSet;

use amictl_cloud::ops::{
    GetObject, GetObjectRequest, ListObjectVersions, ListObjectVersionsReply, ListObjectVersionsRequest, ListObjectsV2,
    ListObjectsV2Reply, ListObjectsV2Request, ObjectName,
};
use amictl_cloud::{Call, Cloud, ErrorClass, PageError, for_each_page};
use amictl_model::{BundlePlace, Region};

use super::{MANIFEST_BYTES_MAX, Manifest, ManifestError};

/// Objects that one bundle can have: the largest one has 1,024 parts, and each may have versions.
const OBJECTS_MAX: usize = 200_000;

/// A bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Where it is.
    pub place: BundlePlace,
    /// The Region of its bucket.
    pub region: Region,
    /// What its manifest says.
    pub manifest: ManifestState,
    /// What there is of it: the manifest, and whatever is named like one of its parts; with every version where those were asked for.
    pub objects: Vec<BundlePart>,
}

/// The manifest of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestState {
    /// It was read.
    Read(Manifest),
    /// There is none.
    Missing,
    /// It is there and cannot be gone by.
    Unreadable(ManifestError),
}

/// An object of a bundle, or a version of one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BundlePart {
    /// Its key, and its version where versions were asked for.
    pub name: ObjectName,
    /// Its size.
    pub bytes: u64,
    /// Whether it is a delete marker.
    pub is_delete_marker: bool,
}

impl Bundle {
    /// The manifest, where it was read.
    #[must_use]
    pub fn read(&self) -> Option<&Manifest> {
        match &self.manifest {
            ManifestState::Read(manifest) => Some(manifest),
            ManifestState::Missing | ManifestState::Unreadable(_) => None,
        }
    }

    /// What it takes in all, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.objects.iter().map(|object| object.bytes).sum()
    }

    /// The keys of the parts that are there, each once.
    #[must_use]
    pub fn parts(&self) -> BTreeSet<&str> {
        let present = self.objects.iter().filter(|object| !object.is_delete_marker);
        present.map(|object| object.name.key.as_str()).filter(|key| *key != self.place.key).collect()
    }

    /// The parts that its manifest names and that are not there.
    #[must_use]
    pub fn missing(&self) -> Vec<&str> {
        let present = self.parts();
        let named = self.read().into_iter().flat_map(|manifest| &manifest.parts).map(String::as_str);
        named.filter(|key| !present.contains(key)).collect()
    }

    /// What is named like a part of it and is not in its manifest.
    #[must_use]
    pub fn unlisted(&self) -> Vec<&str> {
        let Some(manifest) = self.read() else { return Vec::new() };
        let named: BTreeSet<&str> = manifest.parts.iter().map(String::as_str).collect();
        self.parts().into_iter().filter(|key| !named.contains(key)).collect()
    }
}

/// Reads the bundle at this place, with all versions of its objects where that is asked for.
///
/// # Errors
/// [`PageError`] where its objects could not be listed, or its manifest not be fetched.
pub async fn read_bundle(
    cloud: &dyn Cloud,
    region: &Region,
    place: &BundlePlace,
    all_versions: bool,
) -> Result<Bundle, PageError> {
    let mut objects = objects(cloud, region, place, all_versions).await?;
    objects.sort_unstable();
    let request = GetObjectRequest {
        bucket: place.bucket.clone(),
        key: place.key.clone(),
        bytes_max: Some(MANIFEST_BYTES_MAX + 1),
    };
    let manifest = match Call::<GetObject>::call(cloud, region, request).await {
        Ok(text) => match Manifest::parse(place, &text) {
            Ok(manifest) => ManifestState::Read(manifest),
            Err(why) => ManifestState::Unreadable(why),
        },
        Err(error) if error.class == ErrorClass::NotFound => ManifestState::Missing,
        // S3 answers a range of an empty object so.
        Err(error) if error.code.as_deref() == Some("InvalidRange") => {
            ManifestState::Unreadable(ManifestError::Lacks("`manifest`"))
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Bundle { place: place.clone(), region: region.clone(), manifest, objects })
}

/// The objects whose keys are those of the manifest or of a part.
async fn objects(
    cloud: &dyn Cloud,
    region: &Region,
    place: &BundlePlace,
    all_versions: bool,
) -> Result<Vec<BundlePart>, PageError> {
    let is_of_it = |key: &str| key == place.key || place.is_part(key);
    let prefix = format!("{}.", place.stem());
    let mut found: Vec<BundlePart> = Vec::new();
    let result = if all_versions {
        let request =
            ListObjectVersionsRequest { bucket: place.bucket.clone(), prefix, ..ListObjectVersionsRequest::default() };
        let each = |page: ListObjectVersionsReply| {
            let of_it = page.versions.into_iter().filter(|version| is_of_it(&version.key));
            found.extend(of_it.map(|version| BundlePart {
                name: ObjectName { key: version.key, version: Some(version.version) },
                bytes: version.bytes,
                is_delete_marker: version.is_delete_marker,
            }));
        };
        for_each_page::<ListObjectVersions>(cloud, region, request, each).await.1
    } else {
        let request = ListObjectsV2Request { bucket: place.bucket.clone(), prefix, ..ListObjectsV2Request::default() };
        let each = |page: ListObjectsV2Reply| {
            let of_it = page.objects.into_iter().filter(|object| is_of_it(&object.key));
            found.extend(of_it.map(|object| BundlePart {
                name: ObjectName { key: object.key, version: None },
                bytes: object.bytes,
                is_delete_marker: false,
            }));
        };
        for_each_page::<ListObjectsV2>(cloud, region, request, each).await.1
    };
    result?;
    if found.len() > OBJECTS_MAX {
        return Err(PageError::Endless { operation: "ListObjectsV2" });
    }
    Ok(found)
}
