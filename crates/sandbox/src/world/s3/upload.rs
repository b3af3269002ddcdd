//! Uploads in parts.

use std::collections::BTreeMap;

use amictl_model::Moment;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::object::hex;
use super::{Blob, Checksum, Object, ObjectHeaders};

/// An upload in parts that was begun.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Upload {
    /// The key of the object that it will be.
    pub key: String,
    /// When it was begun.
    pub initiated_at: Moment,
    /// What came along in headers.
    pub headers: ObjectHeaders,
    /// The algorithm of the checksums, if the client named one.
    pub checksum_algorithm: Option<String>,
    /// Whether the object's checksum is to be made of the parts' checksums.
    pub is_composite: bool,
    /// The parts by number.
    pub parts: BTreeMap<u16, Part>,
}

/// A part of an upload.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Part {
    /// Its bytes.
    pub body: Blob,
    /// Its entity tag without quotation marks.
    pub etag: String,
    /// When it was written.
    pub modified_at: Moment,
    /// Its checksum.
    pub checksum: Option<Checksum>,
}

impl Part {
    /// A part of these bytes.
    #[must_use]
    pub fn new(body: impl Into<Blob>, now: Moment) -> Self {
        let Object { body, etag, modified_at, .. } = Object::new(body, now);
        Self { body, etag, modified_at, checksum: None }
    }
}

impl Upload {
    /// The object out of some of the parts, in this order; `None` when one of them is not there.
    #[must_use]
    pub fn assembled(&self, numbers: &[u16], now: Moment) -> Option<Object> {
        let (mut body, mut digests, mut part_sizes) = (Vec::new(), Vec::new(), Vec::new());
        for number in numbers {
            let part = self.parts.get(number)?;
            body.extend_from_slice(&part.body);
            digests.extend_from_slice(&Md5::digest(&part.body[..]));
            part_sizes.push(part.body.len() as u64);
        }
        let etag = format!("{}-{}", hex(&Md5::digest(&digests)), numbers.len());
        let headers = self.headers.clone();
        Some(Object { etag, headers, part_sizes, ..Object::new(body, now) })
    }
}
