//! Where a bundle is: the bucket and the key of its manifest.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The ending of every manifest's key.
const ENDING: &str = ".manifest.xml";
/// What stands between the name of an image and the number of a part.
const PART: &str = ".part.";
/// S3 User Guide, "Naming Amazon S3 objects".
const KEY_BYTES_MAX: usize = 1024;

/// A manifest in S3, as `ImageLocation` names it: `bucket/prefix/name.manifest.xml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BundlePlace {
    /// The bucket.
    pub bucket: String,
    /// The key of the manifest, which ends with `.manifest.xml`.
    pub key: String,
}

impl BundlePlace {
    /// The place of the bundle `image` below `prefix`, as `ec2-delete-bundle -b bucket/prefix -p image` means it.
    #[must_use]
    pub fn of_image(bucket: &str, prefix: &str, image: &str) -> Self {
        let prefix = prefix.trim_matches('/');
        let folder = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Self { bucket: bucket.to_owned(), key: format!("{folder}{image}{ENDING}") }
    }

    /// The place that parts without a manifest belong to; `None` where the key is not that of a part.
    #[must_use]
    pub fn of_part(bucket: &str, key: &str) -> Option<Self> {
        let (stem, number) = key.rsplit_once(PART)?;
        let is_part = is_number(number) && !stem.is_empty() && !stem.ends_with('/');
        is_part.then(|| Self { bucket: bucket.to_owned(), key: format!("{stem}{ENDING}") })
    }

    /// The place of a manifest with this key; `None` where it is not that of one.
    #[must_use]
    pub fn of_manifest(bucket: &str, key: &str) -> Option<Self> {
        let stem = key.strip_suffix(ENDING)?;
        let is_it = !stem.is_empty() && !stem.ends_with('/') && key.len() <= KEY_BYTES_MAX;
        is_it.then(|| Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// The key without `.manifest.xml`.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.key.strip_suffix(ENDING).unwrap_or(&self.key)
    }

    /// How the keys of its parts begin: nothing else is ever taken for a part of it.
    #[must_use]
    pub fn part_prefix(&self) -> String {
        format!("{}{PART}", self.stem())
    }

    /// Whether an object with this key is a part of it, by its name.
    #[must_use]
    pub fn is_part(&self, key: &str) -> bool {
        key.strip_prefix(&self.part_prefix()).is_some_and(is_number)
    }

    /// The key of the part that a manifest calls so; `None` where that is no plain name of a part of this very bundle.
    #[must_use]
    pub fn part_key(&self, filename: &str) -> Option<String> {
        let folder = self.key.rsplit_once('/').map_or("", |(folder, _)| folder);
        let key = if folder.is_empty() { filename.to_owned() } else { format!("{folder}/{filename}") };
        (!filename.contains('/') && key.len() <= KEY_BYTES_MAX && self.is_part(&key)).then_some(key)
    }
}

/// Parts are numbered from 0, filled up with zeros to the digits of their total.
fn is_number(text: &str) -> bool {
    (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for BundlePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.bucket, self.key)
    }
}

impl FromStr for BundlePlace {
    type Err = String;

    /// Reads an `ImageLocation`, or the same with `s3://` before it.
    fn from_str(text: &str) -> Result<Self, String> {
        let shown = || text.chars().take(200).collect::<String>();
        let rest = text.strip_prefix("s3://").unwrap_or_else(|| text.trim_start_matches('/'));
        let (bucket, key) =
            rest.split_once('/').ok_or_else(|| format!("`{}` names no manifest in a bucket", shown()))?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        // Buckets of old times have longer names, with capitals and underscores.
        if !(3..=255).contains(&bucket.len()) || !bucket.chars().all(is_name) {
            return Err(format!("`{}` names no bucket", shown()));
        }
        Self::of_manifest(bucket, key).ok_or_else(|| format!("`{}` does not end with NAME{ENDING}", shown()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> BundlePlace {
        text.parse().unwrap()
    }

    #[test]
    fn locations_are_read_as_ec2_and_people_write_them() {
        let expected = BundlePlace { bucket: "bundles".to_owned(), key: "web/image.manifest.xml".to_owned() };
        for text in
            ["bundles/web/image.manifest.xml", "/bundles/web/image.manifest.xml", "s3://bundles/web/image.manifest.xml"]
        {
            assert_eq!(place(text), expected, "{text}");
        }
        assert_eq!(BundlePlace::of_image("bundles", "/web/", "image"), expected);
        assert_eq!(BundlePlace::of_image("bundles", "", "image").key, "image.manifest.xml");
        for text in [
            "",
            "bundles",
            "bundles/",
            "bundles/.manifest.xml",
            "bundles/web/.manifest.xml",
            "b/image.manifest.xml",
            "bundles/image.xml",
            "bund les/image.manifest.xml",
        ] {
            assert!(text.parse::<BundlePlace>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_part_is_a_numbered_object_beside_its_manifest_and_nothing_else() {
        let place = place("bundles/web/image.manifest.xml");
        assert_eq!(place.part_key("image.part.07").as_deref(), Some("web/image.part.07"));
        for name in [
            "",
            ".",
            "..",
            "../image.part.0",
            "other/image.part.0",
            "/web/image.part.0",
            "image.part.",
            "image.part.x",
            "image.part.-1",
            "image.part.0/../../x",
            "other.part.0",
            "image.manifest.xml",
            "image.part.0\0",
            "image.part.0.bak",
            "image.part.0123456789",
        ] {
            assert_eq!(place.part_key(name), None, "{name:?}");
        }
        assert_eq!(BundlePlace::of_part("bundles", "web/image.part.3"), Some(place));
        for key in ["web/.part.3", ".part.3", "web/image.part.", "web/image.part.a", "web/image"] {
            assert_eq!(BundlePlace::of_part("bundles", key), None, "{key}");
        }
    }
}
