use std::fmt;

use amictl_model::SnapshotId;
use bytes::Bytes;

use crate::{Operation, OperationSpec, Service};

/// Bytes of a block of a snapshot (EBS API Reference, `PutSnapshotBlock`, `DataLength`).
pub const SNAPSHOT_BLOCK_BYTES: u64 = 524_288;

/// EBS `PutSnapshotBlock`. To put a block again, with the same bytes, changes nothing.
#[derive(Debug)]
pub struct PutSnapshotBlock;

/// A block.
#[derive(Clone, PartialEq, Eq)]
pub struct PutSnapshotBlockRequest {
    /// `SnapshotId` of one that is being written.
    pub snapshot: SnapshotId,
    /// `BlockIndex`, from 0.
    pub index: u32,
    /// `BlockData`: [`SNAPSHOT_BLOCK_BYTES`] of them.
    pub data: Bytes,
    /// `Checksum`: SHA-256 of the bytes, as Base64. EBS refuses bytes that do not have it.
    pub checksum: String,
}

impl fmt::Debug for PutSnapshotBlockRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { snapshot, index, data, checksum } = self;
        write!(f, "block {index} of {snapshot}: {} bytes, {checksum}", data.len())
    }
}

impl Operation for PutSnapshotBlock {
    type Request = PutSnapshotBlockRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ebs, "PutSnapshotBlock");
}
