//! The image that a snapshot was made for, as EC2 writes it into the snapshot's description.

use amictl_model::{ImageId, SnapshotId};

/// The image that a snapshot was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The image.
    pub image: ImageId,
    /// `CreateImage` or `CopyImage`.
    pub operation: &'static str,
    /// What a copy was made of.
    pub copied_from: Option<SnapshotId>,
}

/// What stands before the image's id, by operation. Amazon EBS User Guide, "Snapshot descriptions" of images that are created and copied.
const MARKS: [(&str, &str, &str); 2] =
    [("Created by CreateImage(", " for ", "CreateImage"), ("Copied for DestinationAmi ", "", "CopyImage")];

impl Origin {
    /// Reads a description; `None` where EC2 did not write it for an image.
    #[must_use]
    pub fn of(description: &str) -> Option<Self> {
        let (rest, before, operation) = MARKS
            .iter()
            .find_map(|(mark, before, operation)| Some((description.strip_prefix(mark)?, *before, *operation)))?;
        let (_, from_image) = rest.split_once(before)?;
        let image = from_image.split_whitespace().next()?.trim_end_matches('.');
        let digits = image.strip_prefix("ami-")?;
        // Whoever makes a snapshot writes what he likes.
        let is_id = matches!(digits.len(), 8 | 17) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let image = image.parse().ok().filter(|_| is_id)?;
        let copied_from = from_image
            .split_once("for SourceSnapshot ")
            .and_then(|(_, source)| source.split_whitespace().next()?.trim_end_matches('.').parse().ok());
        Some(Self { image, operation, copied_from })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_that_ec2_writes_name_the_image() {
        let of = |text: &str| Origin::of(text).map(|origin| (origin.image.to_string(), origin.operation));
        let created = "Created by CreateImage(i-0123456789abcdef0) for ami-0123456789abcdef0";
        assert_eq!(of(created), Some(("ami-0123456789abcdef0".into(), "CreateImage")));
        let older = "Created by CreateImage(i-12345678) for ami-87654321 from vol-12345678";
        assert_eq!(of(older), Some(("ami-87654321".into(), "CreateImage")));
        let copied = "Copied for DestinationAmi ami-0fedcba9876543210 from SourceAmi ami-0123456789abcdef0 for SourceSnapshot \
                      snap-0123456789abcdef0. Task created on 1,700,000,000,000.";
        let origin = Origin::of(copied).unwrap();
        assert_eq!(origin.image.as_str(), "ami-0fedcba9876543210");
        assert_eq!(origin.copied_from.unwrap().as_str(), "snap-0123456789abcdef0");
    }

    #[test]
    fn other_descriptions_name_none() {
        for text in [
            "",
            "nightly",
            "Created for policy: policy-0123456789abcdef0 schedule: daily",
            "before Created by CreateImage(i-12345678) for ami-87654321",
            "Created by CreateImage(i-12345678) for ami-876543210",
            "Created by CreateImage(i-12345678)",
            "Copied for DestinationAmi ami-1234567",
        ] {
            assert_eq!(Origin::of(text), None, "{text}");
        }
    }
}
