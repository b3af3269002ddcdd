//! How much of a source could be read. Unknown is a value, never an empty list.

use serde::{Deserialize, Serialize};

use crate::{Moment, Source};

/// What came of reading one source in one account and Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The source.
    pub source: Source,
    /// Whether it was read whole.
    pub status: CoverageStatus,
    /// Why not, or what was odd; empty when there is nothing to say.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub detail: Box<str>,
    /// Items read.
    pub items: u64,
    /// API calls made, each page counted, retries not.
    pub calls: u64,
    /// When reading began: a reference made later is not in it.
    pub read_at: Moment,
}

/// The outcome of reading a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageStatus {
    /// Every page was read and everything in it was understood.
    Complete,
    /// The credentials may not read it.
    Denied,
    /// It failed, or what came back cannot be trusted (a repeated page token, an id that could not be resolved).
    Failed,
    /// It was not asked for.
    Skipped,
}

impl CoverageStatus {
    /// The name in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}
