//! Tasks that replace the root volume of a running instance.

use amictl_model::{ImageId, Moment, SnapshotId, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A task that replaces an instance's root volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplaceRootTask {
    /// `ReplaceRootVolumeTaskId`.
    pub id: CompactString,
    /// `InstanceId`.
    pub instance: CompactString,
    /// `ImageId` that the new root volume comes from.
    pub image: Option<ImageId>,
    /// `SnapshotId` that the new root volume comes from.
    pub snapshot: Option<SnapshotId>,
    /// `DeleteReplacedRootVolume`.
    pub delete_replaced: bool,
    /// `StartTime`.
    pub started_at: Moment,
    /// `CompleteTime`, once it has come.
    pub completes_at: Moment,
    /// `Tags`.
    pub tags: Tags,
}

impl ReplaceRootTask {
    /// `TaskState` at this time.
    #[must_use]
    pub fn state(&self, now: Moment) -> &'static str {
        if now >= self.completes_at {
            "succeeded"
        } else if now > self.started_at {
            "in-progress"
        } else {
            "pending"
        }
    }
}
