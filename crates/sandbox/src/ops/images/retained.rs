//! Whether the Recycle Bin keeps a deregistered image.

use amictl_model::{Moment, RootDeviceType};

use crate::world::{Image, ResourceKind, Scope, retention};

/// Until when the retention rules of the Region keep an image that is deregistered now; they keep EBS-backed ones only.
pub(crate) fn retained_until(scope: &Scope, image: &Image, now: Moment) -> Option<Moment> {
    if image.traits.root_device_type != RootDeviceType::Ebs {
        return None;
    }
    Some(retention(scope, ResourceKind::Image, &image.tags, now)?.until)
}
