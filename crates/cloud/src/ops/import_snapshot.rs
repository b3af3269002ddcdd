use crate::{Operation, OperationSpec, Service};

/// EC2 `ImportSnapshot`: a task makes a snapshot of a disk in S3, which the role `vmimport` reads.
#[derive(Debug)]
pub struct ImportSnapshot;

/// The disk, and what the snapshot is to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportSnapshotRequest {
    /// `DiskContainer.UserBucket.S3Bucket`, in the Region of the snapshot.
    pub bucket: String,
    /// `DiskContainer.UserBucket.S3Key`.
    pub key: String,
    /// `DiskContainer.Format`: `VHD`, `VHDX`, `VMDK` or `RAW`.
    pub format: String,
    /// `Description` of the task.
    pub description: Option<String>,
    /// `Encrypted`.
    pub encrypted: bool,
    /// `KmsKeyId`, which implies encryption.
    pub kms_key: Option<String>,
    /// `ClientToken`: the same one begins no second task.
    pub client_token: String,
}

impl Operation for ImportSnapshot {
    type Request = ImportSnapshotRequest;
    /// `ImportTaskId`.
    type Reply = String;
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ImportSnapshot");
}
