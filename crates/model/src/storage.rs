//! Who uses snapshots beside images, and the volumes: what `amictl snapshots` and `amictl volumes` are told by.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::image::is_false;
use crate::{Coverage, Grantee, ImageId, Moment, SnapshotId, Source, Tags, VolumeId};

/// A snapshot that a resource names in its block device mappings: without the snapshot it could launch nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SnapshotUse {
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// Where it was seen.
    pub source: Source,
    /// The resource, such as `lt-0123456789abcdef0:3`.
    pub resource: CompactString,
}

/// What was read of an account and Region to tell which snapshots and volumes are left over. Only read when that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    /// The account's volumes, sorted by id.
    pub volumes: Vec<Volume>,
    /// The account's images in the Recycle Bin, sorted by id.
    pub binned: Vec<BinnedImage>,
    /// The account's snapshots in the Recycle Bin, sorted by id.
    pub binned_snapshots: Vec<BinnedSnapshot>,
    /// Snapshots with a lock that still holds, sorted.
    pub locked: Vec<SnapshotId>,
    /// Snapshots kept ready for fast restore, sorted.
    pub fast_restored: Vec<SnapshotId>,
    /// Who else may use the snapshots that were asked about, sorted by snapshot.
    pub permissions: Vec<SnapshotPermissions>,
    /// How each of these went, sorted by source.
    pub coverage: Vec<Coverage>,
}

impl Storage {
    /// How this source went; `None` when it was not read.
    #[must_use]
    pub fn coverage_of(&self, source: Source) -> Option<&Coverage> {
        self.coverage.iter().find(|coverage| coverage.source == source)
    }

    /// What came of asking who else may use a snapshot; `None` when it was not asked about.
    #[must_use]
    pub fn permissions_of(&self, snapshot: &SnapshotId) -> Option<&SnapshotPermissions> {
        let found = self.permissions.binary_search_by(|permissions| permissions.snapshot.cmp(snapshot));
        found.ok().map(|at| &self.permissions[at])
    }
}

/// A volume (EC2 `Volume`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// `VolumeId`.
    pub id: CompactString,
    /// `State` as AWS names it: `creating`, `available`, `in-use`, `deleting`, `deleted` or `error`.
    pub state: CompactString,
    /// `SnapshotId`: what it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotId>,
    /// `Size` in GiB.
    pub size_gib: u32,
    /// `VolumeType`, such as `gp3`.
    pub volume_type: CompactString,
    /// `CreateTime`.
    pub created_at: Option<Moment>,
    /// `Attachments[].InstanceId`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached_to: Vec<CompactString>,
    /// Whether another service manages it (`Operator.Managed`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub managed: bool,
    /// `Tags`.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// An image in the Recycle Bin (EC2 `ImageRecycleBinInfo`); which snapshots it has, AWS does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinnedImage {
    /// `ImageId`.
    pub id: ImageId,
    /// `Name`.
    pub name: Box<str>,
    /// `RecycleBinEnterTime`.
    pub entered_at: Option<Moment>,
    /// `RecycleBinExitTime`: when it is gone for good.
    pub leaves_at: Option<Moment>,
}

/// A snapshot in the Recycle Bin (EC2 `SnapshotRecycleBinInfo`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinnedSnapshot {
    /// `SnapshotId`.
    pub id: SnapshotId,
    /// `Description`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// `RecycleBinExitTime`: when it is gone for good.
    pub leaves_at: Option<Moment>,
}

/// A volume in the Recycle Bin (EC2 `VolumeRecycleBinInfo`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinnedVolume {
    /// `VolumeId`.
    pub id: VolumeId,
    /// `SnapshotId`: what it was made from.
    pub snapshot: Option<SnapshotId>,
    /// `Size` in GiB.
    pub size_gib: u32,
    /// `RecycleBinEnterTime`.
    pub entered_at: Option<Moment>,
    /// `RecycleBinExitTime`: when it is gone for good.
    pub leaves_at: Option<Moment>,
}

/// Who else may make volumes of a snapshot, or why that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotPermissions {
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// `CreateVolumePermissions`; empty when nobody else may.
    pub grantees: Vec<Grantee>,
    /// Why it could not be read; then `grantees` says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Box<str>>,
}
