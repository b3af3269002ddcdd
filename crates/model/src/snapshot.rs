//! An EBS snapshot as `DescribeSnapshots` shows it.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::image::is_false;
use crate::{AccountId, Moment, SnapshotId, Tags};

/// A snapshot (EC2 `Snapshot`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// `SnapshotId`.
    pub id: SnapshotId,
    /// `OwnerId`.
    pub owner: AccountId,
    /// `State`.
    pub state: SnapshotState,
    /// `StorageTier`.
    #[serde(default)]
    pub tier: StorageTier,
    /// `Encrypted`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub encrypted: bool,
    /// `VolumeSize` in GiB.
    pub size_gib: u32,
    /// `FullSnapshotSizeInBytes`: the size as if it were alone, so an upper bound on what deleting it frees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_size_bytes: Option<u64>,
    /// `StartTime`.
    pub started_at: Option<Moment>,
    /// `VolumeId`; arbitrary for copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<CompactString>,
    /// `Description`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// `Tags`.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// `SnapshotState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotState {
    /// Being made.
    Pending,
    /// Complete.
    Completed,
    /// Failed.
    Error,
    /// Can be recovered.
    Recoverable,
    /// Being recovered.
    Recovering,
    /// A state that this version does not know.
    #[serde(other)]
    Unknown,
}

/// `StorageTier`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageTier {
    /// Incremental, in the standard tier.
    #[default]
    Standard,
    /// A full copy in the archive tier.
    Archive,
}
