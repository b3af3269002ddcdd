//! What files say of images: Terraform state, Packer manifests, Helm values and whatever else holds an AMI id.

use serde::{Deserialize, Serialize};

use crate::{ImageId, Moment};

/// What was found in the files that a scan was told to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEvidence {
    /// When reading began.
    pub read_at: Moment,
    /// What was to be read: paths, or `s3://BUCKET/PREFIX`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Box<str>>,
    /// Every mention, sorted by image. A file does not say of which account and Region an image is, so it speaks for all.
    pub mentions: Vec<FileMention>,
    /// Files that were read.
    pub files: u64,
    /// What could not be read, and why. Unless it is empty, an image that no file names may be named all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Box<str>>,
}

/// A line of a file that names an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileMention {
    /// The image.
    pub image: ImageId,
    /// `PATH:LINE`, in an archive `PATH!NAME:LINE`. Attacker-controlled text.
    pub place: Box<str>,
}

impl FileEvidence {
    /// The places that name this image.
    #[must_use]
    pub fn mentions_of(&self, image: &ImageId) -> &[FileMention] {
        let start = self.mentions.partition_point(|mention| mention.image < *image);
        let len = self.mentions[start..].partition_point(|mention| mention.image == *image);
        &self.mentions[start..start + len]
    }
}
