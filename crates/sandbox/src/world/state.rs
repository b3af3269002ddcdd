//! The world: all accounts in all Regions.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use amictl_model::{AccountId, ImageId, Region, SnapshotId};
use compact_str::CompactString;

use super::catalog::{RegionInfo, commercial};
use super::id::IdSource;
use super::{Image, Pace, Scope};

/// All accounts in all Regions. No I/O, no clock: time is an argument wherever it matters.
#[derive(Debug)]
pub struct World {
    regions: Vec<RegionInfo>,
    scopes: BTreeMap<(Region, AccountId), Scope>,
    ids: IdSource,
    /// How long things take.
    pub(crate) pace: Pace,
    pub(crate) sessions: BTreeMap<CompactString, Session>,
}

/// A role that was assumed.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// `Arn` of the assumed role.
    pub(crate) arn: String,
    /// `UserId`.
    pub(crate) user_id: String,
}

impl World {
    /// An empty world with AWS's commercial Regions; the seed decides what ids look like.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            regions: commercial(),
            scopes: BTreeMap::new(),
            ids: IdSource::new(seed),
            pace: Pace::default(),
            sessions: BTreeMap::new(),
        }
    }

    /// The Regions.
    #[must_use]
    pub fn regions(&self) -> &[RegionInfo] {
        &self.regions
    }

    /// Replaces the Regions.
    pub fn set_regions(&mut self, regions: Vec<RegionInfo>) {
        self.regions = regions;
    }

    /// Sets how long things take.
    pub fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    /// What an account has in a Region, if it ever had anything there.
    #[must_use]
    pub fn scope(&self, account: AccountId, region: &Region) -> Option<&Scope> {
        self.scopes.get(&(region.clone(), account))
    }

    /// What an account has in a Region, to change it.
    pub fn scope_mut(&mut self, account: AccountId, region: &Region) -> &mut Scope {
        self.scopes.entry((region.clone(), account)).or_default()
    }

    /// Everything, by Region and account.
    pub fn scopes(&self) -> impl Iterator<Item = (&Region, AccountId, &Scope)> {
        self.scopes.iter().map(|((region, account), scope)| (region, *account, scope))
    }

    /// All accounts' scopes in a Region, from an account on.
    pub(crate) fn in_region(
        &self,
        region: &Region,
        from: Option<AccountId>,
    ) -> impl Iterator<Item = (AccountId, &Scope)> {
        let first = "000000000000".parse().expect("twelve digits are an account id");
        let from = (region.clone(), from.unwrap_or(first));
        self.scopes
            .range((Bound::Included(from), Bound::Unbounded))
            .take_while(move |((at, _), _)| at == region)
            .map(|((_, account), scope)| (*account, scope))
    }

    /// An image of any account in a Region.
    pub(crate) fn find_image(&self, region: &Region, id: &ImageId) -> Option<&Arc<Image>> {
        self.in_region(region, None).find_map(|(_, scope)| scope.images.get(id))
    }

    /// A new resource id, such as `vol-0123456789abcdef0` for the prefix `vol-`.
    pub fn new_id(&mut self, prefix: &str) -> CompactString {
        compact_str::format_compact!("{prefix}{}", self.ids.next_hex())
    }

    /// A new image id.
    ///
    /// # Panics
    /// Never: what is made is an id.
    pub fn new_image_id(&mut self) -> ImageId {
        self.new_id(ImageId::PREFIX).parse().expect("seventeen hexadecimal digits make an id")
    }

    /// A new snapshot id.
    ///
    /// # Panics
    /// Never: what is made is an id.
    pub fn new_snapshot_id(&mut self) -> SnapshotId {
        self.new_id(SnapshotId::PREFIX).parse().expect("seventeen hexadecimal digits make an id")
    }

    /// A number that has not come before.
    pub fn new_number(&mut self) -> u64 {
        self.ids.next()
    }
}
