//! The account's own snapshots.

use amictl_cloud::ops::{DescribeSnapshots, DescribeSnapshotsReply, DescribeSnapshotsRequest};
use amictl_model::{Coverage, Snapshot, Source};

use crate::Reader;

/// Reads all snapshots of the account and Region.
pub(crate) async fn read(reader: Reader<'_>) -> (Vec<Snapshot>, Coverage) {
    let mut tally = reader.begin(Source::Snapshots);
    let mut snapshots: Vec<Snapshot> = Vec::new();
    let request = DescribeSnapshotsRequest::default();
    let each = |page: DescribeSnapshotsReply| {
        snapshots.extend(page.snapshots.into_iter().filter(|snapshot| snapshot.owner == reader.scope.account));
    };
    reader.pages::<DescribeSnapshots>(&mut tally, request, each).await;
    snapshots.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    snapshots.dedup_by(|a, b| a.id == b.id);
    tally.items = snapshots.len() as u64;
    (snapshots, reader.finish(tally))
}
