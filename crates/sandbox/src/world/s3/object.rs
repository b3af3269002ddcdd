//! One version of an object.

use std::collections::BTreeMap;
use std::fmt::Write;

use amictl_model::{Moment, Tags};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::Blob;

/// One version of an object, or a delete marker.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Object {
    /// The version's id; `None` is the version `null` of a bucket without versioning.
    pub version: Option<String>,
    /// Whether this only says that the object was deleted.
    pub is_delete_marker: bool,
    /// What it contains.
    pub body: Blob,
    /// The entity tag without quotation marks.
    pub etag: String,
    /// When it was written.
    pub modified_at: Moment,
    /// What came along in headers.
    pub headers: ObjectHeaders,
    /// The checksum that the client sent, or that S3 computes by itself.
    pub checksum: Option<Checksum>,
    /// The sizes of the parts in bytes, if it was uploaded in parts.
    pub part_sizes: Vec<u64>,
}

/// What an object has beside its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ObjectHeaders {
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// `x-amz-storage-class`, if it is not `STANDARD`.
    pub storage_class: Option<String>,
    /// `x-amz-meta-…`.
    pub metadata: BTreeMap<String, String>,
    /// Tags.
    pub tags: Tags,
}

/// A checksum in Base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1` or `SHA256`.
    pub algorithm: String,
    /// The digest in Base64; for a composite one, with the number of parts.
    pub value: String,
    /// Whether it is made of the parts' checksums.
    pub is_composite: bool,
}

impl Object {
    /// An object of these bytes, without a version.
    #[must_use]
    pub fn new(body: impl Into<Blob>, now: Moment) -> Self {
        let body = body.into();
        let etag = hex(&Md5::digest(&body[..]));
        Self {
            version: None,
            is_delete_marker: false,
            body,
            etag,
            modified_at: now,
            headers: ObjectHeaders::default(),
            checksum: None,
            part_sizes: Vec::new(),
        }
    }

    /// What stands for a deleted object in a bucket with versioning.
    pub(crate) fn delete_marker(version: Option<String>, now: Moment) -> Self {
        Self { version, is_delete_marker: true, etag: String::new(), ..Self::new(Blob::default(), now) }
    }

    /// The version's id on the wire.
    pub(crate) fn version_id(&self) -> &str {
        self.version.as_deref().unwrap_or("null")
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_etag_is_the_md5_of_the_bytes() {
        assert_eq!(Object::new("hello", Moment::from_secs(1)).etag, "5d41402abc4b2a76b9719d911017c592");
    }
}
