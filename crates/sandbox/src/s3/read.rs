//! Reading objects, whole, in part, or their headers only.

use std::ops::Range;

use s3s::dto::{self, ETagCondition};
use s3s::{S3ErrorCode, S3Result};

use super::buckets::timestamp;
use super::checksum::show;
use super::objects::failed;
use super::through::{no_key, own, refused};
use crate::ops::Ctx;
use crate::world::s3::{Bucket, Object};
use crate::{Fault, World};

/// Whether an object's entity tag is the wanted one.
pub(super) fn meets(object: &Object, condition: &ETagCondition) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == object.etag,
    }
}

/// An object, or a version of it.
pub(super) fn found<'a>(bucket: &'a Bucket, key: &str, version: Option<&str>) -> Result<&'a Object, Fault> {
    match version {
        None => bucket.object(key).ok_or_else(no_key),
        Some(version) => match bucket.version(key, version) {
            None => Err(refused(S3ErrorCode::NoSuchVersion, "The specified version does not exist.")),
            Some(object) if object.is_delete_marker => Err(refused(
                S3ErrorCode::MethodNotAllowed,
                "The specified method is not allowed against this resource.",
            )),
            Some(object) => Ok(object),
        },
    }
}

/// An object as it is to be read, with the bytes that are wanted of it.
pub(super) struct Reading {
    pub(super) object: Object,
    pub(super) range: Option<Range<usize>>,
}

/// `If-…` headers of a read.
pub(super) struct Conditions {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
    pub(super) if_modified_since: Option<dto::Timestamp>,
    pub(super) if_unmodified_since: Option<dto::Timestamp>,
}

impl Conditions {
    fn check(&self, object: &Object) -> Result<(), Fault> {
        let modified = timestamp(object.modified_at);
        let is_changed = match &self.if_match {
            Some(condition) => !meets(object, condition),
            None => self.if_unmodified_since.as_ref().is_some_and(|at| modified > *at),
        };
        if is_changed {
            return Err(failed());
        }
        let is_known = match &self.if_none_match {
            Some(condition) => meets(object, condition),
            None => self.if_modified_since.as_ref().is_some_and(|at| modified <= *at),
        };
        if is_known {
            return Err(Fault { code: "NotModified".into(), message: "Not Modified".to_owned(), status: 304 });
        }
        Ok(())
    }
}

/// Reads the part of the request that `GetObject` and `HeadObject` have in common.
macro_rules! reading {
    ($world:expr, $ctx:expr, $input:expr) => {
        reading(
            $world,
            $ctx,
            (&$input.bucket, &$input.key, $input.version_id.as_deref()),
            &Conditions {
                if_match: $input.if_match,
                if_none_match: $input.if_none_match,
                if_modified_since: $input.if_modified_since,
                if_unmodified_since: $input.if_unmodified_since,
            },
            ($input.range, $input.part_number),
        )
    };
}

fn reading(
    world: &World,
    ctx: &Ctx,
    (bucket, key, version): (&str, &str, Option<&str>),
    conditions: &Conditions,
    (range, part): (Option<dto::Range>, Option<i32>),
) -> Result<Reading, Fault> {
    let object = found(own(world, ctx, bucket)?, key, version)?;
    conditions.check(object)?;
    let unsatisfiable = || refused(S3ErrorCode::InvalidRange, "The requested range is not satisfiable");
    let range = match (range, part) {
        (Some(range), _) => {
            let range = range.check(object.body.len() as u64).map_err(|_| unsatisfiable())?;
            let at = |position: u64| usize::try_from(position).map_err(|_| unsatisfiable());
            Some(at(range.start)?..at(range.end)?)
        }
        (None, Some(part)) => Some(part_range(object, part).ok_or_else(unsatisfiable)?),
        (None, None) => None,
    };
    Ok(Reading { object: object.clone(), range })
}

/// The bytes of a part, from 1 on; an object that was not uploaded in parts has one.
fn part_range(object: &Object, part: i32) -> Option<Range<usize>> {
    let index = usize::try_from(part).ok()?.checked_sub(1)?;
    if object.part_sizes.is_empty() {
        return (index == 0).then_some(0..object.body.len());
    }
    let size = usize::try_from(*object.part_sizes.get(index)?).ok()?;
    let start = usize::try_from(object.part_sizes[..index].iter().sum::<u64>()).ok()?;
    Some(start..start + size)
}

/// Writes the headers that `GetObject` and `HeadObject` have in common.
macro_rules! shown {
    ($output:ident, $reading:expr, $checksum:expr) => {{
        let reading = $reading;
        let object = &reading.object;
        let length = reading.range.as_ref().map_or(object.body.len(), Range::len);
        let mut output = dto::$output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: object.headers.cache_control.clone(),
            content_disposition: object.headers.content_disposition.clone(),
            content_encoding: object.headers.content_encoding.clone(),
            content_language: object.headers.content_language.clone(),
            content_length: i64::try_from(length).ok(),
            content_range: reading
                .range
                .as_ref()
                .filter(|range| !range.is_empty())
                .map(|range| format!("bytes {}-{}/{}", range.start, range.end - 1, object.body.len())),
            content_type: Some(object.headers.content_type.clone().unwrap_or_else(|| "binary/octet-stream".to_owned())),
            e_tag: Some(dto::ETag::Strong(object.etag.clone())),
            last_modified: Some(timestamp(object.modified_at)),
            metadata: Some(object.headers.metadata.clone().into_iter().collect()),
            server_side_encryption: Some(dto::ServerSideEncryption::from_static("AES256")),
            storage_class: object.headers.storage_class.clone().map(dto::StorageClass::from),
            version_id: object.version.clone(),
            ..Default::default()
        };
        if $checksum && reading.range.is_none() {
            show!(output, &object.checksum);
            output.checksum_type = object.checksum.as_ref().map(|checksum| {
                dto::ChecksumType::from_static(if checksum.is_composite { "COMPOSITE" } else { "FULL_OBJECT" })
            });
        }
        output
    }};
}

fn wants_checksum(mode: Option<&dto::ChecksumMode>) -> bool {
    mode.is_some_and(|mode| mode.as_str().eq_ignore_ascii_case("ENABLED"))
}

pub(super) fn get(world: &World, ctx: &Ctx, input: dto::GetObjectInput) -> Result<dto::GetObjectOutput, Fault> {
    let part = input.part_number;
    let checksum = wants_checksum(input.checksum_mode.as_ref());
    let reading = reading!(world, ctx, input)?;
    let mut output = shown!(GetObjectOutput, &reading, checksum);
    output.parts_count =
        part.and_then(|_| i32::try_from(reading.object.part_sizes.len()).ok()).filter(|count| *count > 0);
    let tags = reading.object.headers.tags.len();
    output.tag_count = i32::try_from(tags).ok().filter(|count| *count > 0);
    let Reading { object, range } = reading;
    let bytes = match range {
        Some(range) => object.body.0.slice(range),
        None => object.body.0,
    };
    output.body = Some(s3s::Body::from(bytes).into());
    Ok(output)
}

pub(super) fn head(world: &World, ctx: &Ctx, input: dto::HeadObjectInput) -> Result<dto::HeadObjectOutput, Fault> {
    let part = input.part_number;
    let checksum = wants_checksum(input.checksum_mode.as_ref());
    let reading = reading!(world, ctx, input)?;
    let mut output = shown!(HeadObjectOutput, &reading, checksum);
    output.parts_count =
        part.and_then(|_| i32::try_from(reading.object.part_sizes.len()).ok()).filter(|count| *count > 0);
    Ok(output)
}

/// The bytes of a body that is read whole before it is acted on.
pub(super) async fn whole_body(body: Option<dto::StreamingBlob>) -> S3Result<Vec<u8>> {
    use futures::TryStreamExt as _;
    let Some(body) = body else { return Ok(Vec::new()) };
    let mut whole = Vec::new();
    let mut body = body;
    while let Some(bytes) =
        body.try_next().await.map_err(|error| s3s::S3Error::with_source(S3ErrorCode::IncompleteBody, error))?
    {
        whole.extend_from_slice(&bytes);
    }
    Ok(whole)
}
