use super::paged;
use crate::{Operation, OperationSpec, Service};

/// S3 `ListParts`, whose IAM action is `s3:ListMultipartUploadParts`: the parts that an upload has so far.
#[derive(Debug)]
pub struct ListParts;

/// The upload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPartsRequest {
    /// `Bucket`.
    pub bucket: String,
    /// `Key`.
    pub key: String,
    /// `UploadId`.
    pub upload: String,
    /// `PartNumberMarker`; pages of 1,000.
    pub next_token: Option<String>,
}

/// A page of parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPartsReply {
    /// `Parts`, by their numbers.
    pub parts: Vec<UploadedPart>,
    /// `NextPartNumberMarker`, while there are more.
    pub next_token: Option<String>,
}

/// A part of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadedPart {
    /// `PartNumber`.
    pub number: u16,
    /// `ETag`.
    pub etag: String,
    /// `ChecksumSHA256`; empty where the endpoint keeps none.
    pub checksum: String,
}

impl Operation for ListParts {
    type Request = ListPartsRequest;
    type Reply = ListPartsReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::S3, "ListParts");
}

paged!(ListParts);
