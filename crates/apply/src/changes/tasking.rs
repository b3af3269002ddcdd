//! A disk in a file becomes a snapshot by way of S3: EC2 reads the object, in whatever format it is.

use std::time::Duration;

use amictl_cloud::ops::{
    CreateTags, CreateTagsRequest, DescribeImportSnapshotTasks, DescribeImportSnapshotTasksRequest, ImportSnapshot,
    ImportSnapshotRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::SnapshotId;
use amictl_plan::{Importing, Step};
use tokio::time::{Instant, sleep};

use super::importing::{find, is_fit, open};
use super::one::failed;
use super::putting::Put;
use super::uploading::{Place, upload};
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{CallOutcome, Event, JournalCall, RunEvent, StepResult};
use crate::mutate::{Sent, send, send_by_token};
use crate::replay::StepState;
use crate::returning::conclude;

/// The pauses between looks at a task, the last of which goes on.
const PAUSES_SECONDS: [u64; 4] = [2, 5, 15, 30];
/// Who reads the bucket for EC2. VM Import/Export User Guide, "Required permissions", "Required service role".
const ROLE: &str = "vmimport";

/// The snapshot that a task makes of the disk, or what ends the step.
pub(super) async fn by_task(
    work: &RegionWork<'_>,
    step: &Step,
    importing: &Importing,
    place: Place<'_>,
    state: &StepState,
) -> Result<Result<SnapshotId, StepResult>, Halt> {
    let task = match &state.produced.task {
        Some(task) => task.to_string(),
        None => match begin(work, step, importing, place, state).await? {
            Ok(task) => task,
            Err(result) => return Ok(Err(result)),
        },
    };
    let snapshot = match wait(work, step, importing, &task, place).await? {
        Ok(snapshot) => snapshot,
        Err(result) => return Ok(Err(result)),
    };
    work.journal(Event::FoundSnapshot { step: step.id.to_string(), snapshot: snapshot.clone() }).await?;
    Ok(Ok(snapshot))
}

/// Brings the disk into the bucket and begins the task; the inner error ends the step.
async fn begin(
    work: &RegionWork<'_>,
    step: &Step,
    importing: &Importing,
    place: Place<'_>,
    state: &StepState,
) -> Result<Result<String, StepResult>, Halt> {
    // What an interrupted process has begun is told by its client token, and its object is there.
    if !state.may_have(&JournalCall::ImportSnapshot) {
        let disk = match open(importing) {
            Ok(disk) => disk,
            Err(why) => return Ok(Err(failed(why, "unchanged"))),
        };
        if let Put::Not(why) = upload(work, step, importing, place, &disk, state).await? {
            let left = format!("an upload to s3://{}/{} may be unfinished, which S3 keeps", place.bucket, place.key);
            return Ok(Err(failed(why, &left)));
        }
    }
    work.check_stop()?;
    work.intend(&step.id, JournalCall::ImportSnapshot).await?;
    let request = ImportSnapshotRequest {
        bucket: place.bucket.to_owned(),
        key: place.key.to_owned(),
        format: importing.format.as_str().to_ascii_uppercase(),
        description: importing.description.as_ref().map(ToString::to_string),
        encrypted: importing.encrypted,
        kms_key: importing.kms_key.as_ref().map(ToString::to_string),
        client_token: importing.client_token.to_string(),
    };
    let sent = send_by_token(|| Call::<ImportSnapshot>::call(work.cloud, work.region, request.clone())).await;
    let (outcome, begun) = match &sent {
        Sent::Done(Some(task)) => (CallOutcome::Task(task.as_str().into()), Ok(task.clone())),
        Sent::Refused(error) => {
            (CallOutcome::Failed(error.to_string()), Err(failed(told(error), &object_stays(place))))
        }
        Sent::Unknown(error) => (
            CallOutcome::Unknown(error.to_string()),
            Err(failed(told(error), "unknown: a task that imports it may have been begun")),
        ),
        Sent::Done(None) => {
            let why = "the answer was lost".to_owned();
            (CallOutcome::Unknown(why.clone()), Err(failed(why, "unknown: a task may have been begun")))
        }
    };
    work.journal(Event::Outcome { step: step.id.to_string(), call: JournalCall::ImportSnapshot, outcome }).await?;
    if let Sent::Refused(error) = &sent {
        halt_on_credentials(error)?;
    }
    Ok(begun)
}

/// What went wrong, and what to do where that is known.
fn told(error: &CloudError) -> String {
    if error.message.contains(ROLE) || error.message.to_ascii_lowercase().contains("service role") {
        format!(
            "{error}; EC2 reads the bucket as the role `{ROLE}`, which has to be there, trust vmie.amazonaws.com and be allowed to read \
             the bucket: see \"Required service role\" in the VM Import/Export User Guide"
        )
    } else {
        error.to_string()
    }
}

fn object_stays(place: Place<'_>) -> String {
    format!("s3://{}/{} stays, and is not sent again", place.bucket, place.key)
}

/// Waits until the task has made its snapshot; the inner error ends the step.
async fn wait(
    work: &RegionWork<'_>,
    step: &Step,
    importing: &Importing,
    task: &str,
    place: Place<'_>,
) -> Result<Result<SnapshotId, StepResult>, Halt> {
    let deadline = Instant::now() + Duration::from_secs(importing.wait_seconds);
    let mut pauses = PAUSES_SECONDS.into_iter();
    let mut pause = Duration::from_secs(1);
    let mut said = String::new();
    loop {
        let request = DescribeImportSnapshotTasksRequest { task: task.to_owned() };
        let looked = Call::<DescribeImportSnapshotTasks>::call(work.cloud, work.region, request).await;
        let last = match looked {
            Ok(None) => "the task is not seen".to_owned(),
            Ok(Some(found)) => match (found.status.as_str(), found.snapshot) {
                ("completed", Some(snapshot)) => return Ok(Ok(snapshot)),
                ("deleting" | "deleted", _) => {
                    let why = found.message.unwrap_or_else(|| "EC2 does not say why".to_owned());
                    return Ok(Err(failed(format!("EC2 could not import it ({task}): {why}"), &object_stays(place))));
                }
                (status, _) => {
                    let percent = found.progress.map(|percent| format!(", {percent} %")).unwrap_or_default();
                    format!("{task}: {status}{percent}")
                }
            },
            Err(error) => {
                halt_on_credentials(&error)?;
                error.to_string()
            }
        };
        if Instant::now() >= deadline {
            return Err(Halt::TimedOut(format!("{} in {}: {last}", importing.disk, work.region)));
        }
        if last != said {
            work.tell(&RunEvent::Progress { step: step.id.to_string(), what: last.clone() });
            said = last;
        }
        pause = pauses.next().map_or(pause, Duration::from_secs);
        tokio::select! {
            () = sleep(pause.min(deadline - Instant::now())) => {}
            () = work.tools.stop.requested() => return Err(Halt::Interrupted),
        }
    }
}

/// Gives the snapshot the tags that a task does not give it; why not, if it cannot.
pub(super) async fn tag(
    work: &RegionWork<'_>,
    step: &Step,
    importing: &Importing,
    snapshot: &SnapshotId,
) -> Result<Option<String>, Halt> {
    let call = JournalCall::TagSnapshot(snapshot.clone());
    work.intend(&step.id, call.clone()).await?;
    let request = CreateTagsRequest { resource: snapshot.to_string(), tags: importing.all_tags() };
    let sent = send(
        || Call::<CreateTags>::call(work.cloud, work.region, request.clone()),
        || async {
            Ok(find(work, importing, |found| found.id == *snapshot && is_fit(found, importing)).await?.is_some())
        },
    )
    .await;
    conclude(work, &step.id, call, sent).await
}
