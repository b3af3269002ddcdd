//! One step: record → disable → settle → check references again → deregister, or enable again.

use std::time::Duration;

use amictl_cloud::Call;
use amictl_cloud::ops::{
    DescribeLaunchPermissions, DescribeLaunchPermissionsRequest, DisableImage, DisableImageRequest,
};
use amictl_model::{Image, ImageId, ImageState, LaunchPermissions, SnapshotId};
use amictl_plan::{Action, Step};
use amictl_policy::{Reached, Stage};
use tokio::time::Instant;

use crate::context::{Halt, RegionWork, RunConfig, halt_on_credentials};
use crate::deregister::{self, Deregistered};
use crate::event::{CallOutcome, Event, JournalCall, RunEvent, StepResult};
use crate::expects::{difference, difference_behind_fence};
use crate::mutate::{Sent, send};
use crate::rechecker::Rechecker;
use crate::replay::{CallState, StepState};
use crate::sweeps::Sweeps;
use crate::{changes, recovery, returning, staging};

/// Carries a step on from where the journal says it got, to its end.
pub(crate) async fn carry_out(
    work: &RegionWork<'_>,
    recheck: &Rechecker<'_>,
    config: &RunConfig,
    step: &Step,
    state: &StepState,
    first_sweep: Option<&Sweeps>,
) -> Result<StepResult, Halt> {
    if let Some(change) = &step.change {
        return changes::carry_out(work, step, change, state).await;
    }
    if !matches!(step.action, Action::Disable | Action::Deregister) {
        return staging::carry_out(work, config, step, state, first_sweep).await;
    }
    let (recorded, disabled_at) = match &state.recorded {
        Some(recorded) if state.may_have(&JournalCall::Enable) => {
            let why = state.found.clone().unwrap_or_else(|| "it was being enabled again".to_owned());
            return returning::go_on_enabling(work, &step.id, recorded, why).await;
        }
        // Its checks were all passed.
        Some(recorded) if state.may_have(&JournalCall::Tag) => {
            return staging::tag(work, step, state, recorded, Reached::Stage(Stage::Disable)).await;
        }
        Some(recorded) if state.may_have(&JournalCall::Deregister) => {
            match deregister::go_on(work, step, state).await? {
                Some(result) => return Ok(result),
                // It still stands behind its fence: the check that allowed its end is old, so it is made again.
                None => ((**recorded).clone(), fence_since(work, state)),
            }
        }
        Some(recorded) if state.may_have(&JournalCall::Disable) => {
            match resume_fence(work, step, recorded, state).await? {
                Fence::Up { since } => ((**recorded).clone(), since),
                Fence::Over(result) => return Ok(result),
            }
        }
        _ => match raise_fence(work, config, step, first_sweep).await? {
            (_, Fence::Over(result)) => return Ok(result),
            (None, _) => return Err(Halt::Interrupted),
            (Some(recorded), Fence::Up { since }) => (recorded, since),
        },
    };
    behind_fence(work, recheck, config, step, state, &recorded, disabled_at).await
}

enum Fence {
    /// Nobody can launch the image any more, since then.
    Up { since: Instant },
    /// The step ended before.
    Over(StepResult),
}

fn skipped(why: impl Into<String>) -> Fence {
    Fence::Over(StepResult::Skipped { why: why.into() })
}

/// Looks whether the image is still what the plan expects, records it, and disables it.
async fn raise_fence(
    work: &RegionWork<'_>,
    config: &RunConfig,
    step: &Step,
    first_sweep: Option<&Sweeps>,
) -> Result<(Option<Image>, Fence), Halt> {
    let Ok(_permit) = work.permits.raise.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    if step.even_if_used.is_none()
        && let Some(why) = first_sweep.and_then(|sweep| sweep.obstacle(config, step))
    {
        return Ok((None, skipped(why)));
    }
    let image = match look_whole(work, step).await? {
        Ok(Some(image)) => image,
        Ok(None) => return Ok((None, skipped("gone since the plan"))),
        Err(why) => return Ok((None, Fence::Over(StepResult::Failed { why, left: "unchanged".to_owned() }))),
    };
    if let Some(why) = difference(&step.expects, &image).or_else(|| staging::no_room(work, step, &image)) {
        return Ok((None, skipped(why)));
    }
    if let Some(why) = held_snapshot(work, step) {
        return Ok((None, skipped(why)));
    }
    // What could not come back is not even disabled.
    if step.require_recycle_bin_days.is_some()
        && let Some(why) = kept_snapshot(work, config, step, &image).await?
    {
        return Ok((None, skipped(why)));
    }
    work.check_stop()?;
    work.journal(Event::Recorded { step: step.id.to_string(), image: Box::new(image.clone()) }).await?;
    if image.state == ImageState::Disabled {
        // An earlier stage has raised the fence long ago.
        return Ok((Some(image), Fence::Up { since: Instant::now() }));
    }
    let fence = disable(work, step).await?;
    Ok((Some(image), fence))
}

/// The image with its launch permissions as they are now; the inner error is a reason to leave it alone.
pub(crate) async fn look_whole(work: &RegionWork<'_>, step: &Step) -> Result<Result<Option<Image>, String>, Halt> {
    look_image(work, step.image()).await
}

/// The same of any image.
pub(crate) async fn look_image(work: &RegionWork<'_>, id: &ImageId) -> Result<Result<Option<Image>, String>, Halt> {
    let mut image = match work.looker.look(id).await {
        Ok(Some(image)) => image,
        Ok(None) => return Ok(Ok(None)),
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(Err(error.to_string()));
        }
    };
    let request = DescribeLaunchPermissionsRequest { image: id.clone() };
    match Call::<DescribeLaunchPermissions>::call(work.cloud, work.region, request).await {
        Ok(grantees) => image.launch_permissions = LaunchPermissions::read(grantees),
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(Err(format!("launch permissions could not be read, so could not be restored: {error}")));
        }
    }
    Ok(Ok(Some(image)))
}

async fn disable(work: &RegionWork<'_>, step: &Step) -> Result<Fence, Halt> {
    work.intend(&step.id, JournalCall::Disable).await?;
    let request = DisableImageRequest { image: step.image().clone() };
    let sent = send(
        || Call::<DisableImage>::call(work.cloud, work.region, request.clone()),
        || async {
            let image = work.looker.look(step.image()).await?;
            Ok(image.is_none_or(|image| image.state == ImageState::Disabled))
        },
    )
    .await;
    let (outcome, fence) = match &sent {
        Sent::Done(_) => (CallOutcome::Done, Fence::Up { since: Instant::now() }),
        Sent::Refused(error) => (
            CallOutcome::Failed(error.to_string()),
            Fence::Over(StepResult::Failed { why: error.to_string(), left: "unchanged".to_owned() }),
        ),
        Sent::Unknown(error) => (
            CallOutcome::Unknown(error.to_string()),
            Fence::Over(StepResult::Failed { why: error.to_string(), left: "unknown, may be disabled".to_owned() }),
        ),
    };
    work.journal(Event::Outcome { step: step.id.to_string(), call: JournalCall::Disable, outcome }).await?;
    match &sent {
        Sent::Done(_) => work.tell(&RunEvent::Fenced { step: step.id.to_string(), image: step.image().clone() }),
        Sent::Refused(error) => halt_on_credentials(error)?,
        Sent::Unknown(_) => {}
    }
    Ok(fence)
}

/// Takes up a fence that an earlier process meant to raise.
async fn resume_fence(work: &RegionWork<'_>, step: &Step, recorded: &Image, state: &StepState) -> Result<Fence, Halt> {
    let Ok(_permit) = work.permits.raise.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    // What the run did just before it was interrupted need not be seen yet.
    let was_done = state.is_done(&JournalCall::Disable);
    let is_seen = |image: Option<&Image>| !was_done || image.is_none_or(|image| image.state == ImageState::Disabled);
    let image = match work.look_until(step.image(), work.seen_after, is_seen).await {
        Ok(image) => image,
        Err(error) => {
            halt_on_credentials(&error)?;
            let left = "unknown, may be disabled".to_owned();
            return Ok(Fence::Over(StepResult::Failed { why: error.to_string(), left }));
        }
    };
    match image {
        None => Ok(skipped("gone while the run was interrupted")),
        Some(image) if image.state == ImageState::Disabled => {
            if state.call(&JournalCall::Disable) == CallState::Intended {
                let outcome = CallOutcome::AlreadyDone;
                work.journal(Event::Outcome { step: step.id.to_string(), call: JournalCall::Disable, outcome }).await?;
            }
            Ok(Fence::Up { since: fence_since(work, state) })
        }
        Some(image) if state.call(&JournalCall::Disable) == CallState::Intended && image.state == recorded.state => {
            disable(work, step).await
        }
        Some(image) => Ok(skipped(format!("{} while the run was interrupted", image.state.as_str()))),
    }
}

/// When the journal says that the image was disabled, on this process's clock.
fn fence_since(work: &RegionWork<'_>, state: &StepState) -> Instant {
    let waited = state.disabled_at.map_or(0, |at| work.tools.clock.now().seconds_since(at)).max(0);
    Instant::now().checked_sub(Duration::from_secs(waited.unsigned_abs())).unwrap_or_else(Instant::now)
}

/// Why a snapshot that would go with the image is held: it would be left without its image.
fn held_snapshot(work: &RegionWork<'_>, step: &Step) -> Option<String> {
    step.snapshots.iter().filter(|snapshot| snapshot.delete).find_map(|snapshot| {
        let why = work.held.why(&snapshot.id)?;
        Some(format!("{} is {why}", snapshot.id))
    })
}

/// Why a snapshot that would go with the image must stay, or could not come back, which is said of the whole image: it is not what the plan
/// was about.
async fn kept_snapshot(
    work: &RegionWork<'_>,
    config: &RunConfig,
    step: &Step,
    image: &Image,
) -> Result<Option<String>, Halt> {
    let going: Vec<SnapshotId> =
        step.snapshots.iter().filter(|snapshot| snapshot.delete).map(|snapshot| snapshot.id.clone()).collect();
    if going.is_empty() {
        return Ok(recovery::lacking(work.recovery, step, &image.tags, &[]));
    }
    match work.looker.look_at_snapshots(going).await {
        Ok(snapshots) => {
            let kept = snapshots.iter().find_map(|snapshot| {
                let why = (config.keeps_snapshot)(&snapshot.tags)?;
                Some(format!("changed since the plan: {} must stay: {why}", snapshot.id))
            });
            Ok(kept.or_else(|| recovery::lacking(work.recovery, step, &image.tags, &snapshots)))
        }
        Err(error) => {
            halt_on_credentials(&error)?;
            Ok(Some(format!("its snapshots could not be looked at: {error}")))
        }
    }
}

/// Waits, checks references again, and acts or gives the image back.
async fn behind_fence(
    work: &RegionWork<'_>,
    recheck: &Rechecker<'_>,
    config: &RunConfig,
    step: &Step,
    state: &StepState,
    recorded: &Image,
    since: Instant,
) -> Result<StepResult, Halt> {
    let sweep = tokio::select! {
        sweep = recheck.sweep_after(since + config.settle) => sweep,
        () = work.tools.stop.requested() => None,
    };
    let Some(sweep) = sweep else { return Err(Halt::Interrupted) };
    let Ok(_permit) = work.permits.act.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    let overruled = step.even_if_used.as_deref().and_then(|why| sweep.overruled(config, step, why));
    let obstacle = if step.even_if_used.is_some() { None } else { sweep.obstacle(config, step) };
    let found = match obstacle {
        Some(found) => Some(found),
        None => match work.looker.look(step.image()).await {
            Ok(None) => None,
            Ok(Some(image)) if image.state != ImageState::Disabled => {
                let why = format!("{} again by somebody else while it waited", image.state.as_str());
                return returning::share_again(work, &step.id, recorded, why).await;
            }
            Ok(Some(image)) => match difference_behind_fence(recorded, &image) {
                Some(different) => Some(different),
                None => kept_snapshot(work, config, step, &image).await?,
            },
            Err(error) => {
                halt_on_credentials(&error)?;
                Some(format!("could not be looked at: {error}"))
            }
        },
    };
    work.journal(Event::Rechecked { step: step.id.to_string(), found: found.clone(), overruled }).await?;
    if let Some(why) = found {
        return returning::enable_again(work, &step.id, recorded, why).await;
    }
    if step.action == Action::Disable {
        return staging::tag(work, step, state, recorded, Reached::Stage(Stage::Disable)).await;
    }
    match deregister::deregister(work, step).await? {
        Deregistered::Gone(known) => deregister::finish_snapshots(work, step, known).await,
        Deregistered::Refused(why) => {
            let result = returning::enable_again(work, &step.id, recorded, why.clone()).await?;
            Ok(match result {
                StepResult::Returned { .. } => StepResult::Failed { why, left: "enabled again".to_owned() },
                other => other,
            })
        }
        Deregistered::Unknown(why) => Ok(StepResult::Failed { why, left: "unknown, may be deregistered".to_owned() }),
    }
}
