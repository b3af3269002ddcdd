//! Images as objects in S3: stored there, and made of such an object again, also in another partition.

use amictl_model::ImageId;
use compact_str::format_compact;
use serde::{Deserialize, Serialize};

use crate::{Target, Then};

/// What `CreateStoreImageTask` names every object.
const ENDING: &str = ".bin";

/// An image that is to be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storing {
    /// The bucket, in the image's Region.
    pub bucket: Box<str>,
    /// How long the step waits until it is stored, at most; 0 for not at all.
    pub wait_seconds: u64,
}

impl Storing {
    /// The key of the object, which EC2 chooses.
    #[must_use]
    pub fn key(&self, image: &ImageId) -> String {
        format!("{image}{ENDING}")
    }
}

/// An image that is to be made of a stored one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3Restoring {
    /// The bucket, in the Region of the new image.
    pub bucket: Box<str>,
    /// The key of the object.
    pub key: Box<str>,
    /// What the image is called: a name serves one image of an account and Region.
    pub name: Box<str>,
    /// What becomes of it then.
    pub then: Then,
}

impl S3Restoring {
    /// The image that was stored, where the key still says it; else the object.
    #[must_use]
    pub fn source(&self) -> Target {
        let name = self.key.rsplit('/').next().unwrap_or_default();
        match name.strip_suffix(ENDING).map(str::parse) {
            Some(Ok(image)) => Target::Image(image),
            _ => Target::S3(format_compact!("s3://{}/{}", self.bucket, self.key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_says_which_image_it_was_unless_it_was_renamed() {
        let source = |key: &str| {
            let then = Then::default();
            S3Restoring { bucket: "images".into(), key: key.into(), name: "web".into(), then }.source()
        };
        for key in ["ami-0123456789abcdef0.bin", "from/china/ami-0123456789abcdef0.bin"] {
            assert_eq!(source(key).as_str(), "ami-0123456789abcdef0", "{key}");
        }
        for key in ["web.bin", "ami-0123456789abcdef0", "ami-.bin"] {
            assert_eq!(source(key).as_str(), format!("s3://images/{key}"));
        }
    }
}
