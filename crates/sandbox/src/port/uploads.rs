//! The port's operations on disks that are imported by way of S3.

use amictl_cloud::ops::{
    CompleteMultipartUpload, CompleteMultipartUploadRequest, CreateMultipartUpload, CreateMultipartUploadRequest,
    DescribeImportSnapshotTasks, DescribeImportSnapshotTasksRequest, ImportSnapshot, ImportSnapshotRequest,
    ImportSnapshotTask, ListParts, ListPartsReply, ListPartsRequest, UploadPart, UploadPartRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;

use super::InProcess;
use super::asked::{items, said, text};
use crate::s3::whole;

type Reply<'a, T> = BoxFuture<'a, Result<T, CloudError>>;

impl Call<CreateMultipartUpload> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: CreateMultipartUploadRequest) -> Reply<'a, String> {
        async move {
            let act = || whole::begin_upload(request.clone());
            self.run::<whole::CreateMultipartUpload>(region, act).await.map(|answer| answer.0)
        }
        .boxed()
    }
}

impl Call<UploadPart> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: UploadPartRequest) -> Reply<'a, String> {
        async move {
            let act = || whole::upload_part(request.clone());
            self.run::<whole::UploadPart>(region, act).await.map(|answer| answer.0)
        }
        .boxed()
    }
}

impl Call<ListParts> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: ListPartsRequest) -> Reply<'a, ListPartsReply> {
        async move {
            let act = || whole::parts(request.clone());
            self.run::<whole::ListParts>(region, act).await.map(|answer| answer.0)
        }
        .boxed()
    }
}

impl Call<CompleteMultipartUpload> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: CompleteMultipartUploadRequest) -> Reply<'a, ()> {
        async move {
            let act = || whole::complete_upload(request.clone());
            self.run::<whole::CompleteMultipartUpload>(region, act).await.map(|answer| answer.0)
        }
        .boxed()
    }
}

impl Call<ImportSnapshot> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: ImportSnapshotRequest) -> Reply<'a, String> {
        async move {
            let mut members = json!({
                "DiskContainer": {
                    "Format": request.format,
                    "UserBucket": { "S3Bucket": request.bucket, "S3Key": request.key },
                },
                "ClientToken": request.client_token,
            });
            if let Some(description) = request.description {
                members["DiskContainer"]["Description"] = description.as_str().into();
                members["Description"] = description.into();
            }
            if request.encrypted || request.kms_key.is_some() {
                members["Encrypted"] = true.into();
            }
            if let Some(key) = request.kms_key {
                members["KmsKeyId"] = key.into();
            }
            let reply = self.ask::<ImportSnapshot>(region, members).await?;
            Ok(said(&reply, "importTaskId"))
        }
        .boxed()
    }
}

impl Call<DescribeImportSnapshotTasks> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: DescribeImportSnapshotTasksRequest,
    ) -> Reply<'a, Option<ImportSnapshotTask>> {
        async move {
            let members = json!({ "ImportTaskId": [request.task] });
            let reply = self.ask::<DescribeImportSnapshotTasks>(region, members).await?;
            let tasks = items(&reply, "importSnapshotTaskSet");
            Ok(tasks.first().map(|task| {
                let detail = &task["snapshotTaskDetail"];
                ImportSnapshotTask {
                    status: said(detail, "status"),
                    progress: text(detail, "progress"),
                    message: text(detail, "statusMessage"),
                    snapshot: text(detail, "snapshotId").and_then(|id| id.parse().ok()),
                }
            }))
        }
        .boxed()
    }
}
