//! Journals: grown together, read back, by one writer.

use amictl_apply::{Event, Journal, RunStatus};
use futures::future::join_all;

use crate::bench::{Bench, clock, plan, started};

const RUN: &str = "run-1";

#[tokio::test]
async fn what_was_appended_is_read_back_and_gone_on_with() {
    for bench in Bench::both() {
        let store = bench.store();
        let journal = store.create_run(RUN, &plan("plan-1"), &clock()).await.unwrap();
        journal.append(started(RUN)).await.unwrap();
        drop(journal);
        let journal = store.reopen_run(RUN, &clock()).await.unwrap();
        journal.append(Event::RunResumed).await.unwrap();
        journal.append(Event::RunFinished { status: RunStatus::Stopped }).await.unwrap();
        journal.close().await;
        let run = store.load_run(RUN).await.unwrap();
        assert_eq!((run.replay.last_seq, run.replay.status), (3, Some(RunStatus::Stopped)));
    }
}

#[tokio::test]
async fn what_waits_is_written_together_in_order() {
    for bench in Bench::both() {
        let store = bench.store();
        let journal = store.create_run(RUN, &plan("plan-1"), &clock()).await.unwrap();
        journal.append(started(RUN)).await.unwrap();
        let appended = join_all((0..100).map(|_| journal.append(Event::RunResumed))).await;
        assert!(appended.iter().all(Result::is_ok));
        journal.close().await;
        assert_eq!(store.load_run(RUN).await.unwrap().replay.last_seq, 101);
        if let Bench::Bucket(_) = bench {
            assert!(bench.count("runs/run-1/journal").await <= 3);
        }
    }
}

#[tokio::test]
async fn objects_one_after_the_other_are_what_a_file_would_be() {
    let [folder, bucket] = Bench::both();
    for bench in [&folder, &bucket] {
        let journal = bench.store().create_run(RUN, &plan("plan-1"), &clock()).await.unwrap();
        journal.append(started(RUN)).await.unwrap();
        journal.append(Event::RunFinished { status: RunStatus::Finished }).await.unwrap();
        journal.close().await;
    }
    let mut objects = bucket.get("runs/run-1/journal/00000001.jsonl").await;
    objects.push_str(&bucket.get("runs/run-1/journal/00000002.jsonl").await);
    assert_eq!(objects, folder.get("runs/run-1/journal.jsonl").await);
}

#[tokio::test]
async fn of_two_writers_in_a_bucket_the_later_one_stops_for_good() {
    let bench = Bench::bucket();
    let store = bench.store();
    let first = store.create_run(RUN, &plan("plan-1"), &clock()).await.unwrap();
    first.append(started(RUN)).await.unwrap();
    let second = store.reopen_run(RUN, &clock()).await.unwrap();
    let third = store.reopen_run(RUN, &clock()).await.unwrap();
    // The very same words at the very same time.
    let (second_result, third_result) =
        futures::future::join(second.append(Event::RunResumed), third.append(Event::RunResumed)).await;
    assert_ne!(second_result.is_ok(), third_result.is_ok());
    let error = first.append(Event::RunResumed).await.unwrap_err();
    assert!(error.to_string().contains("another process writes to it too"), "{error}");
    let before = bench.unsteady().puts();
    assert_eq!(first.append(Event::RunResumed).await.unwrap_err(), error);
    assert_eq!(bench.unsteady().puts(), before);
    assert_eq!(store.load_run(RUN).await.unwrap().replay.last_seq, 2);
}
