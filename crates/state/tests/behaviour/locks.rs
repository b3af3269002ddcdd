//! One lock.

use amictl_state::StateError;
use futures::future::join_all;

use crate::bench::{Bench, now, scope};

const HERE: &str = "us-east-1";
const KEY: &str = "locks/123456789012-us-east-1";
const MINUTE: i64 = 60;

#[tokio::test]
async fn it_is_held_once_and_given_back() {
    for bench in Bench::both() {
        let store = bench.store();
        let held = store.lock(&scope(HERE), "run-1", now()).await.unwrap();
        let error = store.lock(&scope(HERE), "run-2", now()).await.unwrap_err();
        assert!(matches!(&error, StateError::Locked { owner, .. } if owner.run_id == "run-1"), "{error}");
        assert!(error.to_string().ends_with(KEY), "{error}");
        store.lock(&scope("eu-west-1"), "run-2", now()).await.unwrap();
        held.release().await.unwrap();
        // At the same moment, and by a clock that is behind.
        let held = store.lock(&scope(HERE), "run-2", now()).await.unwrap();
        held.release().await.unwrap();
        store.lock(&scope(HERE), "run-3", now().plus_secs(-MINUTE)).await.unwrap();
    }
}

#[tokio::test]
async fn an_expired_one_goes_to_exactly_one_of_many_takers() {
    for bench in Bench::both() {
        let store = bench.store();
        let mut left = store.lock(&scope(HERE), "run-0", now()).await.unwrap();
        let just_before = now().plus_secs(15 * MINUTE);
        assert!(store.lock(&scope(HERE), "run-1", just_before).await.is_err());

        let later = just_before.plus_secs(1);
        let here = scope(HERE);
        let ids: Vec<String> = (1..=16).map(|number| format!("run-{number}")).collect();
        let taken = join_all(ids.iter().map(|run_id| store.lock(&here, run_id, later))).await;
        let mut held: Vec<_> = taken.into_iter().filter_map(Result::ok).collect();
        assert_eq!(held.len(), 1);

        let error = left.renew(later).await.unwrap_err();
        assert!(matches!(error, StateError::Lost { .. }), "{error}");
        left.release().await.unwrap();
        assert!(store.lock(&here, "run-17", later).await.is_err(), "giving back a lost lock frees another's");
        held.pop().unwrap().renew(later).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_that_was_never_held_goes_to_exactly_one_of_many_takers() {
    for bench in Bench::both() {
        let store = bench.store();
        let tasks = (0..16).map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.lock(&scope(HERE), &format!("run-{number}"), now()).await })
        });
        let taken = join_all(tasks).await.into_iter().map(Result::unwrap).filter_map(Result::ok);
        assert_eq!(taken.collect::<Vec<_>>().len(), 1);
    }
}

#[tokio::test]
async fn it_is_held_for_as_long_as_it_is_renewed() {
    for bench in Bench::both() {
        let store = bench.store();
        let mut held = store.lock(&scope(HERE), "run-1", now()).await.unwrap();
        for minutes in [10, 20, 30] {
            let moment = now().plus_secs(minutes * MINUTE);
            assert!(store.lock(&scope(HERE), "run-2", moment).await.is_err(), "after {minutes} minutes");
            held.renew(moment).await.unwrap();
        }
        let after_all = now().plus_secs(45 * MINUTE + 1);
        store.lock(&scope(HERE), "run-2", after_all).await.unwrap();
    }
}

#[tokio::test]
async fn one_of_a_process_that_is_gone_is_taken_over_at_once_where_that_can_be_known() {
    for bench in Bench::both() {
        let store = bench.store();
        let _held = store.lock(&scope(HERE), "run-1", now()).await.unwrap();
        let gone = format!("\"pid\":{}", u32::MAX);
        let owner = bench.get(KEY).await.replace(&format!("\"pid\":{}", std::process::id()), &gone);
        assert!(owner.contains(&gone), "{owner}");
        bench.put(KEY, &owner).await;
        let taken = store.lock(&scope(HERE), "run-2", now()).await;
        assert_eq!(taken.is_ok(), matches!(bench, Bench::Folder(_)), "{taken:?}");
    }
}

#[tokio::test]
async fn one_that_an_earlier_version_wrote_is_heeded() {
    let of_version_0_1 = |expires_at: &str| {
        format!("{{\"run_id\":\"run-0\",\"host\":\"elsewhere\",\"pid\":7,\"expires_at\":\"{expires_at}\"}}\n")
    };
    for bench in Bench::both() {
        bench.put(KEY, &of_version_0_1(&now().plus_secs(MINUTE).to_string())).await;
        let error = bench.store().lock(&scope(HERE), "run-1", now()).await.unwrap_err();
        assert!(error.to_string().contains("run run-0 on elsewhere (process 7)"), "{error}");
        bench.put(KEY, &of_version_0_1(&now().plus_secs(-MINUTE).to_string())).await;
        bench.store().lock(&scope(HERE), "run-1", now()).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_no_lock_is_told_and_left_alone() {
    for bench in Bench::both() {
        bench.put(KEY, "{\"run_id\":").await;
        let error = bench.store().lock(&scope(HERE), "run-1", now()).await.unwrap_err();
        assert!(error.to_string().contains("not a lock"), "{error}");
        assert_eq!(bench.get(KEY).await, "{\"run_id\":");
    }
}
