//! What a bundle is to the images that were looked at.

use serde::Serialize;

use super::{Bundle, BundleImages, FoundBundle, ManifestState};

/// What a bundle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BundleStanding {
    /// No image is made of it.
    Orphan,
    /// It may be an orphan, but something that would tell could not be read.
    Unknown,
    /// An image is made of it, and it is not whole.
    Broken,
    /// An image is made of it.
    Used,
}

impl BundleStanding {
    /// The name in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Orphan => "orphan",
            Self::Unknown => "unknown",
            Self::Broken => "broken",
            Self::Used => "used",
        }
    }
}

/// What the bundle is, and why, in a sentence.
#[must_use]
pub fn bundle_standing(found: &FoundBundle, images: &BundleImages) -> (BundleStanding, String) {
    let mut of_it = images.of(&found.place);
    let first = of_it.next();
    let bundle = match (&found.bundle, first) {
        (Ok(bundle), _) => bundle,
        (Err(why), Some(image)) => {
            return (
                BundleStanding::Broken,
                format!("{} is made of it, and it could not be read: {why}", image.image.id),
            );
        }
        (Err(why), None) => return (BundleStanding::Unknown, format!("it could not be read: {why}")),
    };
    let lacks = lacks(bundle);
    match first {
        Some(first) => {
            let more = of_it.count();
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let (id, name) = (&first.image.id, &first.image.name);
            match lacks {
                None => (BundleStanding::Used, format!("{id} {name}{more}")),
                Some(lacks) => (BundleStanding::Broken, format!("{id} {name}{more}: {lacks}")),
            }
        }
        None => match images.doubt(&found.place.bucket, &bundle.region) {
            Some(why) => (BundleStanding::Unknown, why),
            None => {
                let lacks = lacks.map(|lacks| format!("; {lacks}")).unwrap_or_default();
                (
                    BundleStanding::Orphan,
                    format!("no image of the accounts and Regions that were read is made of it{lacks}"),
                )
            }
        },
    }
}

/// What is not as its manifest says.
fn lacks(bundle: &Bundle) -> Option<String> {
    match &bundle.manifest {
        ManifestState::Missing => Some("its manifest is missing".to_owned()),
        ManifestState::Unreadable(why) => Some(format!("its manifest cannot be gone by: {why}")),
        ManifestState::Read(manifest) => match bundle.missing().len() {
            0 => None,
            missing => Some(format!("{missing} of its {} parts are missing", manifest.parts.len())),
        },
    }
}
