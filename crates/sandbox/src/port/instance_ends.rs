//! The port's operations that end instances and volumes.

use amictl_cloud::ops::{
    AllRequest, DeleteVolume, DescribeInstanceAttribute, InstanceRequest, ListVolumesInRecycleBin,
    ListVolumesInRecycleBinReply, RestoreVolumeFromRecycleBin, TerminateInstances, VolumeRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::{BinnedVolume, Region};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;

use super::InProcess;
use super::asked::{items, moment, number, said, text};

type Answer<'a, T> = BoxFuture<'a, Result<T, CloudError>>;

impl Call<TerminateInstances> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: InstanceRequest) -> Answer<'a, ()> {
        let members = json!({ "InstanceId": [request.instance.as_str()] });
        async move { self.ask::<TerminateInstances>(region, members).await.map(|_| ()) }.boxed()
    }
}

impl Call<DescribeInstanceAttribute> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: InstanceRequest) -> Answer<'a, bool> {
        let members = json!({ "InstanceId": request.instance.as_str(), "Attribute": "disableApiTermination" });
        async move {
            let reply = self.ask::<DescribeInstanceAttribute>(region, members).await?;
            Ok(reply.get("disableApiTermination").is_some_and(|attribute| said(attribute, "value") == "true"))
        }
        .boxed()
    }
}

impl Call<DeleteVolume> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: VolumeRequest) -> Answer<'a, ()> {
        let members = json!({ "VolumeId": request.volume.as_str() });
        async move { self.ask::<DeleteVolume>(region, members).await.map(|_| ()) }.boxed()
    }
}

impl Call<RestoreVolumeFromRecycleBin> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: VolumeRequest) -> Answer<'a, ()> {
        let members = json!({ "VolumeId": request.volume.as_str() });
        async move { self.ask::<RestoreVolumeFromRecycleBin>(region, members).await.map(|_| ()) }.boxed()
    }
}

impl Call<ListVolumesInRecycleBin> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: AllRequest) -> Answer<'a, ListVolumesInRecycleBinReply> {
        async move {
            let members = json!({ "MaxResults": 500, "NextToken": request.next_token });
            let reply = self.ask::<ListVolumesInRecycleBin>(region, members).await?;
            let binned = items(&reply, "volumeSet").iter().filter_map(|volume| {
                Some(BinnedVolume {
                    id: text(volume, "volumeId")?.parse().ok()?,
                    snapshot: text(volume, "snapshotId").and_then(|id| id.parse().ok()),
                    size_gib: u32::try_from(number(volume, "size")).unwrap_or(u32::MAX),
                    entered_at: moment(volume, "recycleBinEnterTime"),
                    leaves_at: moment(volume, "recycleBinExitTime"),
                })
            });
            Ok(ListVolumesInRecycleBinReply { volumes: binned.collect(), next_token: text(&reply, "nextToken") })
        }
        .boxed()
    }
}
