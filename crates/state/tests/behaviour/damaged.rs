//! What is damaged is told, never guessed.

use amictl_apply::{Event, Journal};

use crate::bench::{Bench, clock, plan, started};

/// A run of three batches.
async fn run() -> Bench {
    let bench = Bench::bucket();
    let journal = bench.store().create_run("run-1", &plan("plan-1"), &clock()).await.unwrap();
    journal.append(started("run-1")).await.unwrap();
    journal.append(Event::RunResumed).await.unwrap();
    journal.append(Event::RunResumed).await.unwrap();
    journal.close().await;
    bench
}

/// Neither read nor written to any more; says why.
async fn refusal(bench: &Bench) -> String {
    let error = bench.store().load_run("run-1").await.unwrap_err().to_string();
    assert_eq!(bench.store().reopen_run("run-1", &clock()).await.unwrap_err().to_string(), error);
    error
}

#[tokio::test]
async fn a_batch_that_is_missing() {
    let bench = run().await;
    bench.remove("runs/run-1/journal/00000002.jsonl").await;
    let error = refusal(&bench).await;
    assert_eq!(
        error,
        "s3://states/team/a/runs/run-1/journal/ cannot be used: \
         there is `00000003.jsonl` where 00000002.jsonl should be"
    );
}

#[tokio::test]
async fn an_object_that_does_not_belong_there() {
    let bench = run().await;
    bench.put("runs/run-1/journal/notes.txt", "hello\n").await;
    assert!(refusal(&bench).await.contains("`notes.txt`"));
}

#[tokio::test]
async fn a_batch_that_is_cut_off() {
    let bench = run().await;
    let whole = bench.get("runs/run-1/journal/00000003.jsonl").await;
    for cut in ["", &whole[..whole.len() / 2], whole.trim_end()] {
        bench.put("runs/run-1/journal/00000003.jsonl", cut).await;
        assert!(refusal(&bench).await.contains("00000003.jsonl cannot be used: its last line is cut off"));
    }
}

#[tokio::test]
async fn a_line_that_is_no_record() {
    let bench = run().await;
    bench.put("runs/run-1/journal/00000002.jsonl", "{\"seq\":\n").await;
    assert!(refusal(&bench).await.contains("00000002.jsonl cannot be used: line 1: "));
}

#[tokio::test]
async fn a_batch_that_is_there_twice() {
    let bench = run().await;
    let second = bench.get("runs/run-1/journal/00000002.jsonl").await;
    bench.put("runs/run-1/journal/00000003.jsonl", &second).await;
    let error = bench.store().load_run("run-1").await.unwrap_err().to_string();
    assert!(error.contains("line 3 of the journal is not possible there"), "{error}");
}

#[tokio::test]
async fn an_inventory_and_a_plan_that_are_cut_off() {
    for bench in Bench::both() {
        bench.put("inventories/inventory-1.json.zst", "{\"format").await;
        let error = bench.store().load_inventory("inventory-1").await.unwrap_err().to_string();
        assert!(error.contains("inventories/inventory-1.json.zst cannot be used"), "{error}");
        bench.put("runs/run-1/plan.json", "{\"format").await;
        let error = bench.store().load_run("run-1").await.unwrap_err().to_string();
        assert!(error.contains("runs/run-1/plan.json cannot be used"), "{error}");
    }
}
