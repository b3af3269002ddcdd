//! Deletes the bundle of instance-store images that are gone: its parts in batches, its manifest last, so that a run that was cut off leaves
//! what says which parts there are.
//!
//! Deleting an object twice does no harm, so what may have been sent is sent again, of what is still there.

use std::collections::{BTreeMap, BTreeSet};

use amictl_cloud::ops::{
    DeleteBucket, DeleteBucketRequest, DeleteObjects, DeleteObjectsReply, DeleteObjectsRequest, GetBucketLocation,
    GetBucketLocationRequest, OBJECTS_PER_CALL_MAX, ObjectName,
};
use amictl_cloud::{Call, CloudError, ErrorClass, PageError};
use amictl_collect::bundles::{Bundle, ManifestState, read_bundle, read_bundle_images};
use amictl_model::ImageState;
use amictl_plan::{Bundling, Emptied, Step};

use super::done;
use super::one::failed;
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{CallOutcome, Event, JournalCall, StepResult};
use crate::mutate::{Sent, send};
use crate::replay::{CallState, StepState};
use crate::returning::conclude;

/// Accounts and Regions whose images are looked at side by side.
const SCOPES_AT_ONCE: usize = 16;
/// Objects that are named in a sentence about those that stay.
const NAMED_MAX: usize = 3;

/// Deletes the bundle, unless an image is made of it or it is not what the plan saw.
pub(super) async fn delete(
    work: &RegionWork<'_>,
    step: &Step,
    bundling: &Bundling,
    state: &StepState,
) -> Result<StepResult, Halt> {
    let Ok(_permit) = work.permits.act.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    if let Some(why) = still_named(work, bundling).await {
        return Ok(StepResult::Skipped { why });
    }
    let bundle = match look(work, bundling).await? {
        Ok(bundle) => bundle,
        Err(why) => return Ok(failed(why, "unchanged")),
    };
    if let Some(why) = difference(bundling, &bundle) {
        return Ok(StepResult::Skipped { why });
    }
    let (manifest, parts) = names(bundling, &bundle);
    // What an interrupted process meant to delete, and is gone.
    for (call, left) in [(JournalCall::DeleteParts, &parts), (JournalCall::DeleteManifest, &manifest)] {
        if left.is_empty() && state.call(&call) == CallState::Intended {
            let outcome = CallOutcome::AlreadyDone;
            work.journal(Event::Outcome { step: step.id.to_string(), call, outcome }).await?;
        }
    }
    if let Some(result) = delete_all(work, step, bundling, JournalCall::DeleteParts, &parts).await? {
        return Ok(result);
    }
    if let Some(result) = delete_all(work, step, bundling, JournalCall::DeleteManifest, &manifest).await? {
        return Ok(result);
    }
    // S3 shows at once what was deleted: whatever is there now was put there meanwhile, or was never taken.
    match look(work, bundling).await? {
        Ok(bundle) => {
            let (manifest, parts) = names(bundling, &bundle);
            let left: Vec<&ObjectName> = parts.iter().chain(&manifest).collect();
            let said = left.iter().map(|name| (*name, "it is there again"));
            Ok(if left.is_empty() { done() } else { failed(stay(said), "deleted but for these") })
        }
        Err(why) => Ok(failed(format!("what is left could not be looked at: {why}"), "deleted, and not seen to be")),
    }
}

/// Which image is made of the bundle, or why that is not known; `None` where none is.
///
/// An image that was deregistered a moment ago may still be listed, so it is looked for more than once.
async fn still_named(work: &RegionWork<'_>, bundling: &Bundling) -> Option<String> {
    let mut why = None;
    for wait in work.seen_after {
        tokio::time::sleep(*wait).await;
        let images = read_bundle_images(work.tools.clouds, &bundling.scopes, SCOPES_AT_ONCE).await;
        let named = images.of(&bundling.place).find(|image| image.image.state != ImageState::Deregistered);
        why = match named {
            Some(image) => {
                let state = image.image.state.as_str();
                Some(format!("{} in {} is made of it, and is {state}", image.image.id, image.scope))
            }
            None => images.doubt(&bundling.place.bucket, work.region),
        };
        if why.is_none() {
            break;
        }
    }
    why
}

/// The bundle as it is; the inner error ends the step.
async fn look(work: &RegionWork<'_>, bundling: &Bundling) -> Result<Result<Bundle, String>, Halt> {
    match read_bundle(work.cloud, work.region, &bundling.place, bundling.all_versions).await {
        Ok(bundle) => Ok(Ok(bundle)),
        Err(PageError::Call(error)) => {
            halt_on_credentials(&error)?;
            Ok(Err(error.to_string()))
        }
        Err(other) => Ok(Err(other.to_string())),
    }
}

/// What is not as it was when the plan was made. A manifest that is gone was deleted by an earlier process, or by somebody with the same wish.
fn difference(bundling: &Bundling, bundle: &Bundle) -> Option<String> {
    match (&bundle.manifest, bundling.manifest.as_deref()) {
        (ManifestState::Missing, _) => None,
        (ManifestState::Read(manifest), Some(digest)) if manifest.digest == digest => None,
        (ManifestState::Read(_), Some(_)) => Some("changed since the plan: its manifest is another one".to_owned()),
        (ManifestState::Read(_), None) => Some("changed since the plan: it has a manifest".to_owned()),
        (ManifestState::Unreadable(why), _) => {
            Some(format!("changed since the plan: its manifest cannot be read: {why}"))
        }
    }
}

/// What is there of the manifest, and of the parts that the plan names.
fn names(bundling: &Bundling, bundle: &Bundle) -> (Vec<ObjectName>, Vec<ObjectName>) {
    let planned: BTreeSet<&str> = bundling.parts.iter().map(|key| &**key).collect();
    let names = bundle.objects.iter().map(|object| object.name.clone());
    let of_it = names.filter(|name| name.key == bundling.place.key || planned.contains(name.key.as_str()));
    of_it.partition(|name| name.key == bundling.place.key)
}

/// Deletes these objects, batch by batch; how the step ends, where some of them stay.
async fn delete_all(
    work: &RegionWork<'_>,
    step: &Step,
    bundling: &Bundling,
    call: JournalCall,
    objects: &[ObjectName],
) -> Result<Option<StepResult>, Halt> {
    let mut stayed: BTreeMap<ObjectName, String> = BTreeMap::new();
    let (mut outcome, mut unknown) = (CallOutcome::Done, None);
    for batch in objects.chunks(OBJECTS_PER_CALL_MAX) {
        work.check_stop()?;
        work.intend(&step.id, call.clone()).await?;
        let request = DeleteObjectsRequest { bucket: bundling.place.bucket.clone(), objects: batch.to_vec() };
        let sent = send(
            || Call::<DeleteObjects>::call(work.cloud, work.region, request.clone()),
            || is_gone(work, bundling, batch),
        )
        .await;
        let mut expired = None;
        match sent {
            Sent::Done(reply) => {
                stayed.extend(reply.map(|reply| refused(batch, reply)).unwrap_or_default());
                if let Some(why) = stayed.values().next() {
                    outcome = CallOutcome::Failed(why.clone());
                }
            }
            Sent::Refused(error) => {
                outcome = CallOutcome::Failed(error.to_string());
                stayed.extend(batch.iter().map(|name| (name.clone(), error.to_string())));
                expired = Some(error);
            }
            Sent::Unknown(error) => {
                outcome = CallOutcome::Unknown(error.to_string());
                unknown = Some(error.to_string());
            }
        }
        let event = Event::Outcome { step: step.id.to_string(), call: call.clone(), outcome: outcome.clone() };
        work.journal(event).await?;
        if let Some(error) = expired {
            halt_on_credentials(&error)?;
        }
        if unknown.is_some() || !stayed.is_empty() {
            break;
        }
    }
    let is_manifest = call == JournalCall::DeleteManifest;
    let left = if is_manifest { "without its parts" } else { "in part, and its manifest stays" };
    Ok(match unknown {
        Some(why) => Some(failed(why, &format!("unknown: it may be there {left}"))),
        None if stayed.is_empty() => None,
        None => Some(failed(stay(stayed.iter().map(|(name, why)| (name, why.as_str()))), &format!("there {left}"))),
    })
}

/// What S3 did not delete, and why. Whatever has no result of its own counts as not deleted.
fn refused(batch: &[ObjectName], reply: DeleteObjectsReply) -> BTreeMap<ObjectName, String> {
    let deleted: BTreeSet<&ObjectName> = reply.deleted.iter().map(|object| &object.name).collect();
    let mut errors: BTreeMap<ObjectName, String> =
        reply.errors.into_iter().map(|error| (error.name, format!("{}: {}", error.code, error.message))).collect();
    let of_batch = batch.iter().filter(|name| !deleted.contains(name)).map(|name| {
        let why = errors.remove(name).unwrap_or_else(|| "S3 does not say what became of it".to_owned());
        (name.clone(), why)
    });
    of_batch.collect()
}

/// Whether none of these is there any more.
async fn is_gone(work: &RegionWork<'_>, bundling: &Bundling, batch: &[ObjectName]) -> Result<bool, CloudError> {
    let look = read_bundle(work.cloud, work.region, &bundling.place, bundling.all_versions).await;
    let bundle = look.map_err(|error| match error {
        PageError::Call(error) => error,
        other => CloudError {
            class: ErrorClass::Other,
            operation: "ListObjectsV2",
            code: None,
            message: other.to_string(),
            request_id: None,
        },
    })?;
    Ok(!bundle.objects.iter().any(|object| batch.contains(&object.name)))
}

/// A sentence about objects that stay.
fn stay<'a>(objects: impl Iterator<Item = (&'a ObjectName, &'a str)>) -> String {
    let all: Vec<(&ObjectName, &str)> = objects.collect();
    let named = all.iter().take(NAMED_MAX).map(|(name, why)| format!("{} ({why})", name.key)).collect::<Vec<_>>();
    let more = all.len().saturating_sub(NAMED_MAX);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("not deleted: {}{more}", named.join(", "))
}

/// Deletes a bucket; S3 refuses while anything is in it.
pub(super) async fn delete_bucket(work: &RegionWork<'_>, step: &Step, emptied: &Emptied) -> Result<StepResult, Halt> {
    let Ok(_permit) = work.permits.act.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    match is_there(work, emptied).await {
        Ok(true) => {}
        Ok(false) => return Ok(done()),
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(failed(error.to_string(), "unchanged"));
        }
    }
    work.intend(&step.id, JournalCall::DeleteBucket).await?;
    let request = DeleteBucketRequest { bucket: emptied.bucket.to_string() };
    let sent = send(
        || Call::<DeleteBucket>::call(work.cloud, work.region, request.clone()),
        || async { Ok(!is_there(work, emptied).await?) },
    )
    .await;
    let left = if matches!(sent, Sent::Unknown(_)) { "unknown: it may be deleted" } else { "unchanged" };
    let failure = conclude(work, &step.id, JournalCall::DeleteBucket, sent).await?;
    Ok(failure.map_or_else(done, |why| failed(why, left)))
}

async fn is_there(work: &RegionWork<'_>, emptied: &Emptied) -> Result<bool, CloudError> {
    let request = GetBucketLocationRequest { bucket: emptied.bucket.to_string() };
    match Call::<GetBucketLocation>::call(work.cloud, work.region, request).await {
        Ok(_) => Ok(true),
        Err(error) if error.class == ErrorClass::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
