//! Writing, copying and deleting objects.

use s3s::S3ErrorCode;
use s3s::dto::{self, CopySource, ETagCondition};

use super::buckets::timestamp;
use super::checksum::{check_md5, checked, sent, show, whole};
use super::read::{found, meets};
use super::tagging::tags_of_header;
use super::through::{no_key, own, own_mut, refused};
use crate::ops::Ctx;
use crate::world::s3::{Blob, Bucket, Object, ObjectHeaders};
use crate::world::version_id;
use crate::{Fault, World};

/// Gathers the headers that an object keeps from an input of `s3s`.
macro_rules! headers_of {
    ($input:expr) => {
        ObjectHeaders {
            content_type: $input.content_type.take(),
            cache_control: $input.cache_control.take(),
            content_disposition: $input.content_disposition.take(),
            content_encoding: $input.content_encoding.take().filter(|coding| !coding.is_empty()),
            content_language: $input.content_language.take(),
            storage_class: $input
                .storage_class
                .take()
                .map(|class| class.as_str().to_owned())
                .filter(|class| class != "STANDARD"),
            metadata: $input.metadata.take().unwrap_or_default().into_iter().collect(),
            tags: tags_of_header($input.tagging.take().as_deref())?,
        }
    };
}
pub(super) use headers_of;

/// The most bytes that the keys and values of `x-amz-meta-…` may have.
const METADATA_BYTES_MAX: usize = 2048;

pub(super) fn check_metadata(headers: &ObjectHeaders) -> Result<(), Fault> {
    let bytes: usize = headers.metadata.iter().map(|(key, value)| key.len() + value.len()).sum();
    if bytes > METADATA_BYTES_MAX {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(refused(S3ErrorCode::MetadataTooLarge, message));
    }
    Ok(())
}

/// `If-Match` and `If-None-Match` of a write.
pub(super) fn check_write(
    bucket: &Bucket,
    key: &str,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> Result<(), Fault> {
    let object = bucket.object(key);
    if let Some(condition) = if_match {
        let object = object.ok_or_else(no_key)?;
        if !meets(object, condition) {
            return Err(failed());
        }
    }
    match (if_none_match, object) {
        (Some(ETagCondition::Any), Some(_)) => Err(failed()),
        (Some(ETagCondition::ETag(_)), _) => {
            let message = "A header you provided implies functionality that is not implemented";
            Err(refused(S3ErrorCode::NotImplemented, message))
        }
        _ => Ok(()),
    }
}

/// A condition that does not hold.
pub(super) fn failed() -> Fault {
    let message = "At least one of the pre-conditions you specified did not hold";
    refused(S3ErrorCode::PreconditionFailed, message)
}

/// Puts an object into the caller's bucket; gives its version's id if it has one.
pub(super) fn store(
    world: &mut World,
    ctx: &Ctx,
    bucket: &str,
    key: &str,
    object: Object,
) -> Result<Option<String>, Fault> {
    let number = world.new_number();
    let bucket = own_mut(world, ctx, bucket)?;
    bucket.put(key, object, || version_id(number));
    Ok(bucket.object(key).and_then(|object| object.version.clone()))
}

pub(super) fn put(
    world: &mut World,
    ctx: &Ctx,
    mut input: dto::PutObjectInput,
    body: Blob,
) -> Result<dto::PutObjectOutput, Fault> {
    let bucket = own(world, ctx, &input.bucket)?;
    check_write(bucket, &input.key, input.if_match.as_ref(), input.if_none_match.as_ref())?;
    check_md5(input.content_md5.as_deref(), &body)?;
    let mut object = Object::new(body, ctx.now);
    object.checksum = checked(sent!(input), "CRC64NVME", &object.body)?;
    object.headers = headers_of!(input);
    check_metadata(&object.headers)?;
    let mut output = dto::PutObjectOutput {
        e_tag: Some(dto::ETag::Strong(object.etag.clone())),
        checksum_type: Some(dto::ChecksumType::from_static(dto::ChecksumType::FULL_OBJECT)),
        server_side_encryption: Some(dto::ServerSideEncryption::from_static("AES256")),
        ..Default::default()
    };
    show!(output, &object.checksum);
    output.version_id = store(world, ctx, &input.bucket, &input.key, object)?;
    Ok(output)
}

/// The object that a copy is made of; with the bucket's and the version's names.
pub(super) fn source<'a>(
    world: &'a World,
    ctx: &Ctx,
    source: &CopySource,
) -> Result<(&'a Object, String, String), Fault> {
    let CopySource::Bucket { bucket, key, version_id } = source else {
        let message = "A header you provided implies functionality that is not implemented";
        return Err(refused(S3ErrorCode::NotImplemented, message));
    };
    let object = found(own(world, ctx, bucket)?, key, version_id.as_deref())?;
    Ok((object, bucket.to_string(), key.to_string()))
}

pub(super) fn copy(
    world: &mut World,
    ctx: &Ctx,
    mut input: dto::CopyObjectInput,
) -> Result<dto::CopyObjectOutput, Fault> {
    own(world, ctx, &input.bucket)?;
    let (object, bucket, key) = source(world, ctx, &input.copy_source)?;
    let mut object = object.clone();
    let matches = |condition: &ETagCondition| meets(&object, condition);
    if input.copy_source_if_match.as_ref().is_some_and(|condition| !matches(condition))
        || input.copy_source_if_none_match.as_ref().is_some_and(matches)
        || input.copy_source_if_unmodified_since.as_ref().is_some_and(|at| timestamp(object.modified_at) > *at)
        || input.copy_source_if_modified_since.as_ref().is_some_and(|at| timestamp(object.modified_at) <= *at)
    {
        return Err(failed());
    }
    let replaces = |directive: Option<&str>| directive == Some("REPLACE");
    let replaces_metadata = replaces(input.metadata_directive.as_ref().map(dto::MetadataDirective::as_str));
    let replaces_tags = replaces(input.tagging_directive.as_ref().map(dto::TaggingDirective::as_str));
    let is_same = bucket == input.bucket && key == input.key;
    let names_version = matches!(&input.copy_source, CopySource::Bucket { version_id: Some(_), .. });
    if is_same && !replaces_metadata && !names_version && input.storage_class.is_none() && !replaces_tags {
        let message = "This copy request is illegal because it is trying to copy an object to itself without changing the \
                       object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(refused(S3ErrorCode::InvalidRequest, message));
    }
    let source_version = object.version.take();
    let given = headers_of!(input);
    let had = std::mem::take(&mut object.headers);
    let tags = if replaces_tags { given.tags.clone() } else { had.tags.clone() };
    let storage_class = given.storage_class.clone();
    object.headers = ObjectHeaders { tags, storage_class, ..if replaces_metadata { given } else { had } };
    check_metadata(&object.headers)?;
    let mut copied = Object::new(object.body, ctx.now);
    copied.headers = object.headers;
    copied.checksum = match (&input.checksum_algorithm, &object.checksum) {
        (Some(algorithm), _) => whole(algorithm.as_str(), &copied.body),
        (None, Some(checksum)) => whole(&checksum.algorithm, &copied.body),
        (None, None) => whole("CRC64NVME", &copied.body),
    };
    let mut result = dto::CopyObjectResult {
        e_tag: Some(dto::ETag::Strong(copied.etag.clone())),
        last_modified: Some(timestamp(ctx.now)),
        ..Default::default()
    };
    show!(result, &copied.checksum);
    let version_id = store(world, ctx, &input.bucket, &input.key, copied)?;
    Ok(dto::CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: source_version,
        version_id,
        ..Default::default()
    })
}

/// Deletes an object or one of its versions.
pub(super) fn remove(
    world: &mut World,
    ctx: &Ctx,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<dto::DeleteObjectOutput, Fault> {
    let number = world.new_number();
    let bucket = own_mut(world, ctx, bucket)?;
    Ok(match version {
        Some(version) => {
            let was_marker = bucket.delete_version(key, version).is_some_and(|object| object.is_delete_marker);
            dto::DeleteObjectOutput {
                delete_marker: was_marker.then_some(true),
                version_id: Some(version.to_owned()),
                ..Default::default()
            }
        }
        None => match bucket.delete(key, ctx.now, || version_id(number)) {
            None => dto::DeleteObjectOutput::default(),
            Some(marker) => dto::DeleteObjectOutput {
                delete_marker: Some(true),
                version_id: Some(marker.version_id().to_owned()),
                ..Default::default()
            },
        },
    })
}

pub(super) fn delete(
    world: &mut World,
    ctx: &Ctx,
    input: &dto::DeleteObjectInput,
) -> Result<dto::DeleteObjectOutput, Fault> {
    let bucket = own(world, ctx, &input.bucket)?;
    if let Some(condition) = &input.if_match {
        let object = bucket.object(&input.key).ok_or_else(no_key)?;
        if !meets(object, condition) {
            return Err(failed());
        }
    }
    remove(world, ctx, &input.bucket, &input.key, input.version_id.as_deref())
}

/// Objects that one call may delete.
const DELETED_MAX: usize = 1000;

pub(super) fn delete_many(
    world: &mut World,
    ctx: &Ctx,
    input: dto::DeleteObjectsInput,
) -> Result<dto::DeleteObjectsOutput, Fault> {
    own(world, ctx, &input.bucket)?;
    if input.delete.objects.is_empty() || input.delete.objects.len() > DELETED_MAX {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(refused(S3ErrorCode::MalformedXML, message));
    }
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in input.delete.objects {
        if object.key.is_empty() || object.key.len() > 1024 {
            errors.push(dto::Error {
                code: Some("KeyTooLongError".to_owned()),
                key: Some(object.key),
                message: Some("Your key is too long".to_owned()),
                version_id: object.version_id,
            });
            continue;
        }
        let output = remove(world, ctx, &input.bucket, &object.key, object.version_id.as_deref())?;
        let marker_version = output.version_id.filter(|_| output.delete_marker == Some(true));
        deleted.push(dto::DeletedObject {
            delete_marker: output.delete_marker,
            delete_marker_version_id: marker_version,
            key: Some(object.key),
            version_id: object.version_id,
        });
    }
    let is_quiet = input.delete.quiet.unwrap_or(false);
    Ok(dto::DeleteObjectsOutput {
        deleted: (!is_quiet).then_some(deleted),
        errors: (!errors.is_empty()).then_some(errors),
        ..Default::default()
    })
}
