//! The port's operations on snapshots.

use amictl_cloud::ops::{
    DeleteSnapshot, DeleteSnapshotRequest, DescribeSnapshots, DescribeSnapshotsReply, DescribeSnapshotsRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::{Moment, Region, Snapshot, SnapshotId};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::InProcess;
use crate::filter::Filters;
use crate::ops::snapshots::{delete_snapshot, describe_snapshots};
use crate::world;

impl Call<DescribeSnapshots> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: DescribeSnapshotsRequest,
    ) -> BoxFuture<'a, Result<DescribeSnapshotsReply, CloudError>> {
        async move {
            let input = || {
                let ids: Vec<String> = request.snapshots.iter().map(SnapshotId::to_string).collect();
                describe_snapshots::DescribeSnapshotsInput {
                    owners: vec!["self".to_owned()],
                    filters: filters(ids, request.tag.as_ref()),
                    limit: Some(1000),
                    token: request.next_token.clone(),
                    ..describe_snapshots::DescribeSnapshotsInput::default()
                }
            };
            let output = self.run::<describe_snapshots::DescribeSnapshots>(region, input).await?;
            Ok(DescribeSnapshotsReply {
                snapshots: output.snapshots.iter().map(|snapshot| shown(snapshot, output.now)).collect(),
                next_token: output.next_token,
            })
        }
        .boxed()
    }
}

fn filters(ids: Vec<String>, tag: Option<&(String, String)>) -> Filters {
    let tag = tag.map(|(key, value)| (format!("tag:{key}"), vec![value.clone()]));
    match (ids.is_empty(), &tag) {
        (true, None) => Filters::default(),
        (false, None) => Filters::one("snapshot-id", ids),
        (true, Some((name, value))) => Filters::one(name, value.clone()),
        (false, Some((name, value))) => Filters::all([("snapshot-id", ids), (name, value.clone())]),
    }
}

fn shown(snapshot: &world::Snapshot, now: Moment) -> Snapshot {
    Snapshot {
        id: snapshot.id.clone(),
        owner: snapshot.owner,
        state: snapshot.state_at(now),
        tier: snapshot.tier_at(now),
        encrypted: snapshot.encrypted,
        size_gib: snapshot.size_gib,
        full_size_bytes: Some(snapshot.full_size_bytes),
        started_at: Some(snapshot.started_at),
        volume: Some(snapshot.volume.clone()),
        description: snapshot.description.clone().filter(|text| !text.is_empty()),
        tags: snapshot.tags.clone(),
    }
}

impl Call<DeleteSnapshot> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: DeleteSnapshotRequest) -> BoxFuture<'a, Result<(), CloudError>> {
        async move { self.run::<delete_snapshot::DeleteSnapshot>(region, || request.snapshot.clone()).await.map(|_| ()) }.boxed()
    }
}
