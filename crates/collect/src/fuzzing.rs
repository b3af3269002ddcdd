//! The reader of what anybody may have put into a bucket, for fuzzing: it takes anything and must not panic. No part of the interface.

use amictl_model::BundlePlace;

use crate::bundles::Manifest;

/// A manifest: whatever parts are read lie beside it and are called as it is.
///
/// # Panics
/// When one is not.
pub fn manifest(bytes: &[u8]) {
    let place = BundlePlace::of_image("bundles", "web", "image");
    let Ok(manifest) = Manifest::parse(&place, bytes) else { return };
    assert!(!manifest.parts.is_empty(), "a manifest names parts");
    for key in &manifest.parts {
        assert!(place.is_part(key) && key.starts_with("web/image.part."), "{key}");
    }
}
