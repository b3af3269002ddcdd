//! What is done to resources that are no images: what images left behind goes, instances end, and what went comes back.

use amictl_model::{ImageId, InstanceId, Moment, Snapshot, SnapshotId, Volume, VolumeId};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A snapshot that is to go, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotRemoval {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Why it can go.
    pub because: Box<str>,
    /// Whether somebody named it: then it may also be one that was made for no image.
    pub named: bool,
    /// Days for which the Recycle Bin keeps it; `None` where no rule does, or none could be read.
    pub bin_days: Option<u64>,
}

/// A volume that is to go, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeRemoval {
    /// Its id.
    pub id: VolumeId,
    /// The volume.
    pub volume: Volume,
    /// Why it can go.
    pub because: Box<str>,
    /// Whether somebody named it: then it may also be one that was made from no image's snapshot.
    pub named: bool,
    /// Days for which the Recycle Bin keeps it; `None` where no rule does, or none could be read.
    pub bin_days: Option<u64>,
}

/// An instance that is to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Termination {
    /// The instance.
    pub instance: InstanceId,
    /// What it was launched from.
    pub image: ImageId,
    /// Its tag `Name`. Attacker-controlled text.
    pub name: Box<str>,
    /// `State.Name` when the plan was made.
    pub state: CompactString,
}

/// What is to come out of the Recycle Bin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restoring {
    /// Snapshots that come first; where the step is about a snapshot or volume, none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<SnapshotId>,
    /// When the first of it leaves the bin for good.
    pub until: Option<Moment>,
}
