//! The port's operations on S3.

use amictl_cloud::ops::{
    DeleteBucket, DeleteBucketRequest, DeleteObjects, DeleteObjectsReply, DeleteObjectsRequest, GetBucketLocation,
    GetBucketLocationRequest, GetObject, GetObjectRequest, ListObjectVersions, ListObjectVersionsReply,
    ListObjectVersionsRequest, ListObjectsV2, ListObjectsV2Reply, ListObjectsV2Request,
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

impl Call<ListObjectVersions> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: ListObjectVersionsRequest,
    ) -> BoxFuture<'a, Result<ListObjectVersionsReply, CloudError>> {
        async move {
            let act = || whole::versions(request.clone());
            self.run::<whole::ListObjectVersions>(region, act).await.map(|answer| answer.0)
        }
        .boxed()
    }
}

impl Call<DeleteObjects> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: DeleteObjectsRequest,
    ) -> BoxFuture<'a, Result<DeleteObjectsReply, CloudError>> {
        async move {
            self.run::<whole::DeleteObjects>(region, || whole::delete(request.clone())).await.map(|answer| answer.0)
        }
        .boxed()
    }
}

impl Call<DeleteBucket> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: DeleteBucketRequest) -> BoxFuture<'a, Result<(), CloudError>> {
        async move {
            let act = || whole::delete_bucket(request.clone());
            self.run::<whole::DeleteBucket>(region, act).await.map(|answer| answer.0)
        }
        .boxed()
    }
}
