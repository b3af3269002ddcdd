//! Registers an image of a snapshot or of a bundle in S3.

use std::time::Duration;

use amictl_cloud::Call;
use amictl_cloud::ops::{RegisterImage, RegisterImageRequest};
use amictl_model::{ImageId, NewDevice, SnapshotId};
use amictl_plan::{RegisteredOf, Registration};

use super::by_name::by_name;
use super::making::Making;
use super::one::failed;
use super::waiting::{Awaited, Waited, wait};
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{JournalCall, RunEvent, StepResult};
use crate::made::Made;

/// Waits until the snapshots are completed where they were not when the plan was made; a result ends the step.
pub(super) async fn wait_for_snapshots(
    work: &RegionWork<'_>,
    registration: &Registration,
    making: &Making<'_>,
) -> Result<Option<StepResult>, Halt> {
    let RegisteredOf::Snapshot { wait_seconds, .. } = registration.of else { return Ok(None) };
    if wait_seconds == 0 {
        return Ok(None);
    }
    let root = making.source.as_ref().and_then(Made::snapshot);
    let others = registration.devices.iter().filter_map(|device| device.snapshot.as_ref());
    let limit = tokio::time::Instant::now() + Duration::from_secs(wait_seconds);
    for snapshot in root.into_iter().chain(others) {
        let left = limit.saturating_duration_since(tokio::time::Instant::now());
        match wait(&work.watch(), &Awaited::Snapshot(snapshot.clone()), left).await? {
            Waited::Ready => {}
            Waited::Bad { state, why } => {
                return Ok(Some(failed(format!("{snapshot} is {state}: {why}"), "unchanged")));
            }
            Waited::TimedOut(last) => return Err(Halt::TimedOut(format!("{snapshot} in {}: {last}", work.region))),
        }
    }
    Ok(None)
}

/// Registers; there is no client token, but a name serves one image only.
pub(super) async fn register(
    work: &RegionWork<'_>,
    making: &Making<'_>,
    registration: &Registration,
) -> Result<Result<ImageId, StepResult>, Halt> {
    let snapshot = making.source.as_ref().and_then(Made::snapshot);
    let request = match (&registration.of, snapshot) {
        (RegisteredOf::Snapshot { device, .. }, Some(snapshot)) => of_snapshot(registration, device, snapshot),
        (RegisteredOf::Snapshot { .. }, None) => {
            return Ok(Err(failed("there is no snapshot to register", "unchanged")));
        }
        (RegisteredOf::Manifest { bucket, key }, _) => {
            let location = Some(format!("{bucket}/{key}"));
            RegisterImageRequest { location, devices: registration.devices.clone(), ..plain(registration) }
        }
    };
    let call = || Call::<RegisterImage>::call(work.cloud, work.region, request.clone());
    by_name(work, making, JournalCall::Register, call).await
}

fn of_snapshot(registration: &Registration, device: &NewDevice, snapshot: &SnapshotId) -> RegisterImageRequest {
    let root = NewDevice { snapshot: Some(snapshot.clone()), ..device.clone() };
    RegisterImageRequest {
        root_device: Some(device.name.to_string()),
        devices: std::iter::once(root).chain(registration.devices.iter().cloned()).collect(),
        ..plain(registration)
    }
}

fn plain(registration: &Registration) -> RegisterImageRequest {
    RegisterImageRequest {
        name: registration.name.to_string(),
        description: registration.description.as_ref().map(ToString::to_string),
        traits: registration.traits.clone(),
        tags: registration.then.tags.clone(),
        ..RegisterImageRequest::default()
    }
}

/// Compares what the image is billed as with what it is made of; a result ends the step.
///
/// EC2 API Reference, `RegisterImage`: an image whose `PlatformDetails` are not what its operating system asks for is to be discarded.
pub(super) async fn check_platform(
    work: &RegionWork<'_>,
    registration: &Registration,
    made: &ImageId,
) -> Result<Option<StepResult>, Halt> {
    let expected = registration.platform.as_deref();
    let found = match work.look_until(made, work.seen_after, |image| image.is_some()).await {
        Ok(Some(image)) => image.platform_details,
        Ok(None) => return Ok(unseen(work, expected, format!("{made} is not seen, nor what it is billed as"))),
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(unseen(work, expected, format!("what {made} is billed as could not be read: {error}")));
        }
    };
    let found = if found.as_str().is_empty() { "nothing that EC2 says" } else { found.as_str() };
    match expected {
        Some(expected) if found != expected => Ok(Some(failed(
            format!(
                "{made} is billed as {found}, and what it is made of as {expected}: EC2 did not keep its billing codes; \
                 an image made of an instance keeps them (`amictl create`)"
            ),
            "registered, and not to be used",
        ))),
        Some(expected) => {
            note(work, format!("{made} is billed as {expected}, as what it is made of"));
            Ok(None)
        }
        None => {
            note(work, format!("{made} is billed as {found}"));
            Ok(None)
        }
    }
}

fn note(work: &RegionWork<'_>, what: String) {
    work.tell(&RunEvent::Noted { region: work.region.clone(), what });
}

/// What is billed must be seen to be so; of anything else it is told that it was not seen.
fn unseen(work: &RegionWork<'_>, expected: Option<&str>, why: String) -> Option<StepResult> {
    if expected.is_some() {
        return Some(failed(why, "registered"));
    }
    note(work, why);
    None
}
