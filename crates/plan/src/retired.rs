//! The images that a plan does something to, in the order of its steps: by account, Region, family, creation and id.

use std::num::NonZeroU32;
use std::sync::Arc;

use amictl_model::{Image, Inventory, Moment};
use amictl_policy::{Family, Policy, SnapshotRule, Subject, Verdict};

use crate::file::Action;
use crate::id_hash::IdMap;

/// An image that something is done to, with what the order of the steps goes by.
pub(crate) struct Retired {
    pub(crate) scope: ScopeOrder,
    /// The number of its family, then its place among all by name, so that sorting need not compare names.
    family: u32,
    created_at: Option<Moment>,
    pub(crate) image: u32,
    pub(crate) action: Action,
    pub(crate) snapshots: SnapshotRule,
    /// The index of the family whose stage is kept in the image's tags, `NO_FAMILY` where none is.
    pub(crate) staged_by: u32,
    /// Days for which the policy wants it back.
    pub(crate) recycle_bin_days: Option<NonZeroU32>,
}

pub(crate) const NO_FAMILY: u32 = u32::MAX;

/// A scope by its place among all by name, and its index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ScopeOrder {
    place: u32,
    pub(crate) index: u32,
}

/// The retired images while they are gathered.
pub(crate) struct RetiredImages<'a> {
    policy: &'a Policy,
    /// What the policy says of the snapshots and the Recycle Bin where all families say the same: then images need not be matched with them again.
    snapshots: Option<(SnapshotRule, Option<NonZeroU32>)>,
    inventory: &'a Inventory,
    now: Moment,
    scopes: Vec<u32>,
    /// The families seen, whose numbers begin at 1, and their numbers by where their names lie, as verdicts share names.
    families: Vec<Arc<str>>,
    numbers: IdMap<*const str, u32>,
    images: Vec<Retired>,
}

impl<'a> RetiredImages<'a> {
    pub(crate) fn new(policy: &'a Policy, inventory: &'a Inventory, now: Moment) -> Self {
        let mut rules = policy.families.iter().map(ending_of);
        let first = rules.next().unwrap_or((SnapshotRule::Keep, None));
        Self {
            policy,
            snapshots: rules.all(|rule| rule == first).then_some(first),
            inventory,
            now,
            scopes: scope_places(inventory),
            families: Vec::new(),
            numbers: IdMap::default(),
            images: Vec::new(),
        }
    }

    /// Takes note of an image that this is done to.
    pub(crate) fn add(&mut self, verdict: &Verdict, image: &Image, action: Action) {
        let family = || {
            let scope = &self.inventory.scopes[verdict.scope as usize].scope;
            self.policy.family_of(&Subject { image, scope, now: self.now })
        };
        let ending = || family().map_or((SnapshotRule::Keep, None), ending_of);
        let (snapshots, recycle_bin_days) = self.snapshots.unwrap_or_else(ending);
        let staged_by = match action {
            Action::Mark | Action::Deprecate | Action::Disable | Action::ArchiveSnapshots => {
                let family =
                    family().and_then(|family| self.policy.families.iter().position(|one| std::ptr::eq(one, family)));
                family.and_then(|at| u32::try_from(at).ok()).unwrap_or(NO_FAMILY)
            }
            _ => NO_FAMILY,
        };
        let family = verdict.family.as_ref().map_or(0, |family| self.number(family));
        self.images.push(Retired {
            scope: ScopeOrder { place: self.scopes[verdict.scope as usize], index: verdict.scope },
            family,
            created_at: image.created_at,
            image: verdict.image,
            action,
            snapshots,
            staged_by,
            recycle_bin_days: recycle_bin_days.filter(|_| action == Action::Deregister),
        });
    }

    fn number(&mut self, family: &Arc<str>) -> u32 {
        *self.numbers.entry(Arc::as_ptr(family)).or_insert_with(|| {
            // Held, so that no other name comes to lie there.
            self.families.push(family.clone());
            u32::try_from(self.families.len()).unwrap_or(u32::MAX)
        })
    }

    /// The images in the order of the plan's steps.
    pub(crate) fn in_order(mut self) -> Vec<Retired> {
        let places = family_places(&self.families);
        for retired in &mut self.images {
            retired.family = places[retired.family as usize];
        }
        let scopes = &self.inventory.scopes;
        let id = |retired: &Retired| &scopes[retired.scope.index as usize].images[retired.image as usize].id;
        self.images.sort_unstable_by(|a, b| {
            (a.scope, a.family, a.created_at).cmp(&(b.scope, b.family, b.created_at)).then_with(|| id(a).cmp(id(b)))
        });
        self.images
    }
}

/// What the family's last stage says of the snapshots, and for how many days the Recycle Bin must keep everything.
fn ending_of(family: &Family) -> (SnapshotRule, Option<NonZeroU32>) {
    const DAY_SECS: i64 = 24 * 3600;
    let Some(last) = family.retire.last() else { return (SnapshotRule::Keep, None) };
    // A part of a day is kept only by a whole one.
    let days = last.require_recycle_bin.map(|time| (time.as_secs() + DAY_SECS - 1).div_euclid(DAY_SECS));
    let days = days.and_then(|days| NonZeroU32::new(u32::try_from(days).unwrap_or(u32::MAX)));
    (last.snapshots, days)
}

/// The place of each scope among all by account and Region.
fn scope_places(inventory: &Inventory) -> Vec<u32> {
    let mut order: Vec<usize> = (0..inventory.scopes.len()).collect();
    order.sort_by(|a, b| inventory.scopes[*a].scope.cmp(&inventory.scopes[*b].scope));
    let mut places = vec![0; order.len()];
    for (place, index) in (0..).zip(order) {
        places[index] = place;
    }
    places
}

/// The place of each family, by its number, among all by name; 0 stays what no family has.
fn family_places(families: &[Arc<str>]) -> Vec<u32> {
    let mut names: Vec<(&str, usize)> = (1..).zip(families).map(|(number, name)| (&**name, number)).collect();
    names.sort_unstable();
    let mut places = vec![0; names.len() + 1];
    // Equal names may lie in more places than one.
    for (place, same) in (1..).zip(names.chunk_by(|a, b| a.0 == b.0)) {
        for (_, number) in same {
            places[*number] = place;
        }
    }
    places
}
