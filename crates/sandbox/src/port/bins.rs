//! The port's operations on the Recycle Bin and on volumes.

use amictl_cloud::ops::{
    AllRequest, BinnedImage, DescribeVolumes, DescribeVolumesReply, ListImagesInRecycleBin,
    ListImagesInRecycleBinReply, Volume,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;

use super::InProcess;
use super::asked::{items, moment, number, said, text};

impl Call<ListImagesInRecycleBin> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: AllRequest,
    ) -> BoxFuture<'a, Result<ListImagesInRecycleBinReply, CloudError>> {
        async move {
            let members = json!({ "MaxResults": 1000, "NextToken": request.next_token });
            let reply = self.ask::<ListImagesInRecycleBin>(region, members).await?;
            let binned = items(&reply, "imageSet").iter().filter_map(|image| {
                Some(BinnedImage {
                    id: text(image, "imageId")?.parse().ok()?,
                    name: said(image, "name"),
                    entered_at: moment(image, "recycleBinEnterTime"),
                    leaves_at: moment(image, "recycleBinExitTime"),
                })
            });
            Ok(ListImagesInRecycleBinReply { images: binned.collect(), next_token: text(&reply, "nextToken") })
        }
        .boxed()
    }
}

impl Call<DescribeVolumes> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: AllRequest,
    ) -> BoxFuture<'a, Result<DescribeVolumesReply, CloudError>> {
        async move {
            let members =
                json!({ "MaxResults": 1000, "NextToken": request.next_token, "IncludeManagedResources": true });
            let reply = self.ask::<DescribeVolumes>(region, members).await?;
            let volumes = items(&reply, "volumeSet").iter().map(|volume| Volume {
                id: said(volume, "volumeId"),
                state: said(volume, "status"),
                snapshot: text(volume, "snapshotId"),
                size_gib: u32::try_from(number(volume, "size")).unwrap_or(u32::MAX),
            });
            Ok(DescribeVolumesReply { volumes: volumes.collect(), next_token: text(&reply, "nextToken") })
        }
        .boxed()
    }
}
