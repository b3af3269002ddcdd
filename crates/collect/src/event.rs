//! What a scan says while it runs. Reporters listen; the scan knows nothing of terminals.

use amictl_model::{Coverage, Scope, Source};

/// Something that happened in a scan.
#[derive(Debug, Clone)]
pub enum ScanEvent {
    /// A source is being read.
    Started {
        /// Where.
        scope: Scope,
        /// Which.
        source: Source,
    },
    /// A source has been read, or has failed.
    Finished {
        /// Where.
        scope: Scope,
        /// How it went.
        coverage: Coverage,
    },
}

/// Whoever listens to a scan.
pub trait Observer: Send + Sync {
    /// Takes note of an event.
    fn observe(&self, event: ScanEvent);
}

/// Nobody listens.
impl Observer for () {
    fn observe(&self, _: ScanEvent) {}
}
