//! Image Builder's recipes that are built on an image.

use amictl_model::ImageId;

use super::references::ReferenceKind;
use crate::world::Scope;

/// The ARNs of the recipes of this kind that name the image.
pub(crate) fn referring<'a>(
    _scope: &'a Scope,
    _kind: ReferenceKind,
    _image: &'a ImageId,
) -> impl Iterator<Item = &'a str> {
    std::iter::empty()
}
