//! Snapshots that AWS would not delete, or that somebody pays for to have them at hand.

use std::collections::HashSet;

use amictl_cloud::ops::{
    AllRequest, DescribeFastSnapshotRestores, DescribeLockedSnapshots, GetAllowedImagesSettings,
    GetAllowedImagesSettingsRequest,
};
use amictl_cloud::{Call, Cloud, for_each_page};
use amictl_model::{Region, SnapshotId};
use futures::join;

/// The snapshots of a Region that are held.
#[derive(Debug, Clone, Default)]
pub struct HeldSnapshots {
    locked: HashSet<SnapshotId>,
    fast: HashSet<SnapshotId>,
    /// Why some of it could not be read.
    pub unread: Vec<String>,
}

impl HeldSnapshots {
    /// Why this snapshot is not to be deleted; `None` where nothing holds it.
    #[must_use]
    pub fn why(&self, snapshot: &SnapshotId) -> Option<&'static str> {
        match () {
            () if self.locked.contains(snapshot) => Some("locked: AWS does not delete it"),
            () if self.fast.contains(snapshot) => {
                Some("kept ready by fast snapshot restore: switch that off first if nobody needs it")
            }
            () => None,
        }
    }
}

/// Reads what is held in a Region. What cannot be read holds nothing: AWS itself refuses to delete what is locked, and its answer is told.
pub async fn read_held(cloud: &dyn Cloud, region: &Region) -> HeldSnapshots {
    let mut held = HeldSnapshots::default();
    let all = || AllRequest { next_token: None };
    let (of_locks, of_fast) = join!(
        for_each_page::<DescribeLockedSnapshots>(cloud, region, all(), |page| held.locked.extend(page.snapshots)),
        for_each_page::<DescribeFastSnapshotRestores>(cloud, region, all(), |page| held.fast.extend(page.snapshots))
    );
    held.unread = [of_locks.1.err(), of_fast.1.err()].into_iter().flatten().map(|error| error.to_string()).collect();
    held
}

/// What Allowed AMIs (`GetAllowedImagesSettings`) means for a Region's images, where it is on; it restricts no image of the account itself
/// (API reference, `EnableAllowedImagesSettings`), so it is told and decides nothing.
///
/// # Errors
/// Why it could not be read.
pub async fn read_allowed_images(cloud: &dyn Cloud, region: &Region) -> Result<Option<String>, String> {
    let setting = Call::<GetAllowedImagesSettings>::call(cloud, region, GetAllowedImagesSettingsRequest {}).await;
    let setting = setting.map_err(|error| error.to_string())?;
    Ok((setting.state != "disabled").then(|| {
        format!(
            "Allowed AMIs is {}: images of other owners may not be launched here, the account's own always",
            setting.state
        )
    }))
}
