//! Uploads in parts.

use s3s::S3ErrorCode;
use s3s::dto;

use super::buckets::{owner, timestamp};
use super::checksum::{check_md5, checked, composite, sent, show, whole};
use super::listing::{page_size, shown_key};
use super::objects::{check_metadata, check_write, headers_of, source, store};
use super::tagging::tags_of_header;
use super::through::{own, own_mut, refused};
use crate::ops::Ctx;
use crate::world::s3::{Blob, Bucket, ObjectHeaders, Part, Upload};
use crate::world::version_id;
use crate::{Fault, World};

/// Bytes that every part but the last must have.
const PART_BYTES_MIN: usize = 5 << 20;

fn no_upload() -> Fault {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
    refused(S3ErrorCode::NoSuchUpload, message)
}

fn upload<'a>(bucket: &'a Bucket, key: &str, id: &str) -> Result<&'a Upload, Fault> {
    bucket.uploads.get(id).filter(|upload| upload.key == key).ok_or_else(no_upload)
}

fn number(number: i32) -> Result<u16, Fault> {
    u16::try_from(number).ok().filter(|number| (1..=10_000).contains(number)).ok_or_else(|| {
        refused(S3ErrorCode::InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive")
    })
}

pub(super) fn create(
    world: &mut World,
    ctx: &Ctx,
    mut input: dto::CreateMultipartUploadInput,
) -> Result<dto::CreateMultipartUploadOutput, Fault> {
    own(world, ctx, &input.bucket)?;
    let headers = headers_of!(input);
    check_metadata(&headers)?;
    let checksum_algorithm = input.checksum_algorithm.as_ref().map(|algorithm| algorithm.as_str().to_owned());
    let is_composite = match input.checksum_type.as_ref().map(dto::ChecksumType::as_str) {
        Some("FULL_OBJECT") => false,
        Some(_) => true,
        None => checksum_algorithm.as_deref().is_some_and(|algorithm| algorithm != "CRC64NVME"),
    };
    let id = version_id(world.new_number());
    let upload = Upload {
        key: input.key.clone(),
        initiated_at: ctx.now,
        headers,
        checksum_algorithm,
        is_composite,
        parts: std::collections::BTreeMap::new(),
    };
    own_mut(world, ctx, &input.bucket)?.uploads.insert(id.clone(), upload);
    let kind = if is_composite { "COMPOSITE" } else { "FULL_OBJECT" };
    Ok(dto::CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        checksum_type: input.checksum_algorithm.as_ref().map(|_| dto::ChecksumType::from_static(kind)),
        checksum_algorithm: input.checksum_algorithm,
        key: Some(input.key),
        upload_id: Some(id),
        ..Default::default()
    })
}

/// Puts a part into an upload of the caller.
fn put(world: &mut World, ctx: &Ctx, (bucket, id): (&str, &str), number: u16, part: Part) -> Result<(), Fault> {
    let upload = own_mut(world, ctx, bucket)?.uploads.get_mut(id).ok_or_else(no_upload)?;
    upload.parts.insert(number, part);
    Ok(())
}

pub(super) fn part(
    world: &mut World,
    ctx: &Ctx,
    mut input: dto::UploadPartInput,
    body: Blob,
) -> Result<dto::UploadPartOutput, Fault> {
    let number = number(input.part_number)?;
    let algorithm = {
        let upload = upload(own(world, ctx, &input.bucket)?, &input.key, &input.upload_id)?;
        upload.checksum_algorithm.clone().unwrap_or_else(|| "CRC64NVME".to_owned())
    };
    check_md5(input.content_md5.as_deref(), &body)?;
    let mut part = Part::new(body, ctx.now);
    part.checksum = checked(sent!(input), &algorithm, &part.body)?;
    let mut output = dto::UploadPartOutput { e_tag: Some(dto::ETag::Strong(part.etag.clone())), ..Default::default() };
    show!(output, &part.checksum);
    put(world, ctx, (&input.bucket, &input.upload_id), number, part)?;
    Ok(output)
}

pub(super) fn part_copy(
    world: &mut World,
    ctx: &Ctx,
    input: &dto::UploadPartCopyInput,
) -> Result<dto::UploadPartCopyOutput, Fault> {
    let number = number(input.part_number)?;
    upload(own(world, ctx, &input.bucket)?, &input.key, &input.upload_id)?;
    let (object, ..) = source(world, ctx, &input.copy_source)?;
    let body = match &input.copy_source_range {
        None => object.body.0.clone(),
        Some(range) => {
            let invalid = || {
                refused(
                    S3ErrorCode::InvalidArgument,
                    "The x-amz-copy-source-range value must be of the form bytes=first-last",
                )
            };
            let range = dto::Range::parse(range).map_err(|_| invalid())?;
            let range = range
                .check(object.body.len() as u64)
                .map_err(|_| refused(S3ErrorCode::InvalidRange, "The requested range is not satisfiable"))?;
            let at = |position: u64| usize::try_from(position).map_err(|_| invalid());
            object.body.0.slice(at(range.start)?..at(range.end)?)
        }
    };
    let source_version = object.version.clone();
    let part = Part::new(body, ctx.now);
    let result = dto::CopyPartResult {
        e_tag: Some(dto::ETag::Strong(part.etag.clone())),
        last_modified: Some(timestamp(ctx.now)),
        ..Default::default()
    };
    put(world, ctx, (&input.bucket, &input.upload_id), number, part)?;
    Ok(dto::UploadPartCopyOutput {
        copy_part_result: Some(result),
        copy_source_version_id: source_version,
        ..Default::default()
    })
}

pub(super) fn complete(
    world: &mut World,
    ctx: &Ctx,
    mut input: dto::CompleteMultipartUploadInput,
) -> Result<dto::CompleteMultipartUploadOutput, Fault> {
    let bucket = own(world, ctx, &input.bucket)?;
    let upload = upload(bucket, &input.key, &input.upload_id)?;
    let parts = input.multipart_upload.take().and_then(|upload| upload.parts).unwrap_or_default();
    let numbers = numbers(upload, &parts)?;
    check_write(bucket, &input.key, input.if_match.as_ref(), input.if_none_match.as_ref())?;
    let no_part = || refused(S3ErrorCode::InvalidPart, INVALID_PART);
    let mut object = upload.assembled(&numbers, ctx.now).ok_or_else(no_part)?;
    let algorithm = upload.checksum_algorithm.as_deref().unwrap_or("CRC64NVME");
    object.checksum = if upload.is_composite {
        let bodies = numbers.iter().filter_map(|number| upload.parts.get(number)).map(|part| &part.body[..]);
        composite(algorithm, bodies)
    } else {
        whole(algorithm, &object.body)
    };
    for (name, value) in sent!(input) {
        let computed = object.checksum.as_ref().filter(|checksum| checksum.algorithm == name);
        let is_wrong = value.zip(computed).is_some_and(|(sent, checksum)| {
            sent != checksum.value && checksum.value.split('-').next() != Some(sent.as_str())
        });
        if is_wrong {
            let message = format!("The {name} you specified did not match the calculated checksum.");
            return Err(refused(S3ErrorCode::BadDigest, message));
        }
    }
    let kind = if upload.is_composite { "COMPOSITE" } else { "FULL_OBJECT" };
    let mut output = dto::CompleteMultipartUploadOutput {
        bucket: Some(input.bucket.clone()),
        checksum_type: Some(dto::ChecksumType::from_static(kind)),
        e_tag: Some(dto::ETag::Strong(object.etag.clone())),
        key: Some(input.key.clone()),
        location: Some(format!("https://{}.s3.{}.amazonaws.com/{}", input.bucket, bucket.region, input.key)),
        ..Default::default()
    };
    show!(output, &object.checksum);
    own_mut(world, ctx, &input.bucket)?.uploads.remove(&input.upload_id);
    output.version_id = store(world, ctx, &input.bucket, &input.key, object)?;
    Ok(output)
}

const INVALID_PART: &str = "One or more of the specified parts could not be found. The part may not have been uploaded, \
                            or the specified entity tag may not match the part's entity tag.";

/// The numbers of the parts that make up the object, checked.
fn numbers(upload: &Upload, parts: &[dto::CompletedPart]) -> Result<Vec<u16>, Fault> {
    if parts.is_empty() {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(refused(S3ErrorCode::MalformedXML, message));
    }
    let numbers: Vec<u16> =
        parts.iter().map(|part| number(part.part_number.unwrap_or(0))).collect::<Result<_, Fault>>()?;
    if !numbers.is_sorted_by(|one, other| one < other) {
        let message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
        return Err(refused(S3ErrorCode::InvalidPartOrder, message));
    }
    for (at, (wanted, number)) in parts.iter().zip(&numbers).enumerate() {
        let part = upload.parts.get(number);
        let part = part.filter(|part| wanted.e_tag.as_ref().is_none_or(|etag| etag.value() == part.etag));
        let part = part.ok_or_else(|| refused(S3ErrorCode::InvalidPart, INVALID_PART))?;
        if at + 1 < parts.len() && part.body.len() < PART_BYTES_MIN {
            let message = "Your proposed upload is smaller than the minimum allowed size";
            return Err(refused(S3ErrorCode::EntityTooSmall, message));
        }
    }
    Ok(numbers)
}

pub(super) fn abort(
    world: &mut World,
    ctx: &Ctx,
    input: &dto::AbortMultipartUploadInput,
) -> Result<dto::AbortMultipartUploadOutput, Fault> {
    upload(own(world, ctx, &input.bucket)?, &input.key, &input.upload_id)?;
    own_mut(world, ctx, &input.bucket)?.uploads.remove(&input.upload_id);
    Ok(dto::AbortMultipartUploadOutput::default())
}

pub(super) fn parts(world: &World, ctx: &Ctx, input: dto::ListPartsInput) -> Result<dto::ListPartsOutput, Fault> {
    let bucket = own(world, ctx, &input.bucket)?;
    let upload = upload(bucket, &input.key, &input.upload_id)?;
    let limit = page_size(input.max_parts, "maxParts")?;
    let after = input.part_number_marker.unwrap_or(0);
    let mut later = upload.parts.iter().filter(|(number, _)| i32::from(**number) > after);
    let shown = |(number, part): (&u16, &Part)| {
        let mut shown = dto::Part {
            e_tag: Some(dto::ETag::Strong(part.etag.clone())),
            last_modified: Some(timestamp(part.modified_at)),
            part_number: Some(i32::from(*number)),
            size: i64::try_from(part.body.len()).ok(),
            ..Default::default()
        };
        show!(shown, &part.checksum);
        shown
    };
    let parts: Vec<dto::Part> = later.by_ref().take(limit).map(shown).collect();
    let is_truncated = later.next().is_some();
    Ok(dto::ListPartsOutput {
        bucket: Some(input.bucket),
        is_truncated: Some(is_truncated),
        key: Some(input.key),
        max_parts: i32::try_from(limit).ok(),
        next_part_number_marker: parts.last().and_then(|part| part.part_number),
        owner: Some(owner(bucket.owner)),
        part_number_marker: Some(after),
        parts: Some(parts),
        storage_class: Some(dto::StorageClass::from_static("STANDARD")),
        upload_id: Some(input.upload_id),
        ..Default::default()
    })
}

pub(super) fn list(
    world: &World,
    ctx: &Ctx,
    input: &dto::ListMultipartUploadsInput,
) -> Result<dto::ListMultipartUploadsOutput, Fault> {
    let bucket = own(world, ctx, &input.bucket)?;
    let limit = page_size(input.max_uploads, "maxUploads")?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let marker = (input.key_marker.clone().unwrap_or_default(), input.upload_id_marker.clone().unwrap_or_default());
    let mut all: Vec<(&str, &str, &Upload)> =
        bucket.uploads.iter().map(|(id, upload)| (upload.key.as_str(), id.as_str(), upload)).collect();
    all.sort_unstable_by_key(|(key, id, _)| (*key, *id));
    all.retain(|(key, id, _)| {
        let is_later = *key > marker.0.as_str() || *key == marker.0 && !marker.1.is_empty() && *id > marker.1.as_str();
        key.starts_with(&prefix) && is_later
    });
    let is_truncated = all.len() > limit;
    all.truncate(limit);
    let encoding = input.encoding_type.as_ref();
    let uploads = all.iter().map(|(key, id, upload)| dto::MultipartUpload {
        initiated: Some(timestamp(upload.initiated_at)),
        key: Some(shown_key(key, encoding)),
        owner: Some(owner(bucket.owner)),
        storage_class: Some(dto::StorageClass::from_static("STANDARD")),
        upload_id: Some((*id).to_owned()),
        ..Default::default()
    });
    let last = all.last().filter(|_| is_truncated);
    Ok(dto::ListMultipartUploadsOutput {
        bucket: Some(input.bucket.clone()),
        is_truncated: Some(is_truncated),
        key_marker: Some(shown_key(&marker.0, encoding)),
        max_uploads: i32::try_from(limit).ok(),
        next_key_marker: last.map(|(key, ..)| shown_key(key, encoding)),
        next_upload_id_marker: last.map(|(_, id, _)| (*id).to_owned()),
        prefix: input.prefix.as_deref().map(|prefix| shown_key(prefix, encoding)),
        upload_id_marker: Some(marker.1.clone()),
        uploads: Some(uploads.collect()),
        encoding_type: input.encoding_type.clone(),
        ..Default::default()
    })
}
