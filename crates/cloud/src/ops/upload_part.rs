use std::fmt;

use bytes::Bytes;

use crate::{Operation, OperationSpec, Service};

/// S3 `UploadPart`, whose IAM action is `s3:PutObject`. To put a part again, with the same bytes, changes nothing.
#[derive(Debug)]
pub struct UploadPart;

/// A part.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadPartRequest {
    /// `Bucket`.
    pub bucket: String,
    /// `Key`.
    pub key: String,
    /// `UploadId`.
    pub upload: String,
    /// `PartNumber`, from 1 to 10,000.
    pub number: u16,
    /// `Body`: 5 MiB at least, but for the last part.
    pub data: Bytes,
    /// `ChecksumSHA256`, as Base64. S3 refuses bytes that do not have it.
    pub checksum: String,
}

impl fmt::Debug for UploadPartRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bucket, key, number, data, checksum, .. } = self;
        write!(f, "part {number} of s3://{bucket}/{key}: {} bytes, {checksum}", data.len())
    }
}

impl Operation for UploadPart {
    type Request = UploadPartRequest;
    /// `ETag`.
    type Reply = String;
    const SPEC: OperationSpec = OperationSpec::mutating(Service::S3, "UploadPart");
}
