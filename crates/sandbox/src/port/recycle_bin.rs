//! The port's operations that restore from the Recycle Bin.

use amictl_cloud::ops::{
    RestoreImageFromRecycleBin, RestoreImageRequest, RestoreSnapshotFromRecycleBin, RestoreSnapshotRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::InProcess;
use crate::ops::{images, snapshots};

type Answer<'a> = BoxFuture<'a, Result<(), CloudError>>;

impl Call<RestoreImageFromRecycleBin> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: RestoreImageRequest) -> Answer<'a> {
        async move {
            let input = || request.image.clone();
            self.run::<images::recycle_bin::RestoreImageFromRecycleBin>(region, input).await.map(|_| ())
        }
        .boxed()
    }
}

impl Call<RestoreSnapshotFromRecycleBin> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: RestoreSnapshotRequest) -> Answer<'a> {
        async move {
            let input = || request.snapshot.clone();
            self.run::<snapshots::recycle_bin::RestoreSnapshotFromRecycleBin>(region, input).await.map(|_| ())
        }
        .boxed()
    }
}
