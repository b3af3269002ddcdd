//! The port's operations on the blocks of snapshots.

use amictl_cloud::ops::{
    CompleteSnapshot, CompleteSnapshotRequest, PutSnapshotBlock, PutSnapshotBlockRequest, StartSnapshot,
    StartSnapshotRequest,
};
use amictl_cloud::{Call, CloudError, Operation};
use amictl_model::{Region, SnapshotId};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::InProcess;
use super::asked::said;
use crate::ops::ebs::write_snapshot;

impl Call<StartSnapshot> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: StartSnapshotRequest,
    ) -> BoxFuture<'a, Result<SnapshotId, CloudError>> {
        async move {
            let tags: Value = request.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
            let mut members = json!({
                "VolumeSize": request.size_gib,
                "Tags": tags,
                "Timeout": request.timeout_minutes,
                "ClientToken": request.client_token,
            });
            if let Some(description) = request.description {
                members["Description"] = description.into();
            }
            if request.encrypted || request.kms_key.is_some() {
                members["Encrypted"] = true.into();
            }
            if let Some(key) = request.kms_key {
                members["KmsKeyArn"] = key.into();
            }
            let reply = self.ask::<StartSnapshot>(region, members).await?;
            said(&reply, "SnapshotId").parse().map_err(|error| unusable(StartSnapshot::SPEC.name, &error))
        }
        .boxed()
    }
}

impl Call<PutSnapshotBlock> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: PutSnapshotBlockRequest,
    ) -> BoxFuture<'a, Result<(), CloudError>> {
        async move {
            let input = || write_snapshot::PutSnapshotBlockInput {
                snapshot: request.snapshot.clone(),
                index: request.index.into(),
                data: request.data.to_vec(),
                checksum: request.checksum.clone(),
            };
            self.run::<write_snapshot::PutSnapshotBlock>(region, input).await.map(|_| ())
        }
        .boxed()
    }
}

impl Call<CompleteSnapshot> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: CompleteSnapshotRequest,
    ) -> BoxFuture<'a, Result<(), CloudError>> {
        async move {
            let members = json!({
                "snapshotId": request.snapshot,
                "x-amz-changedblockscount": request.blocks,
                "x-amz-checksum": request.checksum,
                "x-amz-checksum-algorithm": "SHA256",
                "x-amz-checksum-aggregation-method": "LINEAR",
            });
            self.ask::<CompleteSnapshot>(region, members).await.map(|_| ())
        }
        .boxed()
    }
}

fn unusable(operation: &'static str, error: &dyn std::fmt::Display) -> CloudError {
    CloudError {
        class: amictl_cloud::ErrorClass::Other,
        operation,
        code: None,
        message: format!("the reply cannot be read: {error}"),
        request_id: None,
    }
}
