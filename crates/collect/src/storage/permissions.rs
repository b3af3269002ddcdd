//! Who else may use a snapshot: one snapshot a call, so only of those that nothing seems to use.

use amictl_cloud::ops::{DescribeSnapshotPermissions, DescribeSnapshotPermissionsRequest};
use amictl_cloud::{Call, Clock, Clouds, ErrorClass};
use amictl_model::{Coverage, CoverageStatus, Grantee, Inventory, SnapshotId, SnapshotPermissions, Source};
use futures::stream::{self, StreamExt};

use crate::reader::status_of;
use crate::{Observer, ScanEvent};

/// The snapshots of an account and Region to ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRequest {
    /// Index into `Inventory::scopes`.
    pub scope: usize,
    /// The snapshots.
    pub snapshots: Vec<SnapshotId>,
}

/// Who else may use a snapshot, or how and why that could not be read.
type Answer = Result<Vec<Grantee>, (CoverageStatus, String)>;

/// Asks who else may use these snapshots, `concurrency` calls in flight, and enters the answers and the coverage. A snapshot that is gone
/// by now is told as such.
pub async fn read_snapshot_permissions(
    clouds: &dyn Clouds,
    clock: &Clock,
    inventory: &mut Inventory,
    requests: Vec<SnapshotRequest>,
    concurrency: usize,
    observer: &dyn Observer,
) {
    for request in requests {
        let Some(scope) = inventory.scopes.get_mut(request.scope) else { continue };
        let Some(storage) = &mut scope.storage else { continue };
        observer.observe(ScanEvent::Started { scope: scope.scope.clone(), source: Source::SnapshotPermissions });
        let read_at = clock.now();
        let (region, cloud) = (&scope.scope.region, clouds.of(scope.scope.account));
        let answers: Vec<(SnapshotId, Answer)> = stream::iter(request.snapshots)
            .map(|snapshot| async move {
                let Some(cloud) = cloud else {
                    let why = "there are no credentials for the account".to_owned();
                    return (snapshot, Err((CoverageStatus::Failed, why)));
                };
                let asked = DescribeSnapshotPermissionsRequest { snapshot: snapshot.clone() };
                let answer = Call::<DescribeSnapshotPermissions>::call(cloud, region, asked).await;
                let answer = answer.map_err(|error| match error.class {
                    ErrorClass::NotFound => (CoverageStatus::Complete, "it is gone".to_owned()),
                    _ => (status_of(&error), error.to_string()),
                });
                (snapshot, answer)
            })
            .buffer_unordered(concurrency.max(1))
            .collect()
            .await;
        let mut coverage = Coverage {
            source: Source::SnapshotPermissions,
            status: CoverageStatus::Complete,
            detail: Box::default(),
            items: answers.len() as u64,
            calls: if cloud.is_some() { answers.len() as u64 } else { 0 },
            read_at,
        };
        storage.permissions.clear();
        for (snapshot, answer) in answers {
            let (grantees, error) = match answer {
                Ok(grantees) => (grantees, None),
                Err((status, why)) => {
                    if status != CoverageStatus::Complete && coverage.status == CoverageStatus::Complete {
                        (coverage.status, coverage.detail) = (status, why.as_str().into());
                    }
                    (Vec::new(), Some(why.into()))
                }
            };
            storage.permissions.push(SnapshotPermissions { snapshot, grantees, error });
        }
        storage.permissions.sort_unstable_by(|a, b| a.snapshot.cmp(&b.snapshot));
        storage.coverage.retain(|other| other.source != Source::SnapshotPermissions);
        storage.coverage.push(coverage.clone());
        observer.observe(ScanEvent::Finished { scope: scope.scope.clone(), coverage });
    }
}
