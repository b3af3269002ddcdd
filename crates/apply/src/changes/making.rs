//! Makes an image, waits for it, and does with it what was asked for.

use std::future::Future;
use std::time::Duration;

use amictl_cloud::ops::{
    CopyImage, CopyImageRequest, CreateImage, CreateImageRequest, CreateRestoreImageTask,
    CreateRestoreImageTaskRequest, DescribeImages, DescribeImagesRequest,
};
use amictl_cloud::{Call, CloudError, PageError, for_each_page};
use amictl_model::{Image, ImageId, ImageState};
use amictl_plan::{Change, Copying, Creation, S3Restoring, Sharing, Step, Then};

use super::one::failed;
use super::waiting::{Awaited, Waited, wait};
use super::{deprecation, done, protection, sharing};
use crate::between::End;
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{CallOutcome, Event, JournalCall, RunEvent, StepResult};
use crate::mutate::{Sent, send};
use crate::replay::{CallState, StepState};

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
        None => match make(work, step, change, source.as_ref(), state).await? {
            Ok(made) => made,
            Err(result) => return Ok(result),
        },
    };
    work.between.made_is(&step.id, made.clone());
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

/// The image that the step is about: what it names, if that is an image, or what an earlier step has made.
async fn source(
    work: &RegionWork<'_>,
    step: &Step,
    change: &Change,
) -> Result<Result<Option<ImageId>, StepResult>, Halt> {
    let Change::Copy(Copying { of_step: Some(earlier), .. }) = change else {
        return Ok(Ok(step.target.image().cloned()));
    };
    match (work.between.end_of(earlier).await, work.between.made_by(earlier)) {
        (End::Done, Some(made)) => Ok(Ok(Some(made))),
        (End::Unfinished, _) => {
            work.check_stop()?;
            Err(Halt::TimedOut(format!("{} waits for what {earlier} makes", step.id)))
        }
        _ => Ok(Err(StepResult::Skipped {
            why: format!("{earlier}, which makes the image that is to be copied, was not done"),
        })),
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
async fn make(
    work: &RegionWork<'_>,
    step: &Step,
    change: &Change,
    source: Option<&ImageId>,
    state: &StepState,
) -> Result<Result<ImageId, StepResult>, Halt> {
    let Ok(_permit) = work.permits.raise.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    let was_meant = state.calls.values().any(|state| *state != CallState::No);
    let there = match find(work, source, change).await {
        Ok(there) => there,
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(Err(failed(format!("what is there could not be looked at: {error}"), "unchanged")));
        }
    };
    if let Some(there) = there.filter(|_| !was_meant) {
        work.journal(Event::Found { step: step.id.to_string(), image: there.clone() }).await?;
        return Ok(Ok(there));
    }
    let made = match change {
        Change::Copy(copying) => copy(work, step, source, copying).await?,
        Change::Create(creation) => create(work, step, change, creation, was_meant).await?,
        Change::RestoreFromS3(restoring) => restore(work, step, change, restoring, was_meant).await?,
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
    step: &Step,
    source: Option<&ImageId>,
    copying: &Copying,
) -> Result<Result<ImageId, StepResult>, Halt> {
    let Some(source) = source else { return Ok(Err(failed("there is no image to copy", "unchanged"))) };
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
    work.intend(&step.id, JournalCall::Copy).await?;
    let call = || Call::<CopyImage>::call(work.cloud, work.region, request.clone());
    // Sent again, it answers with the same copy: what it made need not be looked for.
    let sent = send(call, || async { Ok(false) }).await;
    conclude(work, step, JournalCall::Copy, sent).await
}

/// Creates; there is no client token, but a name serves one image only.
async fn create(
    work: &RegionWork<'_>,
    step: &Step,
    change: &Change,
    creation: &Creation,
    was_meant: bool,
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
    by_name(work, step, change, JournalCall::Create, call, was_meant).await
}

/// Makes an image of a stored one; as with creating, a name serves one image only.
async fn restore(
    work: &RegionWork<'_>,
    step: &Step,
    change: &Change,
    restoring: &S3Restoring,
    was_meant: bool,
) -> Result<Result<ImageId, StepResult>, Halt> {
    let request = CreateRestoreImageTaskRequest {
        bucket: restoring.bucket.to_string(),
        key: restoring.key.to_string(),
        name: restoring.name.to_string(),
        tags: restoring.then.tags.clone(),
    };
    let call = || Call::<CreateRestoreImageTask>::call(work.cloud, work.region, request.clone());
    by_name(work, step, change, JournalCall::RestoreFromS3, call, was_meant).await
}

/// Sends a call that makes an image without a client token, unless an interrupted process has; a lost answer is resolved by the image's name.
async fn by_name<S>(
    work: &RegionWork<'_>,
    step: &Step,
    change: &Change,
    journaled: JournalCall,
    call: impl Fn() -> S,
    was_meant: bool,
) -> Result<Result<ImageId, StepResult>, Halt>
where
    S: Future<Output = Result<ImageId, CloudError>>,
{
    // What an interrupted process has made need not be seen yet.
    let mut there = None;
    if was_meant {
        for wait in work.seen_after {
            tokio::time::sleep(*wait).await;
            there = find(work, step.target.image(), change).await.ok().flatten();
            if there.is_some() {
                break;
            }
        }
    }
    work.intend(&step.id, journaled.clone()).await?;
    let sent = match there {
        Some(there) => Sent::Done(Some(there)),
        None => send(call, || async { Ok(find(work, step.target.image(), change).await?.is_some()) }).await,
    };
    let sent = match sent {
        Sent::Done(None) => match find(work, step.target.image(), change).await {
            Ok(Some(there)) => Sent::Done(Some(there)),
            Ok(None) => Sent::Unknown(unseen("DescribeImages")),
            Err(error) => Sent::Unknown(error),
        },
        sent => sent,
    };
    conclude(work, step, journaled, sent).await
}

fn unseen(operation: &'static str) -> CloudError {
    CloudError {
        class: amictl_cloud::ErrorClass::Ambiguous,
        operation,
        code: None,
        message: "the image was seen and is not seen any more".to_owned(),
        request_id: None,
    }
}

/// Journals what was made.
async fn conclude(
    work: &RegionWork<'_>,
    step: &Step,
    call: JournalCall,
    sent: Sent<ImageId>,
) -> Result<Result<ImageId, StepResult>, Halt> {
    let (outcome, made) = match &sent {
        Sent::Done(Some(made)) => (CallOutcome::Made(made.clone()), Ok(made.clone())),
        Sent::Done(None) => {
            let why = "the answer was lost".to_owned();
            (CallOutcome::Unknown(why.clone()), Err(failed(why, "unknown: an image may have been made")))
        }
        Sent::Refused(error) => (CallOutcome::Failed(error.to_string()), Err(failed(error.to_string(), "unchanged"))),
        Sent::Unknown(error) => (
            CallOutcome::Unknown(error.to_string()),
            Err(failed(error.to_string(), "unknown: an image may have been made")),
        ),
    };
    work.journal(Event::Outcome { step: step.id.to_string(), call, outcome }).await?;
    if let Sent::Refused(error) = &sent {
        halt_on_credentials(error)?;
    }
    Ok(made)
}

/// The image that the step is to make, if it is there: of the same source, of the same name, and neither failed nor disabled.
async fn find(work: &RegionWork<'_>, source: Option<&ImageId>, change: &Change) -> Result<Option<ImageId>, CloudError> {
    let (name, instances) = match change {
        Change::Copy(copying) => (&copying.name, Vec::new()),
        Change::Create(creation) => (&creation.name, vec![creation.instance.to_string()]),
        Change::RestoreFromS3(restoring) => (&restoring.name, Vec::new()),
        _ => return Ok(None),
    };
    let is_copy_of = |image: &Image| match change {
        Change::Copy(_) => source.is_some_and(|source| image.source_image.as_deref() == Some(source.as_str())),
        // An object that was renamed does not say which image it was; the name of the new one has to do then.
        Change::RestoreFromS3(_) => source.is_none_or(|stored| image.source_image.as_deref() == Some(stored.as_str())),
        _ => true,
    };
    let names = vec![name.to_string()];
    let request = DescribeImagesRequest { names, instances, ..DescribeImagesRequest::default() };
    let mut found: Vec<Image> = Vec::new();
    let (_, result) = for_each_page::<DescribeImages>(work.cloud, work.region, request, |page| {
        let is_it = |image: &Image| {
            let can_be = matches!(image.state, ImageState::Available | ImageState::Pending);
            can_be && *image.name == **name && is_copy_of(image)
        };
        found.extend(page.images.into_iter().filter(is_it));
    })
    .await;
    match result {
        Ok(()) => Ok(found.into_iter().min_by_key(|image| (image.created_at, image.id.clone())).map(|image| image.id)),
        Err(PageError::Call(error)) => Err(error),
        Err(other) => Err(CloudError { message: other.to_string(), ..unseen("DescribeImages") }),
    }
}
