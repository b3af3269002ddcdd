//! The port's operations on S3.

use amictl_cloud::ops::{
    GetBucketLocation, GetBucketLocationRequest, GetObject, GetObjectRequest, ListObjectsV2, ListObjectsV2Reply,
    ListObjectsV2Request,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::InProcess;
use crate::s3::whole;

impl Call<GetBucketLocation> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: GetBucketLocationRequest,
    ) -> BoxFuture<'a, Result<Region, CloudError>> {
        async move {
            self.run::<whole::GetBucketLocation>(region, || whole::location(request.bucket.clone()))
                .await
                .map(|answer| answer.0)
        }
        .boxed()
    }
}

impl Call<ListObjectsV2> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: ListObjectsV2Request,
    ) -> BoxFuture<'a, Result<ListObjectsV2Reply, CloudError>> {
        async move { self.run::<whole::ListObjectsV2>(region, || whole::list(request.clone())).await.map(|answer| answer.0) }.boxed()
    }
}

impl Call<GetObject> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: GetObjectRequest) -> BoxFuture<'a, Result<Vec<u8>, CloudError>> {
        async move { self.run::<whole::GetObject>(region, || whole::object(request.clone())).await.map(|answer| answer.0) }.boxed()
    }
}
