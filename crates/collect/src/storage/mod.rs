//! What tells of snapshots and volumes that are left over: read after the scan, and only when that is asked for.

mod permissions;

use amictl_cloud::ops::{
    AllRequest, DescribeFastSnapshotRestores, DescribeLockedSnapshots, DescribeVolumes, ListImagesInRecycleBin,
    ListImagesInRecycleBinReply, ListSnapshotsInRecycleBin, ListSnapshotsInRecycleBinReply,
};
use amictl_cloud::{Call, Clock, Cloud, Clouds, Paged};
use amictl_model::{BinnedImage, BinnedSnapshot, Coverage, Inventory, Source, Storage};
use futures::join;
use futures::stream::{self, StreamExt};

use crate::reader::no_credentials;
use crate::{Observer, Reader};

pub use permissions::{SnapshotRequest, read_snapshot_permissions};

/// Reads volumes, Recycle Bin, locks and fast restores of every account and Region of the inventory, side by side.
pub async fn read_storage(
    clouds: &dyn Clouds,
    clock: &Clock,
    inventory: &mut Inventory,
    concurrency: usize,
    observer: &dyn Observer,
) {
    let concurrency = concurrency.max(1);
    let reading = inventory.scopes.iter_mut().map(|scope| async move {
        let storage = match clouds.of(scope.scope.account) {
            Some(cloud) => {
                read_listings(Reader { cloud, scope: &scope.scope, clock, concurrency, skip: &[], observer }).await
            }
            None => without_credentials(clock),
        };
        scope.storage = Some(Box::new(storage));
    });
    stream::iter(reading).buffer_unordered(concurrency).collect::<()>().await;
}

/// Every listing but the permissions, which are asked for later, snapshot by snapshot.
const LISTED: [Source; 4] = [Source::Volumes, Source::RecycleBin, Source::SnapshotLocks, Source::FastSnapshotRestores];

fn without_credentials(clock: &Clock) -> Storage {
    Storage { coverage: LISTED.map(|source| no_credentials(source, clock)).into(), ..Storage::default() }
}

/// Every listing of one account and Region.
pub(crate) async fn read_listings(reader: Reader<'_>) -> Storage {
    let (
        (mut volumes, of_volumes),
        (mut binned, mut binned_snapshots, of_bin),
        (mut locked, of_locks),
        (mut fast_restored, of_fast_restores),
    ) = join!(
        list::<DescribeVolumes, _>(reader, Source::Volumes, |page| page.volumes),
        bin(reader),
        list::<DescribeLockedSnapshots, _>(reader, Source::SnapshotLocks, |page| page.snapshots),
        list::<DescribeFastSnapshotRestores, _>(reader, Source::FastSnapshotRestores, |page| page.snapshots),
    );
    volumes.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    volumes.dedup_by(|a, b| a.id == b.id);
    binned.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    binned.dedup_by(|a, b| a.id == b.id);
    locked.sort_unstable();
    locked.dedup();
    // A snapshot is listed once for each zone.
    fast_restored.sort_unstable();
    fast_restored.dedup();
    binned_snapshots.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    let coverage = vec![of_volumes, of_bin, of_locks, of_fast_restores];
    Storage { volumes, binned, binned_snapshots, locked, fast_restored, permissions: Vec::new(), coverage }
}

/// What is in the Recycle Bin.
async fn bin(reader: Reader<'_>) -> (Vec<BinnedImage>, Vec<BinnedSnapshot>, Coverage) {
    let mut tally = reader.begin(Source::RecycleBin);
    let (mut images, mut snapshots) = (Vec::new(), Vec::new());
    let each = |page: ListImagesInRecycleBinReply| images.extend(page.images);
    reader.pages::<ListImagesInRecycleBin>(&mut tally, AllRequest::default(), each).await;
    let each = |page: ListSnapshotsInRecycleBinReply| snapshots.extend(page.snapshots);
    reader.pages::<ListSnapshotsInRecycleBin>(&mut tally, AllRequest::default(), each).await;
    tally.items = (images.len() + snapshots.len()) as u64;
    (images, snapshots, reader.finish(tally))
}

/// All items of a listing.
async fn list<O, T>(reader: Reader<'_>, source: Source, items: impl Fn(O::Reply) -> Vec<T>) -> (Vec<T>, Coverage)
where
    O: Paged<Request: Default>,
    for<'c> dyn Cloud + 'c: Call<O>,
{
    let mut tally = reader.begin(source);
    let mut all = Vec::new();
    reader.pages::<O>(&mut tally, O::Request::default(), |page| all.extend(items(page))).await;
    tally.items = all.len() as u64;
    (all, reader.finish(tally))
}
