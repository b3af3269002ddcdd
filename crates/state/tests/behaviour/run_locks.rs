//! The locks of a run, and its journal under them.

use std::time::Duration;

use amictl_apply::{CallOutcome, Event, Journal, JournalCall};
use amictl_state::{GuardedJournal, RunLocks, StateError, Store};

use crate::bench::{Bench, clock, intent, now, passing, plan, scope, started};
use crate::unsteady::Fault;

async fn lock(store: &Store) -> RunLocks {
    store.lock_all(&[scope("us-east-1")], "run-1", now()).await.unwrap()
}

#[tokio::test]
async fn all_are_taken_or_none() {
    for bench in Bench::both() {
        let store = bench.store();
        let _held = store.lock(&scope("us-east-1"), "run-1", now()).await.unwrap();
        let both = [scope("eu-west-1"), scope("us-east-1")];
        let error = store.lock_all(&both, "run-2", now()).await.unwrap_err();
        assert!(matches!(error, StateError::Locked { .. }), "{error}");
        store.lock(&scope("eu-west-1"), "run-3", now()).await.unwrap();
    }
}

#[tokio::test]
async fn given_back_they_are_free() {
    for bench in Bench::both() {
        let store = bench.store();
        lock(&store).await.release().await.unwrap();
        lock(&store).await.release().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn they_are_kept_for_hours() {
    for bench in Bench::both() {
        let store = bench.store();
        let (locks, clock) = (lock(&store).await, passing());
        let hours = Duration::from_secs(3 * 3600);
        assert!(tokio::time::timeout(hours, locks.keep(&clock)).await.is_err());
        let error = store.lock(&scope("us-east-1"), "run-2", clock.now()).await.unwrap_err();
        assert!(matches!(error, StateError::Locked { .. }), "{error}");
        locks.check(&clock).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn once_taken_over_they_are_kept_no_longer() {
    for bench in Bench::both() {
        let store = bench.store();
        let (locks, clock) = (lock(&store).await, passing());
        let _taken = store.lock(&scope("us-east-1"), "run-2", now().plus_secs(3600)).await.unwrap();
        let error = locks.keep(&clock).await;
        assert!(matches!(error, StateError::Lost { .. }), "{error}");
        assert!(locks.check(&clock).await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_cannot_be_reached_is_borne_until_the_locks_are_about_to_end() {
    let bench = Bench::bucket();
    let (locks, clock) = (lock(&bench.store()).await, passing());
    bench.unsteady().expect([Fault::RequestLost; 30]);
    let hours = Duration::from_secs(3 * 3600);
    assert!(tokio::time::timeout(hours, locks.keep(&clock)).await.is_err(), "it was over soon enough");

    let (locks, clock) = (bench.store().lock_all(&[scope("eu-west-1")], "run-1", now()).await.unwrap(), passing());
    bench.unsteady().expect([Fault::RequestLost; 1000]);
    let error = locks.keep(&clock).await;
    assert!(matches!(error, StateError::Bucket { .. }), "{error}");
    let minutes = clock.now().seconds_since(now()) / 60;
    assert!((10..15).contains(&minutes), "after {minutes} minutes");
}

#[tokio::test]
async fn without_its_locks_a_run_journals_no_intent() {
    for bench in Bench::both() {
        let store = bench.store();
        let locks = lock(&store).await;
        let journal = store.create_run("run-1", &plan("plan-1"), &clock()).await.unwrap();
        let soon = amictl_cloud::Clock::fixed(now().plus_secs(9 * 60));
        let guarded = GuardedJournal { journal: &journal, locks: &locks, clock: &soon };
        guarded.append(started("run-1")).await.unwrap();
        guarded.append(intent("step-1")).await.unwrap();

        // The machine slept, and nobody else came.
        let late = amictl_cloud::Clock::fixed(now().plus_secs(3600));
        let guarded = GuardedJournal { journal: &journal, locks: &locks, clock: &late };
        guarded.append(intent("step-2")).await.unwrap();

        // It slept again, and somebody came.
        let later = now().plus_secs(2 * 3600);
        let _taken = store.lock(&scope("us-east-1"), "run-2", later).await.unwrap();
        let later = amictl_cloud::Clock::fixed(later);
        let guarded = GuardedJournal { journal: &journal, locks: &locks, clock: &later };
        for _ in 0..2 {
            let error = guarded.append(intent("step-3")).await.unwrap_err();
            assert!(error.to_string().contains("another run has taken it over"), "{error}");
        }
        let outcome = CallOutcome::Done;
        let event = Event::Outcome { step: "step-2".to_owned(), call: JournalCall::Disable, outcome };
        guarded.append(event).await.unwrap();
        journal.close().await;
    }
}
