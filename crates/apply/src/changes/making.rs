//! Makes an image, waits for it, and does with it what was asked for.

use std::time::Duration;

use amictl_cloud::Call;
use amictl_cloud::ops::{
    CopyImage, CopyImageRequest, CreateImage, CreateImageRequest, CreateRestoreImageTask, CreateRestoreImageTaskRequest,
};
use amictl_model::ImageId;
use amictl_plan::{Change, Copying, Creation, S3Restoring, Sharing, Step, Target, Then};

use super::by_name::{by_name, conclude, find};
use super::one::failed;
use super::waiting::{Awaited, Waited, wait};
use super::{deprecation, done, protection, registering, sharing};
use crate::between::End;
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{Event, JournalCall, RunEvent, StepResult};
use crate::made::Made;
use crate::mutate::{Sent, send};
use crate::replay::{CallState, StepState};

/// What the step is to make, and of what.
pub(super) struct Making<'a> {
    pub(super) step: &'a Step,
    pub(super) change: &'a Change,
    /// The image or snapshot that it is made of, where it is made of one.
    pub(super) source: Option<Made>,
    /// Whether an interrupted process may have sent the call.
    pub(super) was_meant: bool,
}

/// Makes the image unless it is there, and sees it through to its end.
pub(super) async fn carry_out(
    work: &RegionWork<'_>,
    step: &Step,
    change: &Change,
    then: &Then,
    state: &StepState,
) -> Result<StepResult, Halt> {
    let source = match source(work, step, change).await? {
        Ok(source) => source,
        Err(result) => return Ok(result),
    };
    let made = match &state.made {
        Some(made) => made.clone(),
        None => {
            let was_meant = state.calls.values().any(|state| *state != CallState::No);
            let making = Making { step, change, source, was_meant };
            match make(work, &making).await? {
                Ok(made) => made,
                Err(result) => return Ok(result),
            }
        }
    };
    work.between.made_is(&step.id, Made::Image(made.clone()));
    if let Change::Register(registration) = change
        && let Some(result) = registering::check_platform(work, registration, &made).await?
    {
        return Ok(result);
    }
    if then.wait_seconds == 0 {
        return Ok(done());
    }
    let limit = Duration::from_secs(then.wait_seconds);
    match wait(&work.watch(), &Awaited::Image(made.clone()), limit).await? {
        Waited::Ready => {}
        Waited::Bad { state, why } => return Ok(failed(format!("{made} is {state}: {why}"), state)),
        Waited::TimedOut(last) => return Err(Halt::TimedOut(format!("{made} in {}: {last}", work.region))),
    }
    finish(work, step, then, &made).await
}

/// What the step is about: the image or snapshot that it names, or what an earlier step has made.
async fn source(work: &RegionWork<'_>, step: &Step, change: &Change) -> Result<Result<Option<Made>, StepResult>, Halt> {
    let Some(earlier) = change.of_step() else {
        return Ok(Ok(match &step.target {
            Target::Image(id) => Some(Made::Image(id.clone())),
            Target::Snapshot(id) => Some(Made::Snapshot(id.clone())),
            Target::Volume(_) | Target::Instance(_) | Target::S3(_) | Target::File(_) => None,
        }));
    };
    match (work.between.end_of(earlier).await, work.between.made_by(earlier)) {
        (End::Done, Some(made)) => Ok(Ok(Some(made))),
        (End::Unfinished, _) => {
            work.check_stop()?;
            Err(Halt::TimedOut(format!("{} waits for what {earlier} makes", step.id)))
        }
        _ => {
            let what = if matches!(change, Change::Copy(_)) { "image that is to be copied" } else { "snapshot" };
            Ok(Err(StepResult::Skipped { why: format!("{earlier}, which makes the {what}, was not done") }))
        }
    }
}

/// What becomes of an image that is available.
async fn finish(work: &RegionWork<'_>, step: &Step, then: &Then, made: &ImageId) -> Result<StepResult, Halt> {
    let Ok(_permit) = work.permits.act.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    let id = step.id.as_str();
    if then.protect {
        let result = protection::protect(work, id, made, false).await?;
        if result != done() {
            return Ok(result);
        }
    }
    if let Some(at) = then.deprecate_at {
        let result = deprecation::set(work, id, made, Some(at)).await?;
        if result != done() {
            return Ok(result);
        }
    }
    // Last: whoever is let in finds the image as it is to be.
    let sharing = Sharing { add: then.share_with.clone(), ..Sharing::default() };
    if sharing.is_empty() { Ok(done()) } else { sharing::share(work, id, made, &[], &sharing).await }
}

/// Has EC2 make the image; the inner error ends the step.
async fn make(work: &RegionWork<'_>, making: &Making<'_>) -> Result<Result<ImageId, StepResult>, Halt> {
    let Making { step, change, was_meant, .. } = *making;
    // Not among the steps at work: that may take hours.
    if let Change::Register(registration) = change
        && let Some(result) = registering::wait_for_snapshots(work, registration, making).await?
    {
        return Ok(Err(result));
    }
    let Ok(_permit) = work.permits.raise.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    let there = match find(work, making).await {
        Ok(there) => there,
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(Err(failed(format!("what is there could not be looked at: {error}"), "unchanged")));
        }
    };
    if let Some(there) = there.as_ref().filter(|_| !was_meant) {
        work.journal(Event::Found { step: step.id.to_string(), image: there.clone() }).await?;
        return Ok(Ok(there.clone()));
    }
    let made = match change {
        Change::Copy(copying) => copy(work, making, copying, there).await?,
        Change::Create(creation) => create(work, making, creation).await?,
        Change::Register(registration) => registering::register(work, making, registration).await?,
        Change::RestoreFromS3(restoring) => restore(work, making, restoring).await?,
        _ => return Ok(Err(failed("this makes no image", "unchanged"))),
    };
    if let Ok(made) = &made {
        work.tell(&RunEvent::Made { step: step.id.to_string(), region: work.region.clone(), image: made.clone() });
    }
    Ok(made)
}

/// Copies; the client token lets EC2 make one copy of however many requests.
async fn copy(
    work: &RegionWork<'_>,
    making: &Making<'_>,
    copying: &Copying,
    there: Option<ImageId>,
) -> Result<Result<ImageId, StepResult>, Halt> {
    let Some(source) = making.source.as_ref().and_then(Made::image) else {
        return Ok(Err(failed("there is no image to copy", "unchanged")));
    };
    let request = CopyImageRequest {
        source: source.clone(),
        source_region: copying.from.clone(),
        name: copying.name.to_string(),
        description: copying.description.as_ref().map(ToString::to_string),
        encrypted: copying.encrypted || copying.kms_key.is_some(),
        kms_key: copying.kms_key.as_ref().map(ToString::to_string),
        copy_tags: copying.copy_tags,
        tags: copying.then.tags.clone(),
        within_minutes: copying.within_minutes,
        client_token: copying.client_token.to_string(),
    };
    work.intend(&making.step.id, JournalCall::Copy).await?;
    let call = || Call::<CopyImage>::call(work.cloud, work.region, request.clone());
    let sent = match there {
        // Of the process that was interrupted, or of the same command since, whose token is another one.
        Some(there) => Sent::Done(Some(there)),
        // Sent again, it answers with the same copy: what it made need not be looked for.
        None => send(call, || async { Ok(false) }).await,
    };
    conclude(work, making.step, JournalCall::Copy, sent).await
}

/// Creates; there is no client token, but a name serves one image only.
async fn create(
    work: &RegionWork<'_>,
    making: &Making<'_>,
    creation: &Creation,
) -> Result<Result<ImageId, StepResult>, Halt> {
    let request = CreateImageRequest {
        instance: creation.instance.to_string(),
        name: creation.name.to_string(),
        description: creation.description.as_ref().map(ToString::to_string),
        no_reboot: creation.no_reboot,
        exclude_devices: creation.exclude_devices.iter().map(ToString::to_string).collect(),
        tags: creation.then.tags.clone(),
    };
    let call = || Call::<CreateImage>::call(work.cloud, work.region, request.clone());
    by_name(work, making, JournalCall::Create, call).await
}

/// Makes an image of a stored one; as with creating, a name serves one image only.
async fn restore(
    work: &RegionWork<'_>,
    making: &Making<'_>,
    restoring: &S3Restoring,
) -> Result<Result<ImageId, StepResult>, Halt> {
    let request = CreateRestoreImageTaskRequest {
        bucket: restoring.bucket.to_string(),
        key: restoring.key.to_string(),
        name: restoring.name.to_string(),
        tags: restoring.then.tags.clone(),
    };
    let call = || Call::<CreateRestoreImageTask>::call(work.cloud, work.region, request.clone());
    by_name(work, making, JournalCall::RestoreFromS3, call).await
}
