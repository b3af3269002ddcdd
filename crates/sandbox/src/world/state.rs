//! The world: all accounts in all Regions.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use amictl_model::{AccountId, ImageId, Moment, Region, SnapshotId};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::DEFAULT_ACCOUNT;

use super::catalog::{RegionInfo, commercial};
use super::id::{IdSource, mix};
use super::shelf::Change;
use super::{Image, Limits, Membership, Organization, Pace, Replies, Scope, public_parameter, s3};

/// All accounts in all Regions. No I/O, no clock: time is an argument wherever it matters.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct World {
    ids: IdSource,
    /// The organization that the accounts are in.
    #[serde(default)]
    pub membership: Membership,
    /// What S3 holds.
    #[serde(default)]
    pub s3: s3::Store,
    /// How long things take.
    #[serde(default)]
    pub(crate) pace: Pace,
    /// How much an account may have in a Region.
    #[serde(default)]
    pub(crate) limits: Limits,
    regions: Vec<RegionInfo>,
    #[serde(with = "super::save_places")]
    scopes: BTreeMap<(Region, AccountId), Scope>,
    #[serde(default)]
    pub(crate) sessions: BTreeMap<CompactString, Session>,
    /// What was answered to requests with a client token.
    #[serde(default)]
    pub(crate) replies: Replies,
    /// What is noted with changes that take time to be seen.
    #[serde(skip)]
    pub(super) change: Option<Change>,
    /// Calls that made such changes.
    #[serde(skip)]
    pub(super) changes: u64,
}

/// A role that was assumed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// `Arn` of the assumed role.
    pub(crate) arn: String,
    /// `UserId`.
    pub(crate) user_id: String,
    /// When its credentials are over.
    pub(crate) expires_at: Option<Moment>,
}

impl World {
    /// An empty world with AWS's commercial Regions; the seed decides what ids look like.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            regions: commercial(),
            scopes: BTreeMap::new(),
            ids: IdSource::new(seed),
            membership: Membership::default(),
            s3: s3::Store::default(),
            pace: Pace::default(),
            limits: Limits::default(),
            sessions: BTreeMap::new(),
            replies: Replies::default(),
            change: None,
            changes: 0,
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

    /// Sets how much an account may have in a Region.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// What an account has in a Region, if it ever had anything there.
    #[must_use]
    pub fn scope(&self, account: AccountId, region: &Region) -> Option<&Scope> {
        self.scopes.get(&(region.clone(), account))
    }

    /// What an account has in a Region, to change it.
    pub fn scope_mut(&mut self, account: AccountId, region: &Region) -> &mut Scope {
        let scope = self.scopes.entry((region.clone(), account)).or_default();
        if self.changes > 0 {
            scope.note(self.change);
        }
        scope
    }

    /// Everything, to change how it is seen.
    pub(super) fn all_scopes_mut(&mut self) -> impl Iterator<Item = &mut Scope> {
        self.scopes.values_mut()
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

    /// The organization that the accounts are in, if there is one.
    #[must_use]
    pub fn organization(&self) -> Option<Cow<'_, Organization>> {
        match &self.membership {
            Membership::Nobody => None,
            Membership::In(organization) => Some(Cow::Borrowed(organization)),
            Membership::Everyone => {
                let accounts: BTreeSet<AccountId> =
                    self.scopes.keys().map(|(_, account)| *account).filter(|id| !is_of_aws(*id)).collect();
                let default: AccountId = DEFAULT_ACCOUNT.parse().expect("twelve digits are an account id");
                let management = match accounts.first() {
                    Some(first) if !accounts.contains(&default) => *first,
                    _ => default,
                };
                let number = mix(u64::from(u32::MAX));
                Some(Cow::Owned(Organization::new(management, &accounts, number, Moment::from_secs(FOUNDED_AT_SECS))))
            }
        }
    }

    /// The organization that the accounts are in, to change it.
    pub fn organization_mut(&mut self) -> Option<&mut Organization> {
        if self.membership == Membership::Everyone
            && let Some(organization) = self.organization().map(Cow::into_owned)
        {
            self.membership = Membership::In(organization);
        }
        match &mut self.membership {
            Membership::In(organization) => Some(organization),
            Membership::Everyone | Membership::Nobody => None,
        }
    }

    /// The image id that `resolve:ssm:…` stands for to an account in a Region: a parameter of its own, one of AWS, or one
    /// that is shared with it, with a version or a label after a colon.
    #[must_use]
    pub fn resolve_image(&self, account: AccountId, region: &Region, alias: &str) -> Option<CompactString> {
        let path = alias.strip_prefix("resolve:ssm:")?;
        let (owner, path) = match path.strip_prefix("arn:aws:ssm:") {
            None => (account, path),
            Some(rest) => {
                let (at, rest) = rest.split_once(':')?;
                let (owner, name) = rest.split_once(":parameter")?;
                (if at == region.as_str() { owner.parse().ok()? } else { return None }, name)
            }
        };
        let (name, selector) = match path.split_once(':') {
            Some((name, selector)) => (name, Some(selector)),
            None => (path, None),
        };
        let parameter = self
            .scope(owner, region)
            .and_then(|scope| scope.parameters.get(name).or_else(|| scope.parameters.get(name.strip_prefix('/')?)));
        match parameter {
            Some(parameter) if owner == account || parameter.shared_with.contains(&account) => {
                parameter.value(selector).map(CompactString::from)
            }
            Some(_) => None,
            None => public_parameter(name, region).map(|image| image.as_str().into()),
        }
    }

    /// Puts an object into a bucket; `false` when there is no such bucket.
    pub fn put_object(&mut self, bucket: &str, key: &str, object: s3::Object) -> bool {
        let number = self.new_number();
        let Some(bucket) = self.s3.bucket_mut(bucket) else { return false };
        bucket.put(key, object, || version_id(number));
        true
    }

    /// A number that has not come before.
    pub fn new_number(&mut self) -> u64 {
        self.ids.next()
    }
}

/// The id of an object's version, made of a number that has not come before.
pub(crate) fn version_id(number: u64) -> String {
    format!("{number:016x}{:016x}", number.rotate_left(29) ^ 0x5bd1_e995_2545_f491)
}

/// When an organization that nobody founded is said to have been founded: 2020-01-01.
const FOUNDED_AT_SECS: i64 = 1_577_836_800;

/// Whether an account is one of those under which AWS and others publish images.
fn is_of_aws(account: AccountId) -> bool {
    ["137112412989", "801119661308", "099720109477", "591542846629", "602401143452", "092701018921"]
        .iter()
        .any(|known| known.parse() == Ok(account))
}
