//! What an earlier run began and did not end. The same command again cannot know what that one was about to do; `resume` does.

use amictl_apply::{JournalCall, StepResult, StepState};
use amictl_model::{ImageId, Scope};
use amictl_plan::{Change, Step, Target};
use amictl_state::StoredRun;

use crate::args::Global;
use crate::exit::Failure;
use crate::next;
use crate::state;

/// Runs that are looked at, the newest first.
const RUNS_MAX: usize = 100;

/// The rollout of an image to a launch template that was cut off, unless a later one of the template was not.
pub(super) async fn rollout(global: &Global, scope: &Scope, template: &str, image: &str) -> Option<String> {
    newest(global, |run| {
        let of_template = run.plan.steps.iter().find_map(|step| match step.change.as_deref() {
            Some(Change::Rollout(rollout)) if is_of(step, scope) && *rollout.template == *template => {
                Some((step, *rollout.image == *image))
            }
            _ => None,
        });
        let (step, is_same) = of_template?;
        let began = run.replay.steps.get(step.id.as_str()).is_some_and(StepState::may_have_changed);
        Some(is_same && began && !is_over(run, step))
    })
    .await
}

/// The run that deregistered one of these images, and was cut off before it deleted its bundle.
pub(super) async fn bundle(global: &Global, images: &[ImageId]) -> Option<String> {
    newest(global, |run| {
        let state_of = |step: &Step| run.replay.steps.get(step.id.as_str());
        let is_gone = |step: &&Step| {
            let is_named = matches!(&step.target, Target::Image(image) if images.contains(image));
            is_named && state_of(step).is_some_and(|state| state.may_have(&JournalCall::Deregister))
        };
        let gone: Vec<_> = run.plan.steps.iter().filter(is_gone).map(|step| &step.id).collect();
        let is_left = |step: &Step| {
            let is_bundle = matches!(step.change.as_deref(), Some(Change::DeleteBundle(_)));
            is_bundle && step.after.iter().any(|earlier| gone.contains(&earlier)) && !is_over(run, step)
        };
        (!gone.is_empty()).then(|| run.plan.steps.iter().any(is_left))
    })
    .await
}

/// Says so, and what goes on.
pub(super) fn refused(global: &Global, what: &str, run: &str) -> Failure {
    let resume = next::command(global, ["resume", run]);
    Failure::refused(format!("run {run} {what}, and was cut off"))
        .hint(format!("`{resume}` goes on; nothing was changed"))
}

/// The newest run that such a question is about, if the answer is yes.
async fn newest(global: &Global, asked: impl Fn(&StoredRun) -> Option<bool>) -> Option<String> {
    let state = state::open(global).await.ok()?;
    for run_id in state.run_ids().await.ok()?.into_iter().rev().take(RUNS_MAX) {
        // A run that cannot be read says nothing.
        let Ok(run) = state.load_run(&run_id).await else { continue };
        if let Some(is_it) = asked(&run) {
            return is_it.then_some(run_id);
        }
    }
    None
}

fn is_of(step: &Step, scope: &Scope) -> bool {
    step.account == scope.account && step.region == scope.region
}

/// Whether nothing goes on with a step: it ended, or was taken back.
fn is_over(run: &StoredRun, step: &Step) -> bool {
    let is_back = matches!(run.undone.get(step.id.as_str()), Some(StepResult::Returned { .. }));
    is_back || run.replay.steps.get(step.id.as_str()).is_some_and(|state| state.result.is_some())
}
