//! What commands of the life cycle do to images, a file for each kind of change.
//!
//! Each step looks first: what is so already is done, and nothing is sent. Then it checks what the plan expects, records the image, and
//! journals each call before and after. A step that was interrupted is gone through once more: what it did by then is so already.

mod binned;
mod bundles;
mod by_name;
mod deprecation;
mod enabling;
mod importing;
mod launching;
mod making;
mod one;
mod protection;
mod publishing;
mod putting;
mod registering;
mod removing;
mod rollout;
mod sharing;
mod storing;
mod takeback;
mod tasking;
mod terminating;
mod uploading;
mod waiting;
mod watching;

use amictl_model::Image;
use amictl_plan::{Change, Step};

use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{Event, StepResult};
use crate::expects::difference;
use crate::fence::look_whole;
use crate::replay::StepState;

pub(crate) use takeback::{take_back, takeback};
pub(crate) use waiting::Watch;
pub use waiting::{Awaited, Waited};
pub use watching::{WaitEnd, wait_for};

/// It is as it was asked for.
fn done() -> StepResult {
    StepResult::Done { snapshots: Vec::new() }
}

/// Carries a change out, or on from where the journal says it got.
pub(crate) async fn carry_out(
    work: &RegionWork<'_>,
    step: &Step,
    change: &Change,
    state: &StepState,
) -> Result<StepResult, Halt> {
    if let Some(then) = change.makes() {
        return making::carry_out(work, step, change, then, state).await;
    }
    match change {
        Change::DeleteBundle(bundling) => return bundles::delete(work, step, bundling, state).await,
        Change::DeleteBucket(emptied) => return bundles::delete_bucket(work, step, emptied).await,
        Change::Store(storing) => return storing::store(work, step, change, storing, state).await,
        Change::DeleteSnapshot(removal) => return removing::delete_snapshot(work, step, removal, state).await,
        Change::DeleteVolume(removal) => return removing::delete_volume(work, step, removal).await,
        Change::Terminate(termination) => return terminating::terminate(work, step, termination, state).await,
        Change::Restore(target, restoring) => return binned::restore(work, step, target, restoring).await,
        Change::Rollout(rollout) => return rollout::carry_out(work, step, rollout, state).await,
        Change::Launch(launching) => return launching::carry_out(work, step, launching, state).await,
        Change::Import(importing) => return importing::import(work, step, importing, state).await,
        _ => {}
    }
    let Ok(_permit) = work.permits.raise.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    let recorded = match &state.recorded {
        Some(recorded) => (**recorded).clone(),
        None => match begin(work, step, change).await? {
            Ok(image) => image,
            Err(result) => return Ok(result),
        },
    };
    let (id, image) = (step.id.as_str(), &recorded.id);
    match change {
        Change::Deprecate { at, .. } => deprecation::set(work, id, image, Some(*at)).await,
        Change::Undeprecate => deprecation::set(work, id, image, None).await,
        Change::Disable => enabling::disable(work, id, image).await,
        Change::Enable => enabling::enable(work, id, image).await,
        Change::Protect { with_cooldown } => protection::protect(work, id, image, *with_cooldown).await,
        Change::Unprotect => protection::unprotect(work, id, image).await,
        Change::Share(sharing) => {
            let snapshots: Vec<_> = recorded.snapshots().cloned().collect();
            sharing::share(work, id, image, &snapshots, sharing).await
        }
        Change::Publish(publishing) => publishing::publish(work, id, image, publishing).await,
        // These were carried out above.
        Change::Copy(_) | Change::Create(_) | Change::Register(_) | Change::RestoreFromS3(_) => Ok(done()),
        Change::DeleteSnapshot(_) | Change::DeleteVolume(_) | Change::Terminate(_) | Change::Restore(..) => Ok(done()),
        Change::DeleteBundle(_) | Change::DeleteBucket(_) | Change::Store(_) => Ok(done()),
        Change::Rollout(_) | Change::Launch(_) | Change::Import(_) => Ok(done()),
    }
}

/// Looks whether there is anything to do, and whether the image is still what the plan expects, and records it; the inner error ends the
/// step.
async fn begin(work: &RegionWork<'_>, step: &Step, change: &Change) -> Result<Result<Image, StepResult>, Halt> {
    let looked = if change.reads_permissions() {
        look_whole(work, step).await?
    } else {
        match work.looker.look(step.image()).await {
            Ok(image) => Ok(image),
            Err(error) => {
                halt_on_credentials(&error)?;
                Err(error.to_string())
            }
        }
    };
    let image = match looked {
        Ok(Some(image)) => image,
        Ok(None) => return Ok(Err(StepResult::Skipped { why: "gone since the plan".to_owned() })),
        Err(why) => return Ok(Err(StepResult::Failed { why, left: "unchanged".to_owned() })),
    };
    if change.is_so(&image) {
        return Ok(Err(done()));
    }
    if let Some(why) = difference(&step.expects, &image) {
        return Ok(Err(StepResult::Skipped { why }));
    }
    work.check_stop()?;
    work.journal(Event::Recorded { step: step.id.to_string(), image: Box::new(image.clone()) }).await?;
    Ok(Ok(image))
}
