//! Inventories, plans and runs are kept and found.

use amictl_apply::{Event, Journal, RunStatus, StepResult};
use amictl_plan::Plan;
use amictl_state::{StateError, Store};

use crate::bench::{Bench, URL, clock, inventory, plan, started};

#[tokio::test]
async fn inventories_are_found_by_id_by_place_and_by_age() {
    for bench in Bench::both() {
        let store = bench.store();
        assert!(store.latest_inventory().await.unwrap().is_none());
        store.check_writable().await.unwrap();
        for id in ["20261101T000000.000Z-000001", "20261102T000000.000Z-000000"] {
            let place = store.save_inventory(&inventory(id)).await.unwrap();
            assert_eq!(place, format!("{}/inventories/{id}.json.zst", store.root()));
            assert_eq!(store.load_inventory(id).await.unwrap().id, id);
            assert_eq!(store.load_inventory(&place).await.unwrap().id, id);
        }
        assert_eq!(store.latest_inventory().await.unwrap().unwrap().id, "20261102T000000.000Z-000000");
        let error = store.load_inventory("20261103").await.unwrap_err();
        assert!(matches!(error, StateError::Missing { .. }), "{error}");
        for name in ["../plans/x", "/nowhere/x", "", ".guard", "a b"] {
            assert!(matches!(store.load_inventory(name).await, Err(StateError::Name(_))), "{name}");
        }
    }
}

#[tokio::test]
async fn plans_are_read_where_they_were_said_to_be() {
    for bench in Bench::both() {
        let store = bench.store();
        let place = store.save_plan(&plan("plan-1")).await.unwrap();
        assert_eq!(Plan::read(&store.read_plan(&place).await.unwrap()).unwrap().plan_id, "plan-1");
        let error = store.read_plan(&format!("{}/plans/plan-2.json", store.root())).await.unwrap_err();
        assert!(error.to_string().contains("plan-2.json"), "{error}");
        assert!(store.read_plan("s3://elsewhere/plans/plan-1.json").await.is_err());
    }
}

#[tokio::test]
async fn in_a_bucket_nothing_is_overwritten() {
    let bench = Bench::bucket();
    let place = bench.store().save_plan(&plan("plan-1")).await.unwrap();
    let error = bench.store().save_plan(&plan("plan-1")).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{place} cannot be used: another one of this name is there"));
}

#[tokio::test]
async fn a_run_is_listed_loaded_and_taken_back() {
    for bench in Bench::both() {
        let store = bench.store();
        assert!(store.run_ids().await.unwrap().is_empty());
        for run_id in ["run-2", "run-1"] {
            let journal = store.create_run(run_id, &plan("plan-1"), &clock()).await.unwrap();
            journal.append(started(run_id)).await.unwrap();
            journal.append(Event::RunFinished { status: RunStatus::Finished }).await.unwrap();
            journal.close().await;
        }
        assert_eq!(store.run_ids().await.unwrap(), ["run-1", "run-2"]);
        for (count, step) in ["step-1", "step-2"].into_iter().enumerate() {
            let run = store.load_run("run-1").await.unwrap();
            assert_eq!((run.replay.run.run_id.as_str(), run.undone.len()), ("run-1", count));
            let (_, journal) = store.create_undo(&run, &clock()).await.unwrap();
            let result = StepResult::Returned { why: "taken back".to_owned() };
            journal.append(Event::StepFinished { step: step.to_owned(), result }).await.unwrap();
            journal.close().await;
        }
        let run = store.load_run("run-1").await.unwrap();
        assert_eq!(run.undone.len(), 2);
        assert!(run.journal_place.starts_with(&store.root()), "{}", run.journal_place);
        assert_eq!(run.summary().counts().returned, 0);
        assert!(store.load_run("run-2").await.unwrap().undone.is_empty());
        let error = store.load_run("run-3").await.unwrap_err();
        assert_eq!(error.to_string(), format!("there is no run `run-3` in {}: `amictl runs` lists them", store.root()));
    }
}

#[tokio::test]
async fn places_are_folders_or_prefixes_of_buckets() {
    assert_eq!(Bench::bucket().store().root(), URL);
    assert_eq!(Store::folder("file:///tmp/state").unwrap().root(), "/tmp/state");
    assert!(matches!(Store::folder("gs://states"), Err(StateError::Scheme(_))));
    let whole = Store::bucket(std::sync::Arc::new(object_store::memory::InMemory::new()), "s3://states", "").unwrap();
    assert_eq!(whole.save_plan(&plan("plan-1")).await.unwrap(), "s3://states/plans/plan-1.json");
    for prefix in ["a//b", "a/../b"] {
        let objects = std::sync::Arc::new(object_store::memory::InMemory::new());
        assert!(matches!(Store::bucket(objects, "s3://states", prefix), Err(StateError::Scheme(_))), "{prefix}");
    }
}
