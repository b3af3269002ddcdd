//! Channels: the images that parameters point to, and those before them.

use amictl_model::{ImageId, Reference, ScopeInventory, Source};

use super::group::Place;
use crate::keep::Channels;

/// What the channels of its family say of an image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Channel {
    #[default]
    None,
    /// A channel points to it.
    Named,
    /// It is among those before one that a channel points to.
    Previous,
}

/// Marks the images of one group; `newest_first` are its usable images.
pub(super) fn assign(channels: &Channels, scope: &ScopeInventory, newest_first: &[Place], marks: &mut [Channel]) {
    let mut previous = 0;
    for place in newest_first {
        let at = place.image() as usize;
        let (Some(image), Some(mark)) = (scope.images.get(at), marks.get_mut(at)) else { continue };
        if named(channels, scope, &image.id).is_some() {
            *mark = Channel::Named;
            previous = channels.previous;
        } else if previous > 0 {
            *mark = Channel::Previous;
            previous -= 1;
        }
    }
}

/// The first parameter of the channels that points to this image.
pub(super) fn named<'a>(channels: &Channels, scope: &'a ScopeInventory, image: &ImageId) -> Option<&'a Reference> {
    scope.references_to(image).iter().find(|reference| {
        reference.source == Source::SsmParameters
            && channels.parameters.iter().any(|glob| glob.is_match(&reference.resource))
    })
}
