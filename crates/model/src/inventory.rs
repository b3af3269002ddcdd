//! Everything that was read in one scan.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Coverage, CoverageStatus, FileEvidence, Image, ImageId, ImageUsage, Moment, Reference, Region, Snapshot,
    SnapshotId, SnapshotUse, Source, Storage, Witnessed,
};

/// The format that this version writes: a reader ignores unknown fields of a minor and refuses a new major.
pub const FORMAT_VERSION: &str = "1.0";

/// One account in one Region: what an image, a snapshot and every reference to them live in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scope {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

/// What one scan saw, and what it could not see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// See [`FORMAT_VERSION`].
    pub format_version: String,
    /// Names the inventory in the state folder and in plans.
    pub id: String,
    /// When the scan began.
    pub created_at: Moment,
    /// One entry for each account and Region, sorted.
    pub scopes: Vec<ScopeInventory>,
    /// What files say of images, if the scan was told to read any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FileEvidence>,
}

/// What was seen in one account and Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeInventory {
    /// Where.
    pub scope: Scope,
    /// The account's own images, sorted by id.
    pub images: Vec<Image>,
    /// The account's own snapshots, sorted by id.
    pub snapshots: Vec<Snapshot>,
    /// Every use of an image that was seen here, sorted by image; the image may be of another account.
    pub references: Vec<Reference>,
    /// What is known of the use by other accounts, of the images that were asked about, sorted by image.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usage: Vec<ImageUsage>,
    /// The images that the second witness was asked about, sorted by image.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnessed: Vec<Witnessed>,
    /// Snapshots that launch templates and launch configurations name, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snapshot_uses: Vec<SnapshotUse>,
    /// What tells of snapshots and volumes that are left over, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Box<Storage>>,
    /// How each source went.
    pub coverage: Vec<Coverage>,
}

impl ScopeInventory {
    /// Nothing: no list and no source was read.
    #[must_use]
    pub fn empty(scope: Scope) -> Self {
        Self {
            scope,
            images: Vec::new(),
            snapshots: Vec::new(),
            references: Vec::new(),
            usage: Vec::new(),
            witnessed: Vec::new(),
            snapshot_uses: Vec::new(),
            storage: None,
            coverage: Vec::new(),
        }
    }

    /// How this source went; a source without an entry was never read.
    #[must_use]
    pub fn coverage_of(&self, source: Source) -> Option<&Coverage> {
        let of_storage = || self.storage.as_ref().and_then(|storage| storage.coverage_of(source));
        self.coverage.iter().find(|coverage| coverage.source == source).or_else(of_storage)
    }

    /// Whether this source was read whole.
    #[must_use]
    pub fn is_complete(&self, source: Source) -> bool {
        self.coverage_of(source).is_some_and(|coverage| coverage.status == CoverageStatus::Complete)
    }

    /// The uses of this image.
    #[must_use]
    pub fn references_to(&self, image: &ImageId) -> &[Reference] {
        let start = self.references.partition_point(|reference| reference.image < *image);
        let len = self.references[start..].partition_point(|reference| reference.image == *image);
        &self.references[start..start + len]
    }

    /// What is known of this image's use by other accounts; `None` when it was not asked about.
    #[must_use]
    pub fn usage_of(&self, image: &ImageId) -> Option<&ImageUsage> {
        self.usage.binary_search_by(|usage| usage.image.cmp(image)).ok().map(|at| &self.usage[at])
    }

    /// What came of asking the second witness about this image; `None` when it was not asked.
    #[must_use]
    pub fn witnessed(&self, image: &ImageId) -> Option<&Witnessed> {
        self.witnessed.binary_search_by(|witnessed| witnessed.image.cmp(image)).ok().map(|at| &self.witnessed[at])
    }

    /// The resources beside images that name this snapshot.
    #[must_use]
    pub fn snapshot_uses_of(&self, snapshot: &SnapshotId) -> &[SnapshotUse] {
        let start = self.snapshot_uses.partition_point(|used| used.snapshot < *snapshot);
        let len = self.snapshot_uses[start..].partition_point(|used| used.snapshot == *snapshot);
        &self.snapshot_uses[start..start + len]
    }

    /// Enters how a source went, in place of what was said of it before.
    pub fn cover(&mut self, coverage: Coverage) {
        self.coverage.retain(|other| other.source != coverage.source);
        self.coverage.push(coverage);
        self.coverage.sort_by_key(|coverage| coverage.source);
    }

    /// The snapshot of this id, if the account owns it.
    #[must_use]
    pub fn snapshot(&self, id: &SnapshotId) -> Option<&Snapshot> {
        self.snapshots.binary_search_by(|snapshot| snapshot.id.cmp(id)).ok().map(|at| &self.snapshots[at])
    }

    /// Sorts everything, as every reader of an inventory relies on.
    pub fn sort(&mut self) {
        self.images.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.snapshots.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.references
            .sort_unstable_by(|a, b| (&a.image, a.source, &a.resource).cmp(&(&b.image, b.source, &b.resource)));
        self.usage.sort_unstable_by(|a, b| a.image.cmp(&b.image));
        self.witnessed.sort_unstable_by(|a, b| a.image.cmp(&b.image));
        self.snapshot_uses.sort_unstable();
        self.coverage.sort_by_key(|coverage| coverage.source);
    }
}

/// Why a file is not an inventory that this version can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InventoryError {
    /// A format of another major.
    #[error("the inventory has format {found}, this amictl reads 1.x")]
    Format {
        /// What the file says.
        found: String,
    },
    /// A list that readers search is not sorted or names something twice.
    #[error("the inventory lists {what} of {scope} out of order or twice")]
    Unsorted {
        /// Which list.
        what: &'static str,
        /// Where.
        scope: Scope,
    },
    /// The mentions in files are not sorted.
    #[error("the inventory lists the mentions in files out of order")]
    UnsortedFiles,
}

impl Inventory {
    /// Whether every source of every scope was read whole, those left out that are not used, as the policy says.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let is_known =
            |coverage: &Coverage| matches!(coverage.status, CoverageStatus::Complete | CoverageStatus::Skipped);
        self.scopes.iter().all(|scope| scope.coverage.iter().all(is_known))
    }

    /// The uses of an image that were seen in the same Region in other accounts than its own, with the scope of each; `scope` is the
    /// index of the image's own.
    pub fn references_elsewhere<'a>(
        &'a self,
        scope: usize,
        image: &'a ImageId,
    ) -> impl Iterator<Item = (&'a Scope, &'a Reference)> + 'a {
        let region = self.scopes.get(scope).map(|scope| &scope.scope.region);
        let others = self
            .scopes
            .iter()
            .enumerate()
            .filter(move |(at, other)| *at != scope && Some(&other.scope.region) == region);
        others.flat_map(|(_, other)| other.references_to(image).iter().map(|reference| (&other.scope, reference)))
    }

    /// How many images there are.
    #[must_use]
    pub fn image_count(&self) -> usize {
        self.scopes.iter().map(|scope| scope.images.len()).sum()
    }

    /// Checks what serde cannot: the format's major and the order that look-ups rely on.
    ///
    /// # Errors
    /// [`InventoryError`] says which list of which scope is wrong.
    pub fn validate(&self) -> Result<(), InventoryError> {
        if self.format_version.split('.').next() != Some("1") {
            return Err(InventoryError::Format { found: self.format_version.chars().take(20).collect() });
        }
        for scope in &self.scopes {
            let unsorted = |what| InventoryError::Unsorted { what, scope: scope.scope.clone() };
            if !scope.images.is_sorted_by(|a, b| a.id < b.id) {
                return Err(unsorted("images"));
            }
            if !scope.snapshots.is_sorted_by(|a, b| a.id < b.id) {
                return Err(unsorted("snapshots"));
            }
            if !scope.references.is_sorted_by(|a, b| a.image <= b.image) {
                return Err(unsorted("references"));
            }
            if !scope.usage.is_sorted_by(|a, b| a.image < b.image) {
                return Err(unsorted("usage"));
            }
            if !scope.witnessed.is_sorted_by(|a, b| a.image < b.image) {
                return Err(unsorted("witnessed"));
            }
            if !scope.snapshot_uses.is_sorted() {
                return Err(unsorted("snapshot_uses"));
            }
            if let Some(storage) = &scope.storage
                && !storage.permissions.is_sorted_by(|a, b| a.snapshot < b.snapshot)
            {
                return Err(unsorted("snapshot permissions"));
            }
        }
        if self.files.as_ref().is_some_and(|files| !files.mentions.is_sorted()) {
            return Err(InventoryError::UnsortedFiles);
        }
        Ok(())
    }
}
