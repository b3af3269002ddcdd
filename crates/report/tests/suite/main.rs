//! How every output looks.
//!
//! One program: each of them takes as long to build as all of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod commands;
mod common;
mod demo;
mod doctor;
mod images;
mod notices;
mod places;
mod plan;
mod policy;
mod runs;
mod select;
mod starting;
mod tree;
