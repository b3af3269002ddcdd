use amictl_model::{ImageId, SnapshotId};

use crate::{Operation, OperationSpec, Service};

/// EC2 `DeregisterImage`, optionally with the snapshots that no other image uses.
#[derive(Debug)]
pub struct DeregisterImage;

/// The image to deregister.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeregisterImageRequest {
    /// `ImageId`.
    pub image: ImageId,
    /// `DeleteAssociatedSnapshots`.
    pub delete_snapshots: bool,
}

/// What became of the snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeregisterImageReply {
    /// `DeleteSnapshotResults`; `None` when the endpoint sent no such list, so nothing is known of the snapshots.
    pub snapshots: Option<Vec<DeleteSnapshotResult>>,
}

/// One entry of `DeleteSnapshotResults`. A snapshot's failure does not stop the deregistration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteSnapshotResult {
    /// `SnapshotId`.
    pub snapshot: SnapshotId,
    /// `ReturnCode`.
    pub code: SnapshotReturnCode,
}

/// `SnapshotReturnCodes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotReturnCode {
    /// `success`: deleted.
    Success,
    /// `skipped`: other images use it.
    Skipped,
    /// `missing-permissions`.
    MissingPermissions,
    /// `internal-error`.
    InternalError,
    /// `client-error`.
    ClientError,
    /// A code that this version does not know: not a success.
    Other(String),
}

impl SnapshotReturnCode {
    /// The code of this wire name.
    #[must_use]
    pub fn from_wire(name: &str) -> Self {
        match name {
            "success" => Self::Success,
            "skipped" => Self::Skipped,
            "missing-permissions" => Self::MissingPermissions,
            "internal-error" => Self::InternalError,
            "client-error" => Self::ClientError,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The name AWS uses on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Success => "success",
            Self::Skipped => "skipped",
            Self::MissingPermissions => "missing-permissions",
            Self::InternalError => "internal-error",
            Self::ClientError => "client-error",
            Self::Other(name) => name,
        }
    }
}

impl Operation for DeregisterImage {
    type Request = DeregisterImageRequest;
    type Reply = DeregisterImageReply;
    const SPEC: OperationSpec =
        OperationSpec::mutating(Service::Ec2, "DeregisterImage").also_needs(&["ec2:DeleteSnapshot"]);
}
