//! A volume.

use amictl_model::{Moment, SnapshotId, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A volume.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Volume {
    /// `VolumeId`.
    pub id: CompactString,
    /// `Size` in GiB.
    pub size_gib: u32,
    /// `SnapshotId`.
    pub snapshot: Option<SnapshotId>,
    /// `AvailabilityZone`.
    pub zone: CompactString,
    /// `VolumeType`.
    pub volume_type: CompactString,
    /// `Iops`.
    pub iops: Option<u32>,
    /// `Throughput` in MiB/s.
    pub throughput: Option<u32>,
    /// `Encrypted`.
    pub encrypted: bool,
    /// `KmsKeyId`.
    pub kms_key: Option<Box<str>>,
    /// `CreateTime`.
    pub created_at: Moment,
    /// The instance and device that it is attached to.
    pub attachment: Option<(CompactString, CompactString)>,
    /// `Tags`.
    pub tags: Tags,
}
