//! The sandbox as its callers meet it.
//!
//! One program: each of them takes as long to build as all of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod admin;
mod calls;
mod http;
mod images;
mod in_process;
mod s3;
mod saved;
