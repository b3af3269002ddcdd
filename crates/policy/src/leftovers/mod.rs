//! Which snapshots and volumes are left over from images that are gone: pure, and as careful as the judging of images.
//!
//! Left over is only what tells that it was made for an image, where that image is gone and every place that could use it was read. A snapshot
//! or volume that was made for something else is nobody's but its maker's.

mod origin;
mod protected;
mod snapshots;
mod volumes;

use amictl_model::{CoverageStatus, ScopeInventory, Source};
use compact_str::{CompactString, format_compact};
use serde::{Deserialize, Serialize};

pub use origin::Origin;
pub use protected::{kept_by_tags, snapshot_left_alone, snapshot_stays};
pub use snapshots::{SnapshotVerdict, judge_snapshots, needs_snapshot_permissions};
pub use volumes::{VolumeVerdict, judge_volumes};

/// What a snapshot or volume is, as far as cleaning up is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leftover {
    /// Left over from an image, with nothing that uses it.
    Orphan,
    /// It would be an orphan, but something that may use it could not be read.
    Unknown,
    /// Something uses it.
    Used,
    /// Not to be touched, whatever uses it: protected, locked, shared, in the making, managed by a service.
    LeftAlone,
    /// Nothing uses it, and nothing says that it was made for an image.
    Standalone,
}

impl Leftover {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::Orphan, Self::Unknown, Self::Used, Self::LeftAlone, Self::Standalone];

    /// The name in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Orphan => "orphan",
            Self::Unknown => "unknown",
            Self::Used => "used",
            Self::LeftAlone => "left_alone",
            Self::Standalone => "standalone",
        }
    }
}

/// The first of these sources that was not read whole, in words.
fn unread(scope: &ScopeInventory, sources: &[Source]) -> Option<CompactString> {
    sources.iter().find_map(|source| match scope.coverage_of(*source) {
        None => Some(format_compact!("{source} were never read")),
        Some(coverage) if coverage.status == CoverageStatus::Complete => None,
        Some(coverage) => {
            Some(format_compact!("{source} were not read whole: {}, {}", coverage.status.as_str(), coverage.detail))
        }
    })
}
