//! The accounts and Regions of an inventory, and the uses of an image from all of them.

use std::borrow::Cow;
use std::collections::HashMap;

use amictl_model::{
    AccountId, AccountUse, FileEvidence, FileMention, Grantee, Image, Inventory, LaunchPermissions, Reference, Region,
    ScopeInventory, Source, Usage, UsageReport,
};
use compact_str::{CompactString, format_compact};

use super::ImageEntry;
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
#[derive(Clone)]
pub(crate) struct Use<'a> {
    /// The account that uses it; `None` for a file.
    pub(crate) account: Option<AccountId>,
    pub(crate) reference: Cow<'a, Reference>,
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

    /// The uses that were seen: in the image's own account and in all others that were scanned in its Region, by other accounts as its
    /// usage report has them, and in files.
    pub(crate) fn uses(&self, entry: &ImageEntry<'a>) -> Vec<Use<'a>> {
        let image = &entry.image.id;
        let scanned = self.around(entry).flat_map(|place| {
            let account = Some(place.scope.scope.account);
            let of_scope = place.scope.references_to(image).iter();
            of_scope.map(move |reference| Use { account, reference: Cow::Borrowed(reference) })
        });
        let other = |account, source, resource: &str, what: CompactString| {
            let usage = Usage::Other { what };
            let reference = Reference { image: image.clone(), source, resource: resource.into(), usage };
            Use { account, reference: Cow::Owned(reference) }
        };
        let reported = reported(entry).iter().map(|used| {
            let what = format_compact!("{} as its usage report says", used.count);
            other(Some(used.account), Source::ImageUsage, &used.resource_type, what)
        });
        let mentioned = self
            .mentions(entry)
            .iter()
            .map(|mention| other(None, Source::Files, &mention.place, CompactString::const_new("named in a file")));
        scanned.chain(reported).chain(mentioned).collect()
    }

    fn mentions(&self, entry: &ImageEntry<'a>) -> &'a [FileMention] {
        self.files.map_or(&[], |files| files.mentions_of(&entry.image.id))
    }

    /// The files that could not be read, each of which may name any image.
    pub(crate) fn unread_files(&self) -> &'a [Box<str>] {
        self.files.map_or(&[], |files| &files.failures)
    }

    /// The scopes from which the image could be used: its own, and those of accounts that may launch it as far as is known.
    pub(crate) fn users(&self, entry: &ImageEntry<'a>) -> impl Iterator<Item = &'a ScopeInventory> {
        let (own, image) = (entry.scope, entry.image);
        self.around(entry)
            .map(|place| place.scope)
            .filter(move |scope| std::ptr::eq(*scope, own) || may_launch(image, scope.scope.account))
    }

    /// How many uses were seen.
    pub(crate) fn used_by(&self, entry: &ImageEntry<'a>) -> usize {
        let scanned: usize = self.around(entry).map(|place| place.scope.references_to(&entry.image.id).len()).sum();
        scanned + reported(entry).len() + self.mentions(entry).len()
    }

    /// Whether every place that can use the image was read whole, as far as it is known who may launch it.
    pub(crate) fn is_whole(&self, entry: &ImageEntry<'a>) -> bool {
        let (own, image) = (entry.scope, entry.image);
        let scanned = self.around(entry).all(|place| {
            place.is_whole || !(std::ptr::eq(place.scope, own) || may_launch(image, place.scope.scope.account))
        });
        scanned && self.unread_files().is_empty() && !self.is_unknown_elsewhere(entry)
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

/// The uses by other accounts that the image's usage report has.
fn reported<'a>(entry: &ImageEntry<'a>) -> &'a [AccountUse] {
    match entry.scope.usage_of(&entry.image.id).map(|usage| &usage.report) {
        Some(UsageReport::Read { uses, .. }) => uses,
        Some(UsageReport::Unreadable(_)) | None => &[],
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
