use super::paged;
use crate::{Operation, OperationSpec, Service};

/// S3 `ListObjectsV2`, whose IAM action is `s3:ListBucket`.
#[derive(Debug)]
pub struct ListObjectsV2;

/// The bucket, and how the keys begin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectsV2Request {
    /// `Bucket`.
    pub bucket: String,
    /// `Prefix`; empty for all.
    pub prefix: String,
    /// `ContinuationToken`; pages of 1,000.
    pub next_token: Option<String>,
}

/// A page of objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectsV2Reply {
    /// `Contents`.
    pub objects: Vec<ListedObject>,
    /// `NextContinuationToken`.
    pub next_token: Option<String>,
}

/// An object of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// `Key`.
    pub key: String,
    /// `Size` in bytes.
    pub bytes: u64,
}

impl Operation for ListObjectsV2 {
    type Request = ListObjectsV2Request;
    type Reply = ListObjectsV2Reply;
    const SPEC: OperationSpec = OperationSpec::read(Service::S3, "ListObjectsV2");
}

paged!(ListObjectsV2);
