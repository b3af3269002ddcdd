use super::UploadedPart;
use crate::{Operation, OperationSpec, Service};

/// S3 `CompleteMultipartUpload`, whose IAM action is `s3:PutObject`: the parts become the object.
#[derive(Debug)]
pub struct CompleteMultipartUpload;

/// The parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompleteMultipartUploadRequest {
    /// `Bucket`.
    pub bucket: String,
    /// `Key`.
    pub key: String,
    /// `UploadId`.
    pub upload: String,
    /// `MultipartUpload.Parts`, by their numbers.
    pub parts: Vec<UploadedPart>,
}

impl Operation for CompleteMultipartUpload {
    type Request = CompleteMultipartUploadRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::S3, "CompleteMultipartUpload");
}
