//! The port over AWS, against the sandbox.
//!
//! One program: each of them takes as long to build as all of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bucket;
mod in_process;
mod refusals;
