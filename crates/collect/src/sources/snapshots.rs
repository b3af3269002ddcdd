//! The account's own snapshots.

use amictl_cloud::for_each_page;
use amictl_cloud::ops::{DescribeSnapshots, DescribeSnapshotsRequest};
use amictl_model::{Coverage, Snapshot, Source};

use crate::Reader;

/// Reads all snapshots of the account and Region.
pub async fn read(reader: Reader<'_>) -> (Vec<Snapshot>, Coverage) {
    let mut tally = reader.begin(Source::Snapshots);
    let mut snapshots: Vec<Snapshot> = Vec::new();
    let request = DescribeSnapshotsRequest::default();
    let outcome = for_each_page::<DescribeSnapshots>(reader.cloud, &reader.scope.region, request, |page| {
        snapshots.extend(page.snapshots.into_iter().filter(|snapshot| snapshot.owner == reader.scope.account));
    })
    .await;
    tally.paged(outcome);
    snapshots.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    snapshots.dedup_by(|a, b| a.id == b.id);
    tally.items = snapshots.len() as u64;
    (snapshots, reader.finish(tally))
}
