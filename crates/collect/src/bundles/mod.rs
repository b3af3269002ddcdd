//! Bundles of instance-store images: a manifest and its parts, as objects of S3.

mod bundle;
mod find;
mod manifest;

pub use bundle::{Bundle, BundlePart, ManifestState, read_bundle};
pub use find::{BundleImage, BundleSearch, FoundBundle, Naming, find_bundles, naming};
pub use manifest::{MANIFEST_BYTES_MAX, Manifest, ManifestError};
