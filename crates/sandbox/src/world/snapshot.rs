//! A snapshot.

use amictl_model::{AccountId, Moment, SnapshotId, SnapshotState, StorageTier, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A snapshot.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    /// `SnapshotId`.
    pub id: SnapshotId,
    /// `OwnerId`.
    pub owner: AccountId,
    /// `VolumeId`.
    pub volume: CompactString,
    /// `VolumeSize` in GiB.
    pub size_gib: u32,
    /// `FullSnapshotSizeInBytes`.
    pub full_size_bytes: u64,
    /// `State`.
    pub state: SnapshotState,
    /// `StorageTier`.
    pub tier: StorageTier,
    /// `Encrypted`.
    pub encrypted: bool,
    /// `KmsKeyId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<Box<str>>,
    /// `StartTime`.
    pub started_at: Moment,
    /// `Description`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// `Tags`.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl Snapshot {
    /// `State` on the wire.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.state {
            SnapshotState::Pending => "pending",
            SnapshotState::Completed | SnapshotState::Unknown => "completed",
            SnapshotState::Error => "error",
            SnapshotState::Recoverable => "recoverable",
            SnapshotState::Recovering => "recovering",
        }
    }

    /// `StorageTier` on the wire.
    #[must_use]
    pub fn storage_tier(&self) -> &'static str {
        match self.tier {
            StorageTier::Standard => "standard",
            StorageTier::Archive => "archive",
        }
    }
}
