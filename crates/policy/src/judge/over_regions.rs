//! The newest versions over the Regions of an account: a version counts only if it is in every one of them.

use std::collections::BTreeSet;

use amictl_model::{AccountId, Image, Inventory, Moment, Region, Scope, Source};
use foldhash::HashMap;

use super::group::{Groups, Member, usable_since};
use crate::policy::{Family, Policy};
use crate::selector::Subject;
use crate::{NewestIn, keep::Keep};

/// The versions that stay, of the families that count over Regions.
#[derive(Default)]
pub(super) struct OverRegions<'a> {
    groups: HashMap<(AccountId, u32), HashMap<&'a str, Stays<'a>>>,
}

/// Why a version stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stays<'a> {
    /// It is in all Regions, and the newest but so many.
    Counted(u32),
    /// It is not in this Region, so it does not count, and as many as are to be kept have not been counted yet.
    Missing(&'a Region),
    /// An older image, of which it cannot be told whether it is of a newer version, would make that one older than this.
    Unsure,
}

/// The versions of one group of an account.
#[derive(Default)]
struct Versions<'a> {
    /// When each was first made, and where it is.
    seen: HashMap<&'a str, (Option<Moment>, BTreeSet<&'a Region>)>,
    regions: BTreeSet<&'a Region>,
}

/// Whether the family counts over Regions.
fn counts_over_regions(family: &Family) -> bool {
    family.keep.newest > 0 && family.keep.newest_in != NewestIn::EachRegion
}

impl<'a> OverRegions<'a> {
    /// Looks through all scopes, if a family counts over Regions.
    pub(super) fn new(policy: &'a Policy, inventory: &'a Inventory, groups: &mut Groups<'a>, now: Moment) -> Self {
        if !policy.families.iter().any(counts_over_regions) {
            return Self::default();
        }
        let mut gathered: HashMap<(AccountId, u32), (&'a Keep, Versions<'a>)> = HashMap::default();
        let mut unread = unread_regions(inventory);
        let mut unsure_since: HashMap<AccountId, Moment> = HashMap::default();
        let mut scratch = String::new();
        for scope in &inventory.scopes {
            for image in &scope.images {
                let subject = Subject { image, scope: &scope.scope, now };
                let member = groups.member(&subject, &mut scratch);
                if matches!(member, Member::Unsure(_)) {
                    // It may be of any version and any group.
                    unread.entry(scope.scope.account).or_default().insert(&scope.scope.region);
                    if let Some(since) = usable_since(image, &scope.scope, now) {
                        let first = unsure_since.entry(scope.scope.account).or_insert(since);
                        *first = since.min(*first);
                    }
                }
                let Member::In { group, .. } = member else { continue };
                let Some(family) = groups.family_of(member).filter(|family| counts_over_regions(family)) else {
                    continue;
                };
                let key = (scope.scope.account, group);
                let (_, versions) = gathered.entry(key).or_insert_with(|| (&family.keep, Versions::default()));
                versions.add(family, image, &scope.scope, now);
            }
        }
        let stay = gathered.into_iter().map(|(key, (keep, versions))| {
            let unread = unread.get(&key.0).into_iter().flatten().copied();
            (key, versions.stay(keep, unread, unsure_since.get(&key.0).copied()))
        });
        Self { groups: stay.collect() }
    }

    /// Why this version of the group stays, if it does.
    pub(super) fn stays(&self, account: AccountId, group: u32, version: &str) -> Option<Stays<'a>> {
        self.groups.get(&(account, group))?.get(version).copied()
    }
}

/// The Regions of each account whose images were not read whole: what is there is not known, so no version is known to be.
fn unread_regions(inventory: &Inventory) -> HashMap<AccountId, BTreeSet<&Region>> {
    let mut regions: HashMap<AccountId, BTreeSet<&Region>> = HashMap::default();
    for scope in inventory.scopes.iter().filter(|scope| !scope.is_complete(Source::Images)) {
        regions.entry(scope.scope.account).or_default().insert(&scope.scope.region);
    }
    regions
}

impl<'a> Versions<'a> {
    fn add(&mut self, family: &Family, image: &'a Image, scope: &'a Scope, now: Moment) {
        let Some(created_at) = usable_since(image, scope, now) else { return };
        self.regions.insert(&scope.region);
        let Some(version) = version(family, image) else { return };
        let (first, regions) = self.seen.entry(version).or_default();
        // Copies are made later, some of them much later.
        *first = Some(first.map_or(created_at, |first| first.min(created_at)));
        regions.insert(&scope.region);
    }

    /// `unsure_since` is when the first image was made that may be of any version.
    fn stay(
        mut self,
        keep: &'a Keep,
        unread: impl Iterator<Item = &'a Region>,
        unsure_since: Option<Moment>,
    ) -> HashMap<&'a str, Stays<'a>> {
        match &keep.newest_in {
            NewestIn::EachRegion | NewestIn::AllRegions => self.regions.extend(unread),
            NewestIn::Regions(regions) => self.regions = regions.iter().collect(),
        }
        let mut newest_first: Vec<(&str, Option<Moment>, BTreeSet<&Region>)> =
            self.seen.into_iter().map(|(version, (first, regions))| (version, first, regions)).collect();
        newest_first.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
        let mut stay = HashMap::default();
        let mut counted = 0;
        for (version, first, regions) in newest_first {
            if counted == keep.newest {
                if unsure_since.is_some_and(|since| Some(since) <= first) {
                    stay.insert(version, Stays::Unsure);
                    continue;
                }
                break;
            }
            match self.regions.iter().find(|region| !regions.contains(*region)) {
                Some(missing) => stay.insert(version, Stays::Missing(missing)),
                None => {
                    counted += 1;
                    stay.insert(version, Stays::Counted(counted - 1))
                }
            };
        }
        stay
    }
}

/// What an image is counted by.
pub(super) fn version<'a>(family: &Family, image: &'a Image) -> Option<&'a str> {
    family.version.as_ref()?.of(image, family.matcher.name.as_ref())
}
