//! Puts whose answer was lost are resolved by looking.

use amictl_apply::{Event, Journal};
use amictl_state::{BucketProblem, StateError};

use crate::bench::{Bench, clock, inventory, now, plan, scope, started};
use crate::unsteady::Fault::{self, AnswerLost, Denied, Late, RequestLost};

const HERE: &str = "us-east-1";

/// What may come before a put that goes through, in at most three tries.
const TROUBLES: [&[Fault]; 8] = [
    &[AnswerLost],
    &[RequestLost],
    &[Late],
    &[RequestLost, AnswerLost],
    &[Late, RequestLost],
    &[Late, AnswerLost],
    &[RequestLost, RequestLost, RequestLost],
    &[Late, Late, AnswerLost],
];

#[tokio::test(start_paused = true)]
async fn a_journal_has_each_record_once() {
    for unread in [0, 1] {
        for trouble in TROUBLES {
            let bench = Bench::bucket();
            let journal = bench.store().create_run("run-1", &plan("plan-1"), &clock()).await.unwrap();
            journal.append(started("run-1")).await.unwrap();
            bench.unsteady().expect(trouble.iter().copied());
            bench.unsteady().fail_reads(unread);
            journal.append(Event::RunResumed).await.unwrap();
            journal.append(Event::RunResumed).await.unwrap();
            assert_eq!(bench.unsteady().outstanding(), 0);
            let run = bench.store().load_run("run-1").await.unwrap();
            assert_eq!(run.replay.last_seq, 3, "{trouble:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_could_not_be_written_is_not_written_again() {
    let bench = Bench::bucket();
    let journal = bench.store().create_run("run-1", &plan("plan-1"), &clock()).await.unwrap();
    journal.append(started("run-1")).await.unwrap();
    bench.unsteady().expect([RequestLost; 4]);
    let error = journal.append(Event::RunResumed).await.unwrap_err();
    assert!(error.to_string().contains("runs/run-1/journal/00000002.jsonl"), "{error}");
    assert_eq!(journal.append(Event::RunResumed).await.unwrap_err(), error);
    assert_eq!(bench.store().load_run("run-1").await.unwrap().replay.last_seq, 1);
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_ours_or_it_is_not() {
    for trouble in TROUBLES {
        let bench = Bench::bucket();
        let (store, objects) = (bench.store(), bench.unsteady());
        objects.expect(trouble.iter().copied());
        let mut held = store.lock(&scope(HERE), "run-1", now()).await.unwrap();
        assert!(store.lock(&scope(HERE), "run-2", now()).await.is_err());

        let later = now().plus_secs(600);
        objects.expect(trouble.iter().copied());
        held.renew(later).await.unwrap();
        assert!(store.lock(&scope(HERE), "run-2", now().plus_secs(1200)).await.is_err());

        objects.expect(trouble.iter().copied());
        held.release().await.unwrap();
        objects.expect(trouble.iter().copied());
        let mut taken = store.lock(&scope(HERE), "run-2", later).await.unwrap();
        taken.renew(later.plus_secs(1)).await.unwrap();
        assert_eq!(objects.outstanding(), 0, "{trouble:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_arrived_unheard_is_gone_on_from() {
    let bench = Bench::bucket();
    let mut held = bench.store().lock(&scope(HERE), "run-1", now()).await.unwrap();
    bench.unsteady().expect([AnswerLost, RequestLost, RequestLost, RequestLost]);
    bench.unsteady().fail_reads(4);
    assert!(held.renew(now().plus_secs(60)).await.is_err());
    held.renew(now().plus_secs(120)).await.unwrap();
    held.release().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_not_tried_again() {
    let bench = Bench::bucket();
    let store = bench.store();
    for _ in 0..3 {
        let before = bench.unsteady().puts();
        bench.unsteady().expect([Denied]);
        let error = store.lock(&scope(HERE), "run-1", now()).await.unwrap_err();
        let StateError::Bucket { action: "write", problem: BucketProblem::Denied, place, .. } = &error else {
            panic!("{error}")
        };
        assert!(place.ends_with("locks/123456789012-us-east-1"), "{place}");
        assert_eq!(bench.unsteady().puts(), before + 1);
    }
    bench.unsteady().expect([Denied]);
    assert!(store.check_writable().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn inventories_and_plans_are_there_once_and_whole() {
    for trouble in TROUBLES {
        let bench = Bench::bucket();
        bench.unsteady().expect(trouble.iter().copied());
        bench.store().save_inventory(&inventory("inventory-1")).await.unwrap();
        bench.unsteady().expect(trouble.iter().copied());
        bench.store().save_plan(&plan("plan-1")).await.unwrap();
        assert_eq!(bench.store().load_inventory("inventory-1").await.unwrap().id, "inventory-1");
    }
}
