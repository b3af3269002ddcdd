use crate::{Operation, OperationSpec, Service};

/// S3 `DeleteObjects`, whose IAM action is `s3:DeleteObject`: up to 1,000 objects, each with a result of its own.
///
/// What is not there counts as deleted. Without a version, a bucket that keeps versions keeps this one too, behind a delete marker.
#[derive(Debug)]
pub struct DeleteObjects;

/// Objects that one call takes.
pub const OBJECTS_PER_CALL_MAX: usize = 1000;

/// Which objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteObjectsRequest {
    /// `Bucket`.
    pub bucket: String,
    /// `Delete.Objects`, at most [`OBJECTS_PER_CALL_MAX`].
    pub objects: Vec<ObjectName>,
}

/// An object, or a version of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// `Key`.
    pub key: String,
    /// `VersionId`; `None` for the object as it is now.
    pub version: Option<String>,
}

/// What became of each object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteObjectsReply {
    /// `Deleted`.
    pub deleted: Vec<DeletedObject>,
    /// `Errors`.
    pub errors: Vec<ObjectError>,
}

/// An object that was deleted, or was not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedObject {
    /// `Key` and `VersionId`, as asked for.
    pub name: ObjectName,
    /// Whether only a delete marker was put before its versions (`DeleteMarker` where no version was named).
    pub left_versions: bool,
}

/// An object that was not deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectError {
    /// `Key` and `VersionId`, as asked for.
    pub name: ObjectName,
    /// `Code`, such as `AccessDenied`.
    pub code: String,
    /// `Message`. Text from outside.
    pub message: String,
}

impl Operation for DeleteObjects {
    type Request = DeleteObjectsRequest;
    type Reply = DeleteObjectsReply;
    const SPEC: OperationSpec = OperationSpec::mutating(Service::S3, "DeleteObjects");
}
