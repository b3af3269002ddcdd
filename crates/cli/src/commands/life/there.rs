//! Which of some images, snapshots and volumes are there.

use amictl_cloud::ops::{
    DescribeImages, DescribeImagesRequest, DescribeSnapshots, DescribeSnapshotsRequest, DescribeVolumes,
    DescribeVolumesRequest,
};
use amictl_cloud::{Cloud, for_each_page};
use amictl_model::{ImageId, ImageState, Scope, SnapshotId, VolumeId};

use super::targets::IDS_PER_CALL_MAX;

/// Those of these ids that are in this account and Region; what cannot be read is in none.
pub(super) async fn of(cloud: &dyn Cloud, scope: &Scope, ids: &[String]) -> Vec<String> {
    let mut there = Vec::new();
    for ids in ids.chunks(IDS_PER_CALL_MAX) {
        let images: Vec<ImageId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        if !images.is_empty() {
            let request = DescribeImagesRequest { images, ..DescribeImagesRequest::default() };
            let _ = for_each_page::<DescribeImages>(cloud, &scope.region, request, |page| {
                let is_there = page.images.into_iter().filter(|image| image.state != ImageState::Deregistered);
                there.extend(is_there.map(|image| image.id.to_string()));
            })
            .await;
        }
        let snapshots: Vec<SnapshotId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        if !snapshots.is_empty() {
            let request = DescribeSnapshotsRequest { snapshots, ..DescribeSnapshotsRequest::default() };
            let _ = for_each_page::<DescribeSnapshots>(cloud, &scope.region, request, |page| {
                there.extend(page.snapshots.into_iter().map(|snapshot| snapshot.id.to_string()));
            })
            .await;
        }
        let volumes: Vec<VolumeId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        if !volumes.is_empty() {
            let request = DescribeVolumesRequest { volumes, next_token: None };
            let _ = for_each_page::<DescribeVolumes>(cloud, &scope.region, request, |page| {
                let is_there = page.volumes.into_iter().filter(|volume| volume.state != "deleted");
                there.extend(is_there.map(|volume| volume.id.to_string()));
            })
            .await;
        }
    }
    there
}
