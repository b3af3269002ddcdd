//! What other scanned accounts say of an image in its Region: what uses it there, and what could not be read there.

use std::collections::HashMap;

use amictl_model::{AccountId, ImageId, Inventory, Reference, Region, ScopeInventory};

use super::unreadable;
use crate::Reason;
use crate::policy::Policy;

/// The scanned accounts of each Region.
pub(super) struct Elsewhere<'a> {
    inventory: &'a Inventory,
    regions: HashMap<&'a Region, OfRegion<'a>>,
}

/// The accounts of one Region.
#[derive(Default)]
struct OfRegion<'a> {
    /// References to images that are not of the account that they were seen in, sorted by image.
    foreign: Vec<Foreign<'a>>,
    /// The accounts, each with the reference sources that were not read whole.
    accounts: Vec<(AccountId, Vec<Reason>)>,
}

/// A reference to an image of another account.
#[derive(Clone, Copy)]
pub(super) struct Foreign<'a> {
    /// The account that it was seen in.
    pub(super) account: AccountId,
    pub(super) reference: &'a Reference,
}

/// What the other accounts of one scope's Region say.
#[derive(Clone, Copy)]
pub(super) struct Others<'a> {
    own: AccountId,
    foreign: &'a [Foreign<'a>],
    accounts: &'a [(AccountId, Vec<Reason>)],
}

impl<'a> Elsewhere<'a> {
    /// What could not be read; what uses the images of others is added when it is known where there is any such reference.
    pub(super) fn new(policy: &Policy, inventory: &'a Inventory) -> Self {
        let mut regions: HashMap<&Region, OfRegion<'_>> = HashMap::new();
        for scope in &inventory.scopes {
            let unread = unreadable::references_of(policy, scope).collect();
            regions.entry(&scope.scope.region).or_default().accounts.push((scope.scope.account, unread));
        }
        Self { inventory, regions }
    }

    /// Adds the references of these scopes to images that are not theirs.
    pub(super) fn add_foreign(&mut self, scopes: &[usize]) {
        for scope in scopes.iter().filter_map(|number| self.inventory.scopes.get(*number)) {
            if let Some(region) = self.regions.get_mut(&scope.scope.region).filter(|region| region.accounts.len() > 1) {
                let account = scope.scope.account;
                region.foreign.extend(not_own(scope).map(|reference| Foreign { account, reference }));
            }
        }
        for region in self.regions.values_mut() {
            region.foreign.sort_by(|a, b| key(a).cmp(&key(b)));
        }
    }

    /// The scopes that have an image which another account of the Region refers to.
    pub(super) fn named(&self) -> Vec<usize> {
        let has_named = |scope: &ScopeInventory| {
            let others = self.others(scope);
            !others.foreign.is_empty() && scope.images.iter().any(|image| !others.uses_of(&image.id).is_empty())
        };
        let scopes = self.inventory.scopes.iter().enumerate();
        scopes.filter(|(_, scope)| has_named(scope)).map(|(number, _)| number).collect()
    }

    /// What the accounts of this scope's Region say.
    pub(super) fn others_of(&self, scope: usize) -> Others<'_> {
        self.others(&self.inventory.scopes[scope])
    }

    fn others(&self, scope: &ScopeInventory) -> Others<'_> {
        let own = scope.scope.account;
        match self.regions.get(&scope.scope.region) {
            Some(region) => Others { own, foreign: &region.foreign, accounts: &region.accounts },
            None => Others { own, foreign: &[], accounts: &[] },
        }
    }
}

fn key<'a>(foreign: &Foreign<'a>) -> (&'a ImageId, amictl_model::Source, AccountId, &'a str) {
    let reference = foreign.reference;
    (&reference.image, reference.source, foreign.account, &reference.resource)
}

/// The references of a scope to images that it does not own. Both lists come sorted, so this is one pass; where one is not, an image of
/// the scope may pass for another's, which does no harm.
fn not_own(scope: &ScopeInventory) -> impl Iterator<Item = &Reference> {
    let mut images = scope.images.as_slice();
    scope.references.iter().filter(move |reference| {
        while let [first, rest @ ..] = images
            && first.id < reference.image
        {
            images = rest;
        }
        images.first().is_none_or(|first| first.id != reference.image)
    })
}

impl<'a> Others<'a> {
    /// What uses this image in the other accounts.
    pub(super) fn uses_of(&self, image: &ImageId) -> &'a [Foreign<'a>] {
        if self.foreign.is_empty() {
            return &[];
        }
        let start = self.foreign.partition_point(|foreign| foreign.reference.image < *image);
        let len = self.foreign[start..].partition_point(|foreign| foreign.reference.image == *image);
        &self.foreign[start..start + len]
    }

    /// The other accounts, each with the reference sources that were not read whole.
    pub(super) fn accounts(&self) -> impl Iterator<Item = (AccountId, &'a [Reason])> + use<'a> {
        let own = self.own;
        self.accounts
            .iter()
            .filter(move |(account, _)| *account != own)
            .map(|(account, unread)| (*account, unread.as_slice()))
    }

    /// Whether everything that this account could use an image with was read whole in this Region.
    pub(super) fn is_read_whole(&self, account: AccountId) -> bool {
        let mut entries = self.accounts.iter().filter(|(other, _)| *other == account).peekable();
        entries.peek().is_some() && entries.all(|(_, unread)| unread.is_empty())
    }
}
