//! Calls that make an image without a client token: a name serves one image only, so what came of a lost answer is told by it.

use std::future::Future;

use amictl_cloud::ops::{DescribeImages, DescribeImagesRequest};
use amictl_cloud::{CloudError, PageError, for_each_page};
use amictl_model::{Image, ImageId, ImageState};
use amictl_plan::{Change, RegisteredOf, Step};

use super::making::Making;
use super::one::failed;
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{CallOutcome, Event, JournalCall, StepResult};
use crate::made::Made;
use crate::mutate::{Sent, send};

/// Sends a call that makes an image without a client token, unless an interrupted process has; a lost answer is resolved by the image's name.
pub(super) async fn by_name<S>(
    work: &RegionWork<'_>,
    making: &Making<'_>,
    journaled: JournalCall,
    call: impl Fn() -> S,
) -> Result<Result<ImageId, StepResult>, Halt>
where
    S: Future<Output = Result<ImageId, CloudError>>,
{
    // What an interrupted process has made need not be seen yet.
    let mut there = None;
    if making.was_meant {
        for wait in work.seen_after {
            tokio::time::sleep(*wait).await;
            there = find(work, making).await.ok().flatten();
            if there.is_some() {
                break;
            }
        }
    }
    work.intend(&making.step.id, journaled.clone()).await?;
    let sent = match there {
        Some(there) => Sent::Done(Some(there)),
        None => send(call, || async { Ok(find(work, making).await?.is_some()) }).await,
    };
    let sent = match sent {
        Sent::Done(None) => match find(work, making).await {
            Ok(Some(there)) => Sent::Done(Some(there)),
            Ok(None) => Sent::Unknown(unseen("DescribeImages")),
            Err(error) => Sent::Unknown(error),
        },
        sent => sent,
    };
    conclude(work, making.step, journaled, sent).await
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
pub(super) async fn conclude(
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
pub(super) async fn find(work: &RegionWork<'_>, making: &Making<'_>) -> Result<Option<ImageId>, CloudError> {
    let (name, instances) = match making.change {
        Change::Copy(copying) => (&copying.name, Vec::new()),
        Change::Create(creation) => (&creation.name, vec![creation.instance.to_string()]),
        Change::Register(registration) => (&registration.name, Vec::new()),
        Change::RestoreFromS3(restoring) => (&restoring.name, Vec::new()),
        _ => return Ok(None),
    };
    let source = making.source.as_ref();
    let source_image = source.and_then(Made::image).map(ImageId::as_str);
    let is_of_source = |image: &Image| match making.change {
        Change::Copy(_) => source_image.is_some() && image.source_image.as_deref() == source_image,
        // An object that was renamed does not say which image it was; the name of the new one has to do then.
        Change::RestoreFromS3(_) => source_image.is_none() || image.source_image.as_deref() == source_image,
        Change::Register(registration) => match &registration.of {
            RegisteredOf::Snapshot { device, .. } => image.block_devices.iter().any(|found| {
                *found.device_name == *device.name && found.snapshot.as_ref() == source.and_then(Made::snapshot)
            }),
            RegisteredOf::Manifest { bucket, key } => image
                .location
                .as_deref()
                .and_then(|location| location.split_once('/'))
                .is_some_and(|place| place == (bucket, key)),
        },
        _ => true,
    };
    let names = vec![name.to_string()];
    let request = DescribeImagesRequest { names, instances, ..DescribeImagesRequest::default() };
    let mut found: Vec<Image> = Vec::new();
    let (_, result) = for_each_page::<DescribeImages>(work.cloud, work.region, request, |page| {
        let is_it = |image: &Image| {
            let can_be = matches!(image.state, ImageState::Available | ImageState::Pending);
            can_be && *image.name == **name && is_of_source(image)
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
