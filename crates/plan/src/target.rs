//! What a step is about: an image, or what images left behind.

use std::fmt;
use std::str::FromStr;

use amictl_model::{IdError, ImageId, InstanceId, SnapshotId, VolumeId};
use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A resource that something is done to, written as its id or its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// An image, or the one that a new image is made of.
    Image(ImageId),
    /// A snapshot.
    Snapshot(SnapshotId),
    /// A volume.
    Volume(VolumeId),
    /// An instance.
    Instance(InstanceId),
    /// A bucket of S3 or an object in one, as `s3://BUCKET` or `s3://BUCKET/KEY`. Text from outside.
    S3(CompactString),
    /// A file of this machine, as `file://PATH`. Text from outside.
    File(CompactString),
}

impl Target {
    /// The id as AWS writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Image(id) => id.as_str(),
            Self::Snapshot(id) => id.as_str(),
            Self::Volume(id) => id.as_str(),
            Self::Instance(id) => id.as_str(),
            Self::S3(url) | Self::File(url) => url,
        }
    }

    /// The image, where it is one.
    #[must_use]
    pub fn image(&self) -> Option<&ImageId> {
        match self {
            Self::Image(id) => Some(id),
            _ => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl PartialEq<ImageId> for Target {
    fn eq(&self, image: &ImageId) -> bool {
        self.image() == Some(image)
    }
}

impl From<ImageId> for Target {
    fn from(id: ImageId) -> Self {
        Self::Image(id)
    }
}

impl FromStr for Target {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.split_once('-').map(|(kind, _)| kind) {
            Some("snap") => text.parse().map(Self::Snapshot),
            Some("vol") => text.parse().map(Self::Volume),
            Some("i") => text.parse().map(Self::Instance),
            _ if text.starts_with("s3://") => Ok(Self::S3(text.into())),
            _ if text.starts_with("file://") => Ok(Self::File(text.into())),
            _ => text.parse().map(Self::Image),
        }
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = CompactString::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
