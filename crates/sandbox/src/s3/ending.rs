//! How the answer of S3 reaches the client, or does not.

use std::time::Duration;

/// What the gate decided for one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    /// What arrives.
    pub(super) arrival: Arrival,
    /// How late.
    pub(super) delay: Duration,
}

/// What of an answer arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// All of it.
    Whole,
    /// Half of its body.
    Truncated,
    /// Nothing: the connection breaks.
    Reset,
    /// Nothing: the connection stays open.
    Silence,
}

impl Arrival {
    /// What arrives of an answer that is given.
    pub(super) fn of(is_truncated: bool) -> Self {
        if is_truncated { Self::Truncated } else { Self::Whole }
    }
}
