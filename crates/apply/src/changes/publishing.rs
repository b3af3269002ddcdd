//! Which image an SSM parameter names.

use amictl_cloud::ops::{GetParameters, GetParametersRequest, PutParameter, PutParameterRequest};
use amictl_cloud::{Call, CloudError};
use amictl_model::{ImageId, ImageState};
use amictl_plan::Publishing;

use super::done;
use super::one::failed;
use crate::context::{Halt, RegionWork, SEEN_AFTER, halt_on_credentials};
use crate::event::{JournalCall, StepResult};
use crate::mutate::{Sent, send};
use crate::returning::conclude;

/// Lets the parameter name the image; not where it names something else by now than when the plan was made.
pub(super) async fn publish(
    work: &RegionWork<'_>,
    step: &str,
    image: &ImageId,
    publishing: &Publishing,
) -> Result<StepResult, Halt> {
    // Whoever resolves the parameter launches the image.
    match work.looker.look(image).await {
        Ok(Some(found)) if found.state == ImageState::Available => {}
        Ok(found) => {
            let state = found.map_or("gone", |image| image.state.as_str());
            return Ok(failed(format!("it is {state}: only an available image is published"), "unchanged"));
        }
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(failed(error.to_string(), "unchanged"));
        }
    }
    let before = publishing.before.as_deref();
    name(work, step, &publishing.parameter, before, image.as_str()).await
}

/// Lets the parameter name again what it named before, if it still names the image.
pub(super) async fn put_back(
    work: &RegionWork<'_>,
    step: &str,
    image: &ImageId,
    publishing: &Publishing,
) -> Result<StepResult, Halt> {
    match publishing.before.as_deref() {
        Some(before) => name(work, step, &publishing.parameter, Some(image.as_str()), before).await,
        None => Ok(failed(format!("{} was new, and undoing deletes nothing", publishing.parameter), "unchanged")),
    }
}

/// Changes what a parameter names, from one value to another.
async fn name(
    work: &RegionWork<'_>,
    step: &str,
    parameter: &str,
    from: Option<&str>,
    to: &str,
) -> Result<StepResult, Halt> {
    match value(work, parameter).await {
        Ok(now) if now.as_deref() == Some(to) => return Ok(done()),
        Ok(now) if now.as_deref() == from => {}
        Ok(now) => {
            let why = format!("{parameter} names {} by now", now.as_deref().unwrap_or("nothing"));
            return Ok(StepResult::Skipped { why: format!("changed since: {why}") });
        }
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(failed(format!("{parameter} could not be read: {error}"), "unchanged"));
        }
    }
    work.intend(step, JournalCall::Publish).await?;
    let request = PutParameterRequest { name: parameter.to_owned(), value: to.to_owned(), overwrite: from.is_some() };
    let sent = send(
        || Call::<PutParameter>::call(work.cloud, work.region, request.clone()),
        || async { Ok(value(work, parameter).await?.as_deref() == Some(to)) },
    )
    .await;
    let left = if matches!(sent, Sent::Unknown(_)) { "unknown: it may be published" } else { "unchanged" };
    if let Some(why) = conclude(work, step, JournalCall::Publish, sent).await? {
        return Ok(failed(why, left));
    }
    // SSM takes the value, and looks at the image only then.
    let mut now = Ok(None);
    for wait in SEEN_AFTER {
        tokio::time::sleep(wait).await;
        now = value(work, parameter).await;
        if now.as_ref().is_ok_and(|now| now.as_deref() == Some(to)) {
            return Ok(done());
        }
    }
    match now {
        Ok(now) => {
            let now = now.as_deref().unwrap_or("nothing").to_owned();
            Ok(failed(format!("SSM took {to} and {parameter} still names {now}"), "unknown: it may be published yet"))
        }
        Err(error) => {
            halt_on_credentials(&error)?;
            Ok(failed(format!("{parameter} could not be read back: {error}"), "published, and not seen to be"))
        }
    }
}

/// What a parameter names; `None` where there is none.
async fn value(work: &RegionWork<'_>, parameter: &str) -> Result<Option<String>, CloudError> {
    let request = GetParametersRequest { names: vec![parameter.to_owned()] };
    let reply = Call::<GetParameters>::call(work.cloud, work.region, request).await?;
    Ok(reply.parameters.into_iter().find(|one| one.name == parameter).map(|one| one.value))
}
