//! Gives an image back: enable it and put its launch permissions back as recorded.

use std::time::Duration;

use amictl_cloud::ops::{
    DescribeLaunchPermissions, DescribeLaunchPermissionsRequest, EnableImage, EnableImageRequest,
    ModifyLaunchPermissions, ModifyLaunchPermissionsRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::{Grantee, Image, ImageState};

use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{CallOutcome, Event, JournalCall, StepResult};
use crate::mutate::{Sent, send};

/// Enables the image and puts its launch permissions back; an image that was disabled before the run stays so.
pub(crate) async fn enable_again(
    work: &RegionWork<'_>,
    step: &str,
    recorded: &Image,
    why: String,
) -> Result<StepResult, Halt> {
    enable(work, step, recorded, why, true).await
}

/// The same where an earlier process meant to, and may have done so a moment ago.
pub(crate) async fn go_on_enabling(
    work: &RegionWork<'_>,
    step: &str,
    recorded: &Image,
    why: String,
) -> Result<StepResult, Halt> {
    enable(work, step, recorded, why, false).await
}

async fn enable(
    work: &RegionWork<'_>,
    step: &str,
    recorded: &Image,
    why: String,
    first: bool,
) -> Result<StepResult, Halt> {
    if recorded.state == ImageState::Disabled {
        return Ok(StepResult::Skipped { why: format!("{why}; it was disabled before this run and stays so") });
    }
    work.intend(step, JournalCall::Enable).await?;
    let request = EnableImageRequest { image: recorded.id.clone() };
    let sent = send(
        || Call::<EnableImage>::call(work.cloud, work.region, request.clone()),
        || async {
            let image = work.looker.look(&recorded.id).await?;
            Ok(image.is_some_and(|image| image.state == ImageState::Available))
        },
    )
    .await;
    let left = if matches!(sent, Sent::Unknown(_)) { "unknown, may be disabled" } else { "disabled" };
    if let Some(failure) = conclude(work, step, JournalCall::Enable, sent).await? {
        // An earlier process may have enabled it, or somebody else.
        let is_enabled = |image: Option<&Image>| image.is_some_and(|image| image.state == ImageState::Available);
        let waits = if first { &work.seen_after[..1] } else { work.seen_after };
        if work.look_until(&recorded.id, waits, is_enabled).await.is_ok_and(|image| is_enabled(image.as_ref())) {
            return share_again(work, step, recorded, why).await;
        }
        let why = format!("{why}; and it could not be enabled again: {failure}");
        return Ok(StepResult::Failed { why, left: left.to_owned() });
    }
    share_again(work, step, recorded, why).await
}

/// Puts the launch permissions of an enabled image back as recorded, and reads them back.
pub(crate) async fn share_again(
    work: &RegionWork<'_>,
    step: &str,
    recorded: &Image,
    why: String,
) -> Result<StepResult, Halt> {
    let wanted = recorded.launch_permissions.known().unwrap_or_default();
    if wanted.is_empty() {
        return Ok(StepResult::Returned { why });
    }
    work.intend(step, JournalCall::Share).await?;
    let request =
        ModifyLaunchPermissionsRequest { image: recorded.id.clone(), add: wanted.to_vec(), remove: Vec::new() };
    let sent = send(
        || Call::<ModifyLaunchPermissions>::call(work.cloud, work.region, request.clone()),
        || async { Ok(missing(work, &recorded.id, wanted).await?.is_empty()) },
    )
    .await;
    let failure = conclude(work, step, JournalCall::Share, sent).await?;
    let waits = if failure.is_some() { &work.seen_after[..1] } else { work.seen_after };
    let lacking = match (failure, missing_after(work, &recorded.id, wanted, waits).await) {
        // What is there decides, also where putting it back failed: then nothing had been lost.
        (_, Ok(lacking)) if lacking.is_empty() => return Ok(StepResult::Returned { why }),
        (failure, Ok(lacking)) => {
            let lacking = lacking.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            format!("launch permissions are missing ({lacking}): {}", failure.unwrap_or_else(|| "not kept".to_owned()))
        }
        (_, Err(error)) => format!("launch permissions could not be read back: {error}"),
    };
    Ok(StepResult::Failed { why: format!("{why}; {lacking}"), left: "enabled again, shared differently".to_owned() })
}

/// The recorded grantees that may not launch the image, once looking again does not help.
async fn missing_after(
    work: &RegionWork<'_>,
    image: &amictl_model::ImageId,
    wanted: &[Grantee],
    waits: &[Duration],
) -> Result<Vec<Grantee>, CloudError> {
    let mut last = Ok(wanted.to_vec());
    for wait in waits {
        tokio::time::sleep(*wait).await;
        last = missing(work, image, wanted).await;
        if last.as_ref().is_ok_and(Vec::is_empty) {
            break;
        }
    }
    last
}

/// The recorded grantees that may not launch the image now.
async fn missing(
    work: &RegionWork<'_>,
    image: &amictl_model::ImageId,
    wanted: &[Grantee],
) -> Result<Vec<Grantee>, CloudError> {
    let request = DescribeLaunchPermissionsRequest { image: image.clone() };
    let have = Call::<DescribeLaunchPermissions>::call(work.cloud, work.region, request).await?;
    Ok(wanted.iter().filter(|grantee| !have.contains(grantee)).cloned().collect())
}

/// Journals what came of a call; the failure, if it was one.
pub(crate) async fn conclude(
    work: &RegionWork<'_>,
    step: &str,
    call: JournalCall,
    sent: Sent<()>,
) -> Result<Option<String>, Halt> {
    let (outcome, failure) = match &sent {
        Sent::Done(_) => (CallOutcome::Done, None),
        Sent::Refused(error) => (CallOutcome::Failed(error.to_string()), Some(error.to_string())),
        Sent::Unknown(error) => (CallOutcome::Unknown(error.to_string()), Some(error.to_string())),
    };
    work.journal(Event::Outcome { step: step.to_owned(), call, outcome }).await?;
    if let Sent::Refused(error) = &sent {
        halt_on_credentials(error)?;
    }
    Ok(failure)
}
