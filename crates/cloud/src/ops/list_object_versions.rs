use super::paged;
use crate::{Operation, OperationSpec, Service};

/// S3 `ListObjectVersions`, whose IAM action is `s3:ListBucketVersions`: every version of every object, delete markers too.
#[derive(Debug)]
pub struct ListObjectVersions;

/// The bucket, and how the keys begin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectVersionsRequest {
    /// `Bucket`.
    pub bucket: String,
    /// `Prefix`; empty for all.
    pub prefix: String,
    /// `KeyMarker` and `VersionIdMarker` in one, see [`version_markers`]; pages of 1,000.
    pub next_token: Option<String>,
}

/// A page of versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectVersionsReply {
    /// `Versions` and `DeleteMarkers`.
    pub versions: Vec<ListedVersion>,
    /// `NextKeyMarker` and `NextVersionIdMarker` in one, see [`version_token`].
    pub next_token: Option<String>,
}

/// A version of an object, or a delete marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedVersion {
    /// `Key`.
    pub key: String,
    /// `VersionId`; `null` where the bucket kept no versions when it was put.
    pub version: String,
    /// `Size` in bytes; 0 for a delete marker.
    pub bytes: u64,
    /// Whether it is a delete marker.
    pub is_delete_marker: bool,
}

/// The two markers of a next page as one token: ids of versions hold no line break, keys may.
#[must_use]
pub fn version_token(key: &str, version: Option<&str>) -> String {
    format!("{}\n{key}", version.unwrap_or_default())
}

/// `KeyMarker` and `VersionIdMarker` of such a token.
#[must_use]
pub fn version_markers(token: &str) -> (&str, Option<&str>) {
    let (version, key) = token.split_once('\n').unwrap_or(("", token));
    (key, Some(version).filter(|version| !version.is_empty()))
}

impl Operation for ListObjectVersions {
    type Request = ListObjectVersionsRequest;
    type Reply = ListObjectVersionsReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::S3, "ListObjectVersions");
}

paged!(ListObjectVersions);
