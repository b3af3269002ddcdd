//! What a step is done to.

use std::fmt;

use amictl_model::ImageId;
use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a step is done to: an image, or what some commands work on besides. In files it is one text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// An image.
    Image(ImageId),
    /// Anything else, by its id or its place, such as `bucket/prefix/name.manifest.xml`. Text from outside.
    Other(CompactString),
}

impl Target {
    /// The image; `None` where it is something else.
    #[must_use]
    pub fn image(&self) -> Option<&ImageId> {
        match self {
            Self::Image(image) => Some(image),
            Self::Other(_) => None,
        }
    }

    /// The id or the place, as files have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Image(image) => image.as_str(),
            Self::Other(other) => other,
        }
    }
}

impl From<ImageId> for Target {
    fn from(image: ImageId) -> Self {
        Self::Image(image)
    }
}

impl From<&str> for Target {
    /// What is written like an image's id is an image.
    fn from(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Other(text.into()), Self::Image)
    }
}

impl PartialEq<ImageId> for Target {
    fn eq(&self, image: &ImageId) -> bool {
        self.image() == Some(image)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(CompactString::deserialize(deserializer)?.as_str()))
    }
}
