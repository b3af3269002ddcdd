//! Deletes snapshots one by one: where AWS did not do it with the image.

use std::collections::HashMap;

use amictl_cloud::ops::{DeleteSnapshot, DeleteSnapshotRequest, DescribeSnapshots, DescribeSnapshotsRequest};
use amictl_cloud::{Call, CloudError, ErrorClass, PageError, for_each_page};
use amictl_model::SnapshotId;

use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::event::{CallOutcome, Event, Fate, JournalCall};
use crate::mutate::{Sent, send};

/// Deletes these snapshots of an image that is gone; those that other images use stay.
pub(crate) async fn delete(
    work: &RegionWork<'_>,
    step: &str,
    snapshots: Vec<SnapshotId>,
) -> Result<HashMap<SnapshotId, Fate>, Halt> {
    let mut fates = HashMap::with_capacity(snapshots.len());
    if snapshots.is_empty() {
        return Ok(fates);
    }
    let existing = match existing(work, &snapshots).await {
        Ok(existing) => existing,
        Err(error) => {
            let why = format!("could not be looked at: {error}");
            return Ok(snapshots.into_iter().map(|id| (id, Fate::Failed(why.clone()))).collect());
        }
    };
    for id in snapshots {
        let fate = if existing.contains(&id) { delete_one(work, step, &id).await? } else { Fate::AlreadyGone };
        fates.insert(id, fate);
    }
    Ok(fates)
}

/// Deletes one snapshot.
pub(crate) async fn delete_one(work: &RegionWork<'_>, step: &str, id: &SnapshotId) -> Result<Fate, Halt> {
    let call = JournalCall::DeleteSnapshot(id.clone());
    work.intend(step, call.clone()).await?;
    let request = DeleteSnapshotRequest { snapshot: id.clone() };
    let sent = send(
        || Call::<DeleteSnapshot>::call(work.cloud, work.region, request.clone()),
        || async {
            existing(work, std::slice::from_ref(id)).await.map(|existing| existing.is_empty()).map_err(|error| {
                match error {
                    PageError::Call(error) => error,
                    other => CloudError {
                        class: ErrorClass::Other,
                        operation: "DescribeSnapshots",
                        code: None,
                        message: other.to_string(),
                        request_id: None,
                    },
                }
            })
        },
    )
    .await;
    let (outcome, fate) = match &sent {
        Sent::Done(_) => (CallOutcome::Done, Fate::Deleted),
        Sent::Refused(error) if error.class == ErrorClass::NotFound => (CallOutcome::AlreadyDone, Fate::AlreadyGone),
        Sent::Refused(error) if error.class == ErrorClass::InUse => {
            (CallOutcome::Failed(error.to_string()), Fate::Kept(error.message.clone()))
        }
        Sent::Refused(error) => (CallOutcome::Failed(error.to_string()), Fate::Failed(error.to_string())),
        Sent::Unknown(error) => (CallOutcome::Unknown(error.to_string()), Fate::Failed(error.to_string())),
    };
    work.journal(Event::Outcome { step: step.to_owned(), call, outcome }).await?;
    if let Sent::Refused(error) = &sent {
        halt_on_credentials(error)?;
    }
    Ok(fate)
}

/// Those of these snapshots that exist.
async fn existing(work: &RegionWork<'_>, snapshots: &[SnapshotId]) -> Result<Vec<SnapshotId>, PageError> {
    let mut existing = Vec::new();
    let request = DescribeSnapshotsRequest { snapshots: snapshots.to_vec(), ..DescribeSnapshotsRequest::default() };
    let (_, result) = for_each_page::<DescribeSnapshots>(work.cloud, work.region, request, |page| {
        existing.extend(page.snapshots.into_iter().map(|snapshot| snapshot.id));
    })
    .await;
    result.map(|()| existing)
}
