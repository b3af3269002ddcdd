//! Whether the Recycle Bin keeps a deregistered image.

use amictl_model::Moment;

use crate::world::{Image, Scope};

/// Until when the retention rules of the Region keep an image that is deregistered now.
pub(crate) fn retained_until(_scope: &Scope, _image: &Image, _now: Moment) -> Option<Moment> {
    None
}
