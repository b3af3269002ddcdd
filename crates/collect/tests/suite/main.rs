//! The inventory against the sandbox.
//!
//! One program: each of them takes as long to build as all of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod doctor;
mod estimate;
mod iam;
mod matrix;
mod permissions;
mod second_looks;
mod sources;
mod twin;
