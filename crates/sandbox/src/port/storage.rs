//! The port's operations on volumes, and on what keeps snapshots: the Recycle Bin, locks, fast restore, permissions.

use amictl_cloud::ops::{
    AllRequest, DescribeFastSnapshotRestores, DescribeFastSnapshotRestoresReply, DescribeLockedSnapshots,
    DescribeLockedSnapshotsReply, DescribeSnapshotPermissions, DescribeSnapshotPermissionsRequest,
    DescribeSnapshotTierStatus, DescribeSnapshotTierStatusReply, DescribeSnapshotTierStatusRequest, DescribeVolumes,
    DescribeVolumesReply, DescribeVolumesRequest, ListImagesInRecycleBin, ListImagesInRecycleBinReply,
    ListSnapshotsInRecycleBin, ListSnapshotsInRecycleBinReply, ModifySnapshotTier, ModifySnapshotTierRequest,
    RestoreSnapshotTier, RestoreSnapshotTierRequest, TierStatus,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::{BinnedImage, BinnedSnapshot, Grantee, Region, SnapshotId, StorageTier, Volume, VolumeId};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::InProcess;
use super::asked::{items, moment, number, said, text};

type Answer<'a, T> = BoxFuture<'a, Result<T, CloudError>>;

impl Call<ListImagesInRecycleBin> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: AllRequest) -> Answer<'a, ListImagesInRecycleBinReply> {
        async move {
            let reply = self.ask::<ListImagesInRecycleBin>(region, page_of(&request, 1000)).await?;
            let binned = items(&reply, "imageSet").iter().filter_map(|image| {
                Some(BinnedImage {
                    id: text(image, "imageId")?.parse().ok()?,
                    name: said(image, "name").into(),
                    entered_at: moment(image, "recycleBinEnterTime"),
                    leaves_at: moment(image, "recycleBinExitTime"),
                })
            });
            Ok(ListImagesInRecycleBinReply { images: binned.collect(), next_token: text(&reply, "nextToken") })
        }
        .boxed()
    }
}

impl Call<ListSnapshotsInRecycleBin> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: AllRequest) -> Answer<'a, ListSnapshotsInRecycleBinReply> {
        async move {
            let reply = self.ask::<ListSnapshotsInRecycleBin>(region, page_of(&request, 1000)).await?;
            let binned = items(&reply, "snapshotSet").iter().filter_map(|snapshot| {
                Some(BinnedSnapshot {
                    id: text(snapshot, "snapshotId")?.parse().ok()?,
                    description: text(snapshot, "description").map(Into::into),
                    leaves_at: moment(snapshot, "recycleBinExitTime"),
                })
            });
            Ok(ListSnapshotsInRecycleBinReply { snapshots: binned.collect(), next_token: text(&reply, "nextToken") })
        }
        .boxed()
    }
}

impl Call<DescribeVolumes> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: DescribeVolumesRequest) -> Answer<'a, DescribeVolumesReply> {
        async move {
            let mut members = page_of(&AllRequest { next_token: request.next_token }, 1000);
            if !request.volumes.is_empty() {
                let ids: Vec<&str> = request.volumes.iter().map(VolumeId::as_str).collect();
                members["Filter"] = json!([{ "Name": "volume-id", "Value": ids }]);
            }
            members["IncludeManagedResources"] = true.into();
            let reply = self.ask::<DescribeVolumes>(region, members).await?;
            let volumes = items(&reply, "volumeSet").iter().map(volume).collect();
            Ok(DescribeVolumesReply { volumes, next_token: text(&reply, "nextToken") })
        }
        .boxed()
    }
}

impl Call<DescribeLockedSnapshots> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: AllRequest) -> Answer<'a, DescribeLockedSnapshotsReply> {
        async move {
            let reply = self.ask::<DescribeLockedSnapshots>(region, page_of(&request, 1000)).await?;
            let locked = items(&reply, "snapshotSet")
                .iter()
                .filter(|lock| said(lock, "lockState") != "expired")
                .filter_map(|lock| text(lock, "snapshotId")?.parse().ok());
            Ok(DescribeLockedSnapshotsReply { snapshots: locked.collect(), next_token: text(&reply, "nextToken") })
        }
        .boxed()
    }
}

impl Call<DescribeFastSnapshotRestores> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: AllRequest) -> Answer<'a, DescribeFastSnapshotRestoresReply> {
        async move {
            let reply = self.ask::<DescribeFastSnapshotRestores>(region, page_of(&request, 200)).await?;
            let restored = items(&reply, "fastSnapshotRestoreSet")
                .iter()
                .filter(|restore| !matches!(said(restore, "state").as_str(), "disabled" | "disabling"))
                .filter_map(|restore| text(restore, "snapshotId")?.parse().ok());
            let snapshots = restored.collect();
            Ok(DescribeFastSnapshotRestoresReply { snapshots, next_token: text(&reply, "nextToken") })
        }
        .boxed()
    }
}

impl Call<DescribeSnapshotPermissions> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: DescribeSnapshotPermissionsRequest) -> Answer<'a, Vec<Grantee>> {
        async move {
            let members = json!({ "SnapshotId": request.snapshot.as_str(), "Attribute": "createVolumePermission" });
            let reply = self.ask::<DescribeSnapshotPermissions>(region, members).await?;
            let grantees = items(&reply, "createVolumePermission").iter().filter_map(|permission| {
                let account = text(permission, "userId").and_then(|account| account.parse().ok()).map(Grantee::Account);
                account.or_else(|| text(permission, "group").map(|group| Grantee::Group(group.into())))
            });
            Ok(grantees.collect())
        }
        .boxed()
    }
}

fn page_of(request: &AllRequest, size: u32) -> Value {
    json!({ "MaxResults": size, "NextToken": request.next_token })
}

fn volume(shown: &Value) -> Volume {
    Volume {
        id: said(shown, "volumeId").into(),
        state: said(shown, "status").into(),
        snapshot: text(shown, "snapshotId").and_then(|id| id.parse().ok()),
        size_gib: u32::try_from(number(shown, "size")).unwrap_or(u32::MAX),
        volume_type: said(shown, "volumeType").into(),
        created_at: moment(shown, "createTime"),
        attached_to: items(shown, "attachmentSet")
            .iter()
            .filter_map(|attachment| text(attachment, "instanceId").map(Into::into))
            .collect(),
        managed: shown.get("operator").is_some_and(|operator| said(operator, "managed") == "true"),
        tags: items(shown, "tagSet").iter().map(|tag| (said(tag, "key"), said(tag, "value"))).collect(),
    }
}

impl Call<DescribeSnapshotTierStatus> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: DescribeSnapshotTierStatusRequest,
    ) -> Answer<'a, DescribeSnapshotTierStatusReply> {
        async move {
            let ids: Vec<&str> = request.snapshots.iter().map(SnapshotId::as_str).collect();
            let members = json!({
                "MaxResults": 1000,
                "NextToken": request.next_token,
                "Filter": [{ "Name": "snapshot-id", "Value": ids }],
            });
            let reply = self.ask::<DescribeSnapshotTierStatus>(region, members).await?;
            let statuses = items(&reply, "snapshotTierStatusSet").iter().filter_map(|status| {
                Some(TierStatus {
                    snapshot: text(status, "snapshotId")?.parse().ok()?,
                    tier: match said(status, "storageTier").as_str() {
                        "archive" => StorageTier::Archive,
                        _ => StorageTier::Standard,
                    },
                    operation: said(status, "lastTieringOperationStatus"),
                    is_temporary: text(status, "restoreExpiryTime").is_some(),
                })
            });
            let snapshots = statuses.collect();
            Ok(DescribeSnapshotTierStatusReply { snapshots, next_token: text(&reply, "nextToken") })
        }
        .boxed()
    }
}

impl Call<ModifySnapshotTier> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: ModifySnapshotTierRequest) -> Answer<'a, ()> {
        async move {
            let members = json!({ "SnapshotId": request.snapshot.as_str(), "StorageTier": "archive" });
            self.ask::<ModifySnapshotTier>(region, members).await.map(|_| ())
        }
        .boxed()
    }
}

impl Call<RestoreSnapshotTier> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: RestoreSnapshotTierRequest) -> Answer<'a, ()> {
        async move {
            let members = json!({ "SnapshotId": request.snapshot.as_str(), "PermanentRestore": true });
            self.ask::<RestoreSnapshotTier>(region, members).await.map(|_| ())
        }
        .boxed()
    }
}
