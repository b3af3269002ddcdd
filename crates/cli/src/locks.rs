//! The locks of a run, from before its first record until after its last.

use std::collections::BTreeSet;

use amictl_apply::Stop;
use amictl_cloud::Clock;
use amictl_model::Scope;
use amictl_plan::Plan;
use amictl_state::{RunLocks, Store};

use crate::exit::Failure;
use crate::output::Terminal;

/// Does this work while the accounts and Regions of a plan are locked for a run.
pub(crate) async fn with_locks<T>(
    state: &Store,
    plan: &Plan,
    run_id: &str,
    clock: &Clock,
    terminal: &Terminal,
    work: impl AsyncFnOnce(&RunLocks) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let scopes: BTreeSet<Scope> =
        plan.steps.iter().map(|step| Scope { account: step.account, region: step.region.clone() }).collect();
    let locks = state.lock_all(&scopes, run_id, clock.now()).await?;
    let done = work(&locks).await;
    if let Err(error) = locks.release().await {
        terminal.note(&format!("a lock could not be given back and ends by itself: {error}"));
    }
    done
}

/// What work came to under locks.
pub(crate) struct Held<T> {
    pub(crate) done: T,
    /// Why the locks could not be held until its end.
    pub(crate) lost: Option<String>,
}

/// Renews the locks while this work lasts; asks it to stop when they can be held no longer.
pub(crate) async fn hold<T>(
    locks: &RunLocks,
    clock: &Clock,
    stop: &Stop,
    terminal: &Terminal,
    work: impl Future<Output = T>,
) -> Held<T> {
    let mut work = std::pin::pin!(work);
    let error = tokio::select! {
        done = &mut work => return Held { done, lost: None },
        error = locks.keep(clock) => error,
    };
    terminal.note(&format!("the locks can be held no longer, stopping: {error}"));
    stop.request();
    Held { done: work.await, lost: Some(error.to_string()) }
}
