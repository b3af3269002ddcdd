//! Images that are no longer registered: in the Recycle Bin, or gone.

use std::sync::Arc;

use amictl_model::{ImageId, ImageState, Moment};
use serde::{Deserialize, Serialize};

use super::{Image, Scope};

/// The tag that AWS puts on whatever is in the bin.
pub(crate) const IN_BIN_TAG: &str = "aws:recycle-bin:resource-in-bin";

/// An image in the Recycle Bin, as it was, with its sharing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BinnedImage {
    /// The image; its tags can still be changed.
    pub image: Arc<Image>,
    /// `RecycleBinEnterTime`.
    pub entered_at: Moment,
    /// `RecycleBinExitTime`: from then on it is gone.
    pub exits_at: Moment,
}

impl Scope {
    /// The image of this id in the bin, unless its time is over.
    pub(crate) fn binned_image(&self, id: &ImageId, now: Moment) -> Option<&BinnedImage> {
        self.binned_images.get(id).map(Arc::as_ref).filter(|binned| now < binned.exits_at)
    }

    /// Images in the bin at this time.
    pub(crate) fn binned_image_count(&self, now: Moment) -> usize {
        self.binned_images.values().filter(|binned| now < binned.exits_at).count()
    }

    /// Takes a deregistered image out: into the bin until some time, or for good. Its snapshots are free then.
    pub(crate) fn deregister(&mut self, id: &ImageId, now: Moment, kept_until: Option<Moment>) {
        let Some(image) = self.remove_image(id) else { return };
        let mut gone = Arc::clone(&image);
        Arc::make_mut(&mut gone).state = ImageState::Deregistered;
        self.gone_images.insert(id.clone(), gone);
        if let Some(exits_at) = kept_until {
            let mut image = Arc::unwrap_or_clone(image);
            image.tags = image.tags.iter().chain([(IN_BIN_TAG, "true")]).collect();
            let binned = BinnedImage { image: Arc::new(image), entered_at: now, exits_at };
            self.binned_images.insert(id.clone(), Arc::new(binned));
        }
    }

    /// Registers an image of the bin again, with its sharing.
    pub(crate) fn restore_image(&mut self, id: &ImageId) {
        let Some(binned) = self.binned_images.remove(id) else { return };
        self.gone_images.remove(id);
        let mut image = Arc::unwrap_or_clone(Arc::unwrap_or_clone(binned).image);
        image.tags = image.tags.iter().filter(|(key, _)| *key != IN_BIN_TAG).collect();
        self.put_image(image);
    }
}
