use crate::{Operation, OperationSpec, Service};

/// S3 `CreateMultipartUpload`, whose IAM action is `s3:PutObject`: an object that is put in parts, each with its SHA-256.
#[derive(Debug)]
pub struct CreateMultipartUpload;

/// The object that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateMultipartUploadRequest {
    /// `Bucket`.
    pub bucket: String,
    /// `Key`.
    pub key: String,
}

impl Operation for CreateMultipartUpload {
    type Request = CreateMultipartUploadRequest;
    /// `UploadId`.
    type Reply = String;
    const SPEC: OperationSpec = OperationSpec::mutating(Service::S3, "CreateMultipartUpload");
}
