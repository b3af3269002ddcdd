//! Bundles of instance-store images: a manifest and its parts, as objects of S3.

mod bundle;
mod find;
mod manifest;
mod standing;

pub use bundle::{Bundle, BundlePart, ManifestState, read_bundle};
pub use find::{BundleImage, BundleImages, BundleSearch, FoundBundle, find_bundles, read_bundle_images};
pub use manifest::{MANIFEST_BYTES_MAX, Manifest, ManifestError};
pub use standing::{BundleStanding, bundle_standing};
