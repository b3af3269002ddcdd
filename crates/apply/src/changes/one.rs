//! A single call about an image, with what is written down before and after it, and a look whether the image shows it.

use std::future::Future;

use amictl_cloud::CloudError;
use amictl_model::{Image, ImageId};

use crate::context::{Halt, RegionWork, SEEN_AFTER, halt_on_credentials};
use crate::event::{JournalCall, StepResult};
use crate::mutate::{Sent, send};
use crate::returning::conclude;

/// Sends the call unless the image is so already, and waits until it is seen to be; `None` when it is.
pub(super) async fn one<S>(
    work: &RegionWork<'_>,
    step: &str,
    call: JournalCall,
    image: &ImageId,
    send_it: impl Fn() -> S,
    is_so: impl Fn(&Image) -> bool,
) -> Result<Option<StepResult>, Halt>
where
    S: Future<Output = Result<(), CloudError>>,
{
    let is_seen = |found: Option<&Image>| found.is_some_and(&is_so);
    match work.looker.look(image).await {
        Ok(found) if is_seen(found.as_ref()) => return Ok(None),
        Ok(_) => {}
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(Some(failed(error.to_string(), "unchanged")));
        }
    }
    work.intend(step, call.clone()).await?;
    let sent = send(send_it, || async { Ok(is_seen(work.looker.look(image).await?.as_ref())) }).await;
    let left = if matches!(sent, Sent::Unknown(_)) { "unknown: it may have been changed" } else { "unchanged" };
    if let Some(why) = conclude(work, step, call, sent).await? {
        return Ok(Some(failed(why, left)));
    }
    Ok(match work.look_until(image, &SEEN_AFTER, is_seen).await {
        Ok(found) if is_seen(found.as_ref()) => None,
        Ok(Some(_)) => {
            Some(failed("EC2 took the call, and the image does not show it", "unknown: it may be changed yet"))
        }
        Ok(None) => Some(failed("EC2 took the call, and the image is gone", "gone")),
        Err(error) => {
            halt_on_credentials(&error)?;
            Some(failed(format!("it could not be read back: {error}"), "changed, and not seen to be"))
        }
    })
}

pub(super) fn failed(why: impl Into<String>, left: &str) -> StepResult {
    StepResult::Failed { why: why.into(), left: left.to_owned() }
}
