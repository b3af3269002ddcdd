//! Who may launch an image, and who may make volumes of its snapshots.

use amictl_cloud::ops::{
    DescribeLaunchPermissions, DescribeLaunchPermissionsRequest, DescribeSnapshotPermissions,
    DescribeSnapshotPermissionsRequest, ModifyLaunchPermissions, ModifyLaunchPermissionsRequest,
    ModifySnapshotPermissions, ModifySnapshotPermissionsRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::{Grantee, ImageId, SnapshotId};
use amictl_plan::Sharing;

use super::done;
use super::one::failed;
use crate::context::{Halt, RegionWork, SEEN_AFTER, halt_on_credentials};
use crate::event::{JournalCall, SharedSnapshot, StepResult};
use crate::mutate::{Sent, send};
use crate::returning::conclude;

/// Shares an image, and its snapshots where that is asked for, and reads both back.
pub(super) async fn share(
    work: &RegionWork<'_>,
    step: &str,
    image: &ImageId,
    snapshots: &[SnapshotId],
    sharing: &Sharing,
) -> Result<StepResult, Halt> {
    if let Some(failure) = share_image(work, step, image, sharing).await? {
        return Ok(failure);
    }
    if sharing.snapshots {
        for snapshot in snapshots {
            work.check_stop()?;
            if let Some(failure) = share_snapshot(work, step, snapshot, &of_snapshots(sharing)).await? {
                return Ok(failure);
            }
        }
    }
    Ok(done())
}

/// A snapshot can be shared with accounts and with everybody only.
fn of_snapshots(sharing: &Sharing) -> Sharing {
    let known = |grantees: &[Grantee]| {
        let is_known = |grantee: &&Grantee| matches!(grantee, Grantee::Account(_) | Grantee::Group(_));
        grantees.iter().filter(is_known).cloned().collect()
    };
    Sharing { add: known(&sharing.add), remove: known(&sharing.remove), snapshots: true }
}

/// What sharing one thing needs to know.
struct Shared<'a, R, M> {
    call: JournalCall,
    what: String,
    wanted: &'a Sharing,
    read: R,
    modify: M,
}

async fn share_image(
    work: &RegionWork<'_>,
    step: &str,
    image: &ImageId,
    wanted: &Sharing,
) -> Result<Option<StepResult>, Halt> {
    let read = || async {
        let request = DescribeLaunchPermissionsRequest { image: image.clone() };
        Call::<DescribeLaunchPermissions>::call(work.cloud, work.region, request).await
    };
    let modify = |open: Sharing| async move {
        let request = ModifyLaunchPermissionsRequest { image: image.clone(), add: open.add, remove: open.remove };
        Call::<ModifyLaunchPermissions>::call(work.cloud, work.region, request).await
    };
    converge(work, step, Shared { call: JournalCall::Share, what: image.to_string(), wanted, read, modify }).await
}

/// Shares one snapshot; `None` when it is shared as wanted.
pub(super) async fn share_snapshot(
    work: &RegionWork<'_>,
    step: &str,
    snapshot: &SnapshotId,
    wanted: &Sharing,
) -> Result<Option<StepResult>, Halt> {
    let read = || async {
        let request = DescribeSnapshotPermissionsRequest { snapshot: snapshot.clone() };
        Call::<DescribeSnapshotPermissions>::call(work.cloud, work.region, request).await
    };
    let open = match read().await {
        Ok(have) => wanted.open_of(&have),
        Err(error) => return unread(snapshot.as_str(), &error).map(Some),
    };
    if open.is_empty() {
        return Ok(None);
    }
    let modify = |open: Sharing| async move {
        let request =
            ModifySnapshotPermissionsRequest { snapshot: snapshot.clone(), add: open.add, remove: open.remove };
        Call::<ModifySnapshotPermissions>::call(work.cloud, work.region, request).await
    };
    // Whom it is shared with now, and was not before, is all that taking it back goes by.
    let shared = SharedSnapshot { id: snapshot.clone(), add: open.add.clone(), remove: open.remove.clone() };
    let call = JournalCall::ShareSnapshot(Box::new(shared));
    converge(work, step, Shared { call, what: snapshot.to_string(), wanted: &open, read, modify }).await
}

/// Adds and removes what is still to be, and reads it back; `None` when it is so.
async fn converge<R, RF, M, MF>(
    work: &RegionWork<'_>,
    step: &str,
    shared: Shared<'_, R, M>,
) -> Result<Option<StepResult>, Halt>
where
    R: Fn() -> RF,
    RF: Future<Output = Result<Vec<Grantee>, CloudError>>,
    M: Fn(Sharing) -> MF,
    MF: Future<Output = Result<(), CloudError>>,
{
    let Shared { call, what, wanted, read, modify } = shared;
    let open = match read().await {
        Ok(have) => wanted.open_of(&have),
        Err(error) => return unread(&what, &error).map(Some),
    };
    if open.is_empty() {
        return Ok(None);
    }
    work.intend(step, call.clone()).await?;
    let sent = send(|| modify(open.clone()), || async { Ok(wanted.open_of(&read().await?).is_empty()) }).await;
    let left =
        if matches!(sent, Sent::Unknown(_)) { "unknown: it may be shared differently" } else { "shared as before" };
    if let Some(why) = conclude(work, step, call, sent).await? {
        return Ok(Some(failed(format!("{what}: {why}"), left)));
    }
    let mut last = None;
    for wait in SEEN_AFTER {
        tokio::time::sleep(wait).await;
        last = Some(read().await);
        if let Some(Ok(have)) = &last
            && wanted.open_of(have).is_empty()
        {
            return Ok(None);
        }
    }
    Ok(Some(match last {
        Some(Err(error)) => {
            halt_on_credentials(&error)?;
            failed(format!("{what}: it could not be read back: {error}"), "shared, and not seen to be")
        }
        _ => failed(format!("{what}: EC2 took the call and does not show it"), "unknown: it may be shared yet"),
    }))
}

fn unread(what: &str, error: &CloudError) -> Result<StepResult, Halt> {
    halt_on_credentials(error)?;
    Ok(failed(format!("{what}: whom it is shared with could not be read: {error}"), "unchanged"))
}
