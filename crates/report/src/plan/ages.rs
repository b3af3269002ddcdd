//! Finds out how old a plan's images are.

use std::collections::HashMap;

use amictl_model::{AccountId, Inventory, Moment, Region, ScopeInventory};
use amictl_plan::PlanVerdict;

/// Creation dates by image.
pub(super) struct Ages<'a>(HashMap<(AccountId, &'a Region), &'a ScopeInventory>);

impl<'a> Ages<'a> {
    /// The ages in this inventory; none without one.
    pub(super) fn of(inventory: Option<&'a Inventory>) -> Self {
        let scopes = inventory.map_or(&[][..], |inventory| &inventory.scopes);
        Self(scopes.iter().map(|scope| ((scope.scope.account, &scope.scope.region), scope)).collect())
    }

    /// When the image of this verdict was made, if that is known.
    pub(super) fn created_at(&self, verdict: &'a PlanVerdict) -> Option<Moment> {
        let images = &self.0.get(&(verdict.account, &verdict.region))?.images;
        let at = images.binary_search_by(|image| image.id.cmp(&verdict.image_id)).ok()?;
        images[at].created_at
    }
}
