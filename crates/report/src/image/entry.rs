//! One image where it lives, with what is known about it there.

use amictl_model::{Image, Inventory, ScopeInventory, SnapshotId};
use amictl_policy::Verdict;

/// An image of an inventory.
#[derive(Debug, Clone, Copy)]
pub struct ImageEntry<'a> {
    /// Its account and Region.
    pub scope: &'a ScopeInventory,
    /// The image.
    pub image: &'a Image,
    /// Its verdict, where it was judged.
    pub verdict: Option<&'a Verdict>,
}

impl<'a> ImageEntry<'a> {
    /// Every image of an inventory, in its order, without verdicts.
    #[must_use]
    pub fn all(inventory: &'a Inventory) -> Vec<Self> {
        let images =
            |scope: &'a ScopeInventory| scope.images.iter().map(move |image| Self { scope, image, verdict: None });
        inventory.scopes.iter().flat_map(images).collect()
    }

    /// Every image that was judged, in the order of the verdicts.
    #[must_use]
    pub fn judged(inventory: &'a Inventory, verdicts: &'a [Verdict]) -> Vec<Self> {
        verdicts.iter().filter_map(|verdict| Self::of(inventory, verdict)).collect()
    }

    /// The image of this verdict, if the verdict is of this inventory.
    #[must_use]
    pub fn of(inventory: &'a Inventory, verdict: &'a Verdict) -> Option<Self> {
        let entry = Self::at(inventory, usize::try_from(verdict.scope).ok()?, usize::try_from(verdict.image).ok()?)?;
        Some(Self { verdict: Some(verdict), ..entry })
    }

    /// The image at this place of the inventory, by the index of its scope and its index there.
    #[must_use]
    pub fn at(inventory: &'a Inventory, scope: usize, image: usize) -> Option<Self> {
        let scope = inventory.scopes.get(scope)?;
        Some(Self { scope, image: scope.images.get(image)?, verdict: None })
    }

    /// GiB of all its block devices.
    pub(super) fn size_gib(&self) -> u64 {
        self.image.block_devices.iter().filter_map(|device| device.size_gib).map(u64::from).sum()
    }

    /// The other images of the account and Region that have this snapshot.
    pub(super) fn others_with(&self, snapshot: &SnapshotId) -> Vec<&'a Image> {
        let has_it = |image: &&Image| image.id != self.image.id && image.snapshots().any(|id| id == snapshot);
        self.scope.images.iter().filter(has_it).collect()
    }
}
