//! Runs of plans in worlds that go wrong by chance, all from one seed: faults, lag, racing launches, templates, parameters, tags and shares,
//! and a process that dies again and again. After each, what must always hold is looked at in the world itself.
//!
//! `AMICTL_SIMULATION_SEEDS=10000` runs more of them; `AMICTL_SIMULATION_SEED=N` runs one, which replays exactly. Here the port has no wire;
//! the same runs go through the SDK in the tests of `amictl-aws`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod adversary;
mod laws;
mod meddling;
mod runner;
#[expect(dead_code, reason = "the other tests of runs use more of it")]
#[path = "../suite/story/mod.rs"]
mod story;
mod tamper;
mod tiers;
mod worlds;

use amictl_apply::{CallOutcome, Event, Fate, JournalCall, StepResult};
use amictl_cloud::Clouds;
use amictl_sandbox::{InProcess, Sandbox};
use futures::FutureExt;
use futures::future::BoxFuture;

use runner::Door;
use story::account;

/// Runs that a check makes.
const SEEDS: u64 = 600;

/// The sandbox's own port.
const DIRECT: Door = Door { open: direct, gives_up: false };

fn direct(sandbox: &Sandbox) -> BoxFuture<'_, Box<dyn Clouds>> {
    let port = InProcess::new(sandbox.clone(), account()).with_attempts(8);
    async move { Box::new(port) as Box<dyn Clouds> }.boxed()
}

#[test]
fn whatever_goes_wrong_nothing_is_lost_and_nothing_untrue_is_said() {
    runner::check(SEEDS, 1, DIRECT);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..20 {
        assert_eq!(runner::journal_of(seed, DIRECT), runner::journal_of(seed, DIRECT), "{seed}");
    }
}

/// Seeds that show nothing of a stage would find nothing wrong with it either.
#[test]
fn snapshots_are_archived_refused_found_archived_and_brought_back_among_the_runs() {
    let (mut archived, mut found, mut refused, mut brought_back, mut kept) = (0, 0, 0, 0, 0);
    for event in (0..200).flat_map(|seed| runner::journal_of(seed, DIRECT)) {
        match event {
            Event::Outcome { call: JournalCall::ArchiveSnapshot(_), outcome, .. } => match outcome {
                CallOutcome::Done => archived += 1,
                CallOutcome::AlreadyDone => found += 1,
                _ => refused += 1,
            },
            Event::Outcome { call: JournalCall::RestoreTier(_), outcome: CallOutcome::Done, .. } => brought_back += 1,
            Event::StepFinished { result: StepResult::Done { snapshots }, .. } => {
                let is_archived = snapshots.iter().any(|of| of.fate == Fate::Archived);
                kept += snapshots.iter().filter(|of| is_archived && matches!(of.fate, Fate::Kept(_))).count();
            }
            _ => {}
        }
    }
    let counts = [archived, found, refused, brought_back, kept];
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
}

#[test]
fn runs_that_leave_out_a_safeguard_are_found_out() {
    runner::check_that_tampering_is_found(SEEDS, DIRECT);
}
