//! The accounts and Regions of an inventory, and the uses of an image from all of them.

use std::collections::HashMap;

use amictl_model::{
    AccountId, FileEvidence, Grantee, Image, Inventory, LaunchPermissions, Reference, Region, Scope, ScopeInventory,
    Source, UsageReport,
};

use super::{Beyond, ImageEntry};
use crate::number::{count, len};

/// An inventory's scopes by Region: an image can be used by any account there.
pub(crate) struct Places<'a> {
    by_region: HashMap<&'a Region, Vec<Place<'a>>>,
    files: Option<&'a FileEvidence>,
}

struct Place<'a> {
    scope: &'a ScopeInventory,
    /// Whether every source that can use an image was read whole.
    is_whole: bool,
}

/// A use of an image, and where it was seen.
#[derive(Clone, Copy)]
pub(crate) struct Use<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) reference: &'a Reference,
}

impl<'a> Places<'a> {
    /// The places of an inventory.
    pub(crate) fn of(inventory: &'a Inventory) -> Self {
        let mut by_region: HashMap<&Region, Vec<Place<'_>>> = HashMap::new();
        for scope in &inventory.scopes {
            let is_whole = Source::REFERENCES.iter().all(|source| scope.is_complete(*source));
            by_region.entry(&scope.scope.region).or_default().push(Place { scope, is_whole });
        }
        Self { by_region, files: inventory.files.as_ref() }
    }

    fn around(&self, entry: &ImageEntry<'a>) -> impl Iterator<Item = &Place<'a>> {
        self.by_region.get(&entry.scope.scope.region).into_iter().flatten()
    }

    /// The uses that were seen, in the image's own account and in all others that were scanned in its Region.
    pub(crate) fn uses(&self, entry: &ImageEntry<'a>) -> impl Iterator<Item = Use<'a>> {
        let image = &entry.image.id;
        self.around(entry).flat_map(move |place| {
            let scope = place.scope;
            scope.references_to(image).iter().map(|reference| Use { scope: &scope.scope, reference })
        })
    }

    /// The scopes from which the image could be used: its own, and those of accounts that may launch it as far as is known.
    pub(crate) fn users(&self, entry: &ImageEntry<'a>) -> impl Iterator<Item = &'a ScopeInventory> {
        let (own, image) = (entry.scope, entry.image);
        self.around(entry)
            .map(|place| place.scope)
            .filter(move |scope| std::ptr::eq(*scope, own) || may_launch(image, scope.scope.account))
    }

    /// What files say of images.
    pub(crate) fn files(&self) -> Option<&'a FileEvidence> {
        self.files
    }

    /// How many uses were seen, lines of files and what a usage report tells included.
    pub(crate) fn used_by(&self, entry: &ImageEntry<'a>) -> usize {
        self.uses(entry).count() + Beyond::of(self, entry).count()
    }

    /// Whether every source that can use the image was read whole.
    pub(crate) fn is_whole(&self, entry: &ImageEntry<'a>) -> bool {
        let (own, image) = (entry.scope, entry.image);
        let files_are_whole = self.files.is_none_or(|files| files.failures.is_empty());
        files_are_whole
            && !self.is_unknown_elsewhere(entry)
            && self.around(entry).all(|place| {
                place.is_whole || !(std::ptr::eq(place.scope, own) || may_launch(image, place.scope.scope.account))
            })
    }

    /// Whether accounts that were not scanned may launch the image, and no usage report tells whether they do.
    pub(crate) fn is_unknown_elsewhere(&self, entry: &ImageEntry<'a>) -> bool {
        let is_scanned = |account: AccountId| self.around(entry).any(|place| place.scope.scope.account == account);
        let is_beyond = |grantee: &Grantee| match grantee {
            Grantee::Account(account) => !is_scanned(*account),
            Grantee::Group(_) | Grantee::Organization(_) | Grantee::OrganizationalUnit(_) => true,
        };
        let granted = entry.image.launch_permissions.known().unwrap_or_default();
        let is_shared = entry.image.public || granted.iter().any(is_beyond);
        let report = entry.scope.usage_of(&entry.image.id).map(|usage| &usage.report);
        is_shared && !matches!(report, Some(UsageReport::Read { .. }))
    }

    /// `3`; `≥3` and `?` where not every source was read whole.
    pub(crate) fn used_by_text(&self, entry: &ImageEntry<'a>) -> String {
        match (self.used_by(entry), self.is_whole(entry)) {
            (uses, true) => count(len(uses)),
            (0, false) => "?".to_owned(),
            (uses, false) => format!("≥{}", count(len(uses))),
        }
    }
}

/// Whether an account other than the owner may launch the image, as far as is known: what was not read is not private.
fn may_launch(image: &Image, account: AccountId) -> bool {
    image.public
        || match &image.launch_permissions {
            LaunchPermissions::Unread | LaunchPermissions::Unreadable(_) => true,
            LaunchPermissions::Read(grantees) => grantees.iter().any(|grantee| match grantee {
                Grantee::Account(granted) => *granted == account,
                Grantee::Group(_) | Grantee::Organization(_) | Grantee::OrganizationalUnit(_) => true,
            }),
        }
}
