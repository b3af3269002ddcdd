use amictl_model::{SnapshotId, Tags};

use crate::{Operation, OperationSpec, Service};

/// EBS `StartSnapshot`: a snapshot that is written block by block. It is `pending` until `CompleteSnapshot`.
#[derive(Debug)]
pub struct StartSnapshot;

/// What the snapshot is to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartSnapshotRequest {
    /// `VolumeSize` in GiB, 1 to 65,536.
    pub size_gib: u32,
    /// `Description`.
    pub description: Option<String>,
    /// `Tags`.
    pub tags: Tags,
    /// `Encrypted`; EBS encrypts by default where the account says so.
    pub encrypted: bool,
    /// `KmsKeyArn`, which implies encryption.
    pub kms_key: Option<String>,
    /// `Timeout`: minutes without a block after which EBS gives the snapshot up, 10 to 4,320.
    pub timeout_minutes: u32,
    /// `ClientToken`: the same one starts no second snapshot.
    pub client_token: String,
}

impl Operation for StartSnapshot {
    type Request = StartSnapshotRequest;
    /// `SnapshotId`.
    type Reply = SnapshotId;
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ebs, "StartSnapshot").also_needs(&["ec2:CreateTags"]);
}
