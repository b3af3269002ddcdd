//! How long what AWS does in the background takes in this world.

use serde::{Deserialize, Serialize};

/// Seconds of the sandbox's clock between a request and its result; zero is at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// Until a registered, created, copied or restored image is available.
    pub image_secs: u32,
    /// Until a created, copied, imported or restored snapshot is completed.
    pub snapshot_secs: u32,
    /// Until an instance is running, stopped or terminated, and a volume available.
    pub instance_secs: u32,
    /// Until any other task ends: a usage report, a store task, an instance refresh, a change of tier.
    pub task_secs: u32,
    /// Until an instance that was launched counts in the usage reports of its image's owner; in AWS up to a day.
    pub usage_secs: u32,
}
