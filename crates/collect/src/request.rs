//! Which images of an inventory a second look is for.

use amictl_model::{ImageId, Inventory};

/// The images to ask for: index into `Inventory::scopes`, indices into that scope's `images`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRequest {
    /// Index into `Inventory::scopes`.
    pub scope: usize,
    /// Indices into that scope's `images`.
    pub images: Vec<usize>,
}

impl ImageRequest {
    /// The requests for these images, as `(scope, image)` in the order of the inventory, which is how a verdict's needs are told.
    #[must_use]
    pub fn of(images: impl IntoIterator<Item = (u32, u32)>) -> Vec<Self> {
        let mut requests: Vec<Self> = Vec::new();
        for (scope, image) in images {
            let (scope, image) = (scope as usize, image as usize);
            match requests.last_mut() {
                Some(last) if last.scope == scope => last.images.push(image),
                _ => requests.push(Self { scope, images: vec![image] }),
            }
        }
        requests
    }

    /// The ids of the images, sorted.
    pub(crate) fn ids(&self, inventory: &Inventory) -> Vec<ImageId> {
        let images = inventory.scopes.get(self.scope).map_or(&[][..], |scope| &scope.images);
        let mut ids: Vec<ImageId> =
            self.images.iter().filter_map(|at| images.get(*at)).map(|image| image.id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}
