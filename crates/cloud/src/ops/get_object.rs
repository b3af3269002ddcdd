use crate::{Operation, OperationSpec, Service};

/// S3 `GetObject`, whole or its beginning.
#[derive(Debug)]
pub struct GetObject;

/// The object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetObjectRequest {
    /// `Bucket`.
    pub bucket: String,
    /// `Key`.
    pub key: String,
    /// Read so many bytes at most (`Range`); `None` for the whole object.
    pub bytes_max: Option<u64>,
}

impl Operation for GetObject {
    type Request = GetObjectRequest;
    /// `Body`.
    type Reply = Vec<u8>;
    const SPEC: OperationSpec = OperationSpec::read(Service::S3, "GetObject");
}
