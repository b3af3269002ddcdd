//! Policies, verdicts and what is made of them.
//!
//! One program: each of them takes as long to build as all of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod convert;
mod decoders;
mod evidence;
mod judge;
mod leftovers;
mod models;
mod notices;
mod parse;
mod projections;
mod properties;
mod rules;
mod schedules;
mod unmatched;
