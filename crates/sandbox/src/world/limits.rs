//! How much an account may have in a Region.

use serde::{Deserialize, Serialize};

/// AWS's quotas, each for an account in a Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Images, disabled ones and those in the Recycle Bin too.
    pub images_max: usize,
    /// Public images.
    pub public_images_max: usize,
    /// Entities that one image may be shared with.
    pub image_sharing_max: usize,
    /// Copies of images that run at once.
    pub image_copies_max: usize,
    /// Usage reports that are pending at once.
    pub usage_reports_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            images_max: 50_000,
            public_images_max: 5,
            image_sharing_max: 1000,
            image_copies_max: 300,
            usage_reports_max: 2000,
        }
    }
}
