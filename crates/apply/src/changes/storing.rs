//! Stores an image as an object in S3, once: EC2 has no client token for that, so tasks and objects are looked at first.

use std::time::Duration;

use amictl_cloud::ops::{
    CreateStoreImageTask, CreateStoreImageTaskRequest, DescribeStoreImageTasks, DescribeStoreImageTasksRequest,
    ListObjectsV2, ListObjectsV2Request, StoreImageTask,
};
use amictl_cloud::{Call, CloudError, ErrorClass};
use amictl_model::ImageId;
use amictl_plan::{Change, Step, Storing};
use tokio::time::{Instant, sleep};

use super::done;
use super::one::failed;
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{JournalCall, StepResult};
use crate::mutate::{Sent, send};
use crate::replay::StepState;
use crate::returning::conclude;

/// The pauses between looks at a task, the last of which goes on: EC2 refills the bucket of `DescribeStoreImageTasks` by one in two seconds.
const PAUSES_SECONDS: [u64; 4] = [2, 5, 15, 30];

/// How far storing got.
enum Stored {
    /// The object is there.
    Done,
    /// A task is at work, and how far it is.
    Going(String),
    /// Neither.
    No,
}

/// Stores the image, or goes on waiting for the task that does.
pub(super) async fn store(
    work: &RegionWork<'_>,
    step: &Step,
    change: &Change,
    storing: &Storing,
    state: &StepState,
) -> Result<StepResult, Halt> {
    let image = step.image();
    if let Some(result) = begin(work, step, change, storing, state).await? {
        return Ok(result);
    }
    if storing.wait_seconds == 0 {
        return Ok(done());
    }
    let deadline = Instant::now() + Duration::from_secs(storing.wait_seconds);
    let mut pauses = PAUSES_SECONDS.into_iter();
    let mut pause = Duration::from_secs(1);
    loop {
        let last = match look(work, image, storing).await {
            Ok(Stored::Done) => return Ok(done()),
            Ok(Stored::Going(how_far)) => how_far,
            Ok(Stored::No) => match failure(work, image, storing).await {
                Ok(Some(why)) => return Ok(failed(format!("EC2 could not store it: {why}"), "unchanged")),
                Ok(None) => "the task is not seen".to_owned(),
                Err(error) => error.to_string(),
            },
            Err(error) => {
                halt_on_credentials(&error)?;
                error.to_string()
            }
        };
        if Instant::now() >= deadline {
            return Err(Halt::TimedOut(format!("{image} into {}: {last}", storing.bucket)));
        }
        pause = pauses.next().map_or(pause, Duration::from_secs);
        tokio::select! {
            () = sleep(pause.min(deadline - Instant::now())) => {}
            () = work.tools.stop.requested() => return Err(Halt::Interrupted),
        }
    }
}

/// Begins a task unless there is one, or the object; a result ends the step.
async fn begin(
    work: &RegionWork<'_>,
    step: &Step,
    change: &Change,
    storing: &Storing,
    state: &StepState,
) -> Result<Option<StepResult>, Halt> {
    let Ok(_permit) = work.permits.raise.acquire().await else { return Err(Halt::Interrupted) };
    work.check_stop()?;
    let image = step.image();
    let waits = if state.may_have(&JournalCall::Store) { work.seen_after } else { &work.seen_after[..1] };
    for wait in waits {
        sleep(*wait).await;
        match look(work, image, storing).await {
            Ok(Stored::Done) => return Ok(Some(done())),
            Ok(Stored::Going(_)) => return Ok(None),
            Ok(Stored::No) => {}
            Err(error) => {
                halt_on_credentials(&error)?;
                return Ok(Some(failed(error.to_string(), "unchanged")));
            }
        }
    }
    if state.recorded.is_none()
        && let Err(result) = super::begin(work, step, change).await?
    {
        return Ok(Some(result));
    }
    work.intend(&step.id, JournalCall::Store).await?;
    let request = CreateStoreImageTaskRequest { image: image.clone(), bucket: storing.bucket.to_string() };
    let sent = send(
        || Call::<CreateStoreImageTask>::call(work.cloud, work.region, request.clone()),
        || async { Ok(!matches!(look(work, image, storing).await?, Stored::No)) },
    )
    .await;
    let sent = match sent {
        Sent::Done(_) => Sent::Done(Some(())),
        Sent::Refused(error) => Sent::Refused(error),
        Sent::Unknown(error) => Sent::Unknown(error),
    };
    let left = if matches!(sent, Sent::Unknown(_)) { "unknown: it may be being stored" } else { "unchanged" };
    Ok(conclude(work, &step.id, JournalCall::Store, sent).await?.map(|why| failed(why, left)))
}

/// The tasks that store this image in this bucket, the newest first.
async fn tasks(work: &RegionWork<'_>, image: &ImageId, storing: &Storing) -> Result<Vec<StoreImageTask>, CloudError> {
    let request = DescribeStoreImageTasksRequest { images: vec![image.clone()], next_token: None };
    let reply = Call::<DescribeStoreImageTasks>::call(work.cloud, work.region, request).await;
    match reply {
        Ok(reply) => {
            let is_it = |task: &StoreImageTask| task.bucket == *storing.bucket && task.image == image.as_str();
            Ok(reply.tasks.into_iter().filter(is_it).collect())
        }
        Err(error) if error.class == ErrorClass::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

async fn look(work: &RegionWork<'_>, image: &ImageId, storing: &Storing) -> Result<Stored, CloudError> {
    let tasks = tasks(work, image, storing).await?;
    if let Some(task) = tasks.iter().find(|task| task.state == "InProgress") {
        let percent = task.percent.map(|percent| format!(", {percent} %")).unwrap_or_default();
        return Ok(Stored::Going(format!("in progress{percent}")));
    }
    // The object may have been deleted since its task, and its task is told for 31 days only.
    let key = storing.key(image);
    let request = ListObjectsV2Request { bucket: storing.bucket.to_string(), prefix: key.clone(), next_token: None };
    let listed = Call::<ListObjectsV2>::call(work.cloud, work.region, request).await?;
    Ok(if listed.objects.iter().any(|object| object.key == key) { Stored::Done } else { Stored::No })
}

/// Why the newest task failed.
async fn failure(work: &RegionWork<'_>, image: &ImageId, storing: &Storing) -> Result<Option<String>, CloudError> {
    let newest = tasks(work, image, storing).await?.into_iter().next();
    Ok(newest
        .filter(|task| task.state == "Failed")
        .map(|task| task.failure.unwrap_or_else(|| "EC2 does not say why".to_owned())))
}
