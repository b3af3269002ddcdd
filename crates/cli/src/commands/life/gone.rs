//! Which of the things that are not there went before: by a run that the state knows, or by anybody into the Recycle Bin.

use std::collections::BTreeMap;

use amictl_apply::{JournalCall, StepResult};
use amictl_cloud::ops::{AllRequest, ListImagesInRecycleBin};
use amictl_cloud::{Clouds, for_each_page};
use amictl_plan::Target;

use crate::args::Global;
use crate::next;
use crate::session::Session;
use crate::state;

/// Of these ids and names of images those that are known to be gone, each with how.
pub(super) async fn known(global: &Global, session: &Session, missing: &[String]) -> BTreeMap<String, String> {
    let mut known = by_runs(global, missing).await;
    for scope in session.scopes() {
        let Some(cloud) = session.of(scope.account) else { continue };
        let all = AllRequest { next_token: None };
        // What cannot be read says nothing.
        let _ = for_each_page::<ListImagesInRecycleBin>(cloud, &scope.region, all, |page| {
            for binned in page.images {
                let until = binned.leaves_at.map(|at| format!(" until {at}")).unwrap_or_default();
                let why = format!("the Recycle Bin of {scope} has it{until}");
                for name in [binned.id.as_str(), &*binned.name] {
                    if missing.iter().any(|missing| missing == name) {
                        known.insert(name.to_owned(), why.clone());
                    }
                }
            }
        })
        .await;
    }
    known
}

/// The same by the runs alone, also of snapshots and volumes.
pub(crate) async fn by_runs(global: &Global, missing: &[String]) -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    if missing.is_empty() {
        return known;
    }
    let Ok(state) = state::open(global).await else { return known };
    let runs = state.run_ids().await.unwrap_or_default();
    for run_id in runs.into_iter().rev() {
        // A run that cannot be read says nothing.
        let Ok(run) = state.load_run(&run_id).await else { continue };
        for step in &run.plan.steps {
            let call = match &step.target {
                Target::Image(_) => JournalCall::Deregister,
                Target::Snapshot(id) => JournalCall::DeleteSnapshot(id.clone()),
                Target::Volume(id) => JournalCall::DeleteVolume(id.clone()),
                Target::Instance(id) => JournalCall::Terminate(id.clone()),
                Target::S3(_) | Target::File(_) => continue,
            };
            let Some(state) = run.replay.steps.get(step.id.as_str()) else { continue };
            let is_undone = matches!(run.undone.get(step.id.as_str()), Some(StepResult::Returned { .. }));
            if !state.may_have(&call) || is_undone {
                continue;
            }
            // It is not there, so a call of which nothing more is known did it.
            let why = if state.result.is_some() {
                format!("run {run_id} did that")
            } else {
                let resume = next::command(global, ["resume", &run_id]);
                format!("run {run_id} did that and was cut off: `{resume}` sees to the rest")
            };
            let name = run.plan.verdict_of(step.image()).map(|verdict| &*verdict.name);
            for found in [Some(step.target.as_str()), name].into_iter().flatten() {
                if missing.iter().any(|missing| missing == found) {
                    known.entry(found.to_owned()).or_insert_with(|| why.clone());
                }
            }
        }
    }
    known
}
