//! Runs of plans against the sandbox.
//!
//! One program: each of them takes as long to build as all of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod archiving;
mod bundles;
mod copies;
mod cuts;
mod ends;
mod faults;
mod fence;
mod importing;
mod life;
mod registering;
mod restore;
mod rollout;
mod stages;
mod storing;
mod story;
