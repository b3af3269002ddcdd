//! Plans and what must hold of them.
//!
//! One program: each of them takes as long to build as all of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod approvals;
mod decoders;
mod plan;
mod properties;
