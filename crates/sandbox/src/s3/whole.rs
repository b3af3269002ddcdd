//! What amictl's own port asks of S3, without the wire.

use amictl_cloud::ops::{
    CompleteMultipartUploadRequest, CreateMultipartUploadRequest, DeleteBucketRequest, DeleteObjectsReply,
    DeleteObjectsRequest, DeletedObject, GetObjectRequest, ListObjectVersionsReply, ListObjectVersionsRequest,
    ListObjectsV2Reply, ListObjectsV2Request, ListPartsReply, ListPartsRequest, ListedObject, ListedVersion,
    UploadPartRequest, UploadedPart, version_markers, version_token,
};
use amictl_model::Region;
use s3s::dto;

use super::listing::{Wanted, objects};
use super::read::found;
use super::through::{Act, Through, own};
use super::{buckets, objects as changes, uploads, versions};
use crate::page::{key_of_token, token_after};
use crate::world::s3::Blob;

/// `GetBucketLocation`.
pub(crate) type GetBucketLocation = Through<super::through::GetBucketLocation, Region>;
/// `ListObjectsV2`.
pub(crate) type ListObjectsV2 = Through<super::through::ListObjectsV2, ListObjectsV2Reply>;
/// `GetObject`.
pub(crate) type GetObject = Through<super::through::GetObject, Vec<u8>>;
/// `ListObjectVersions`.
pub(crate) type ListObjectVersions = Through<super::through::ListObjectVersions, ListObjectVersionsReply>;
/// `DeleteObjects`.
pub(crate) type DeleteObjects = Through<super::through::DeleteObjects, DeleteObjectsReply>;
/// `DeleteBucket`.
pub(crate) type DeleteBucket = Through<super::through::DeleteBucket, ()>;

/// Entries that a page has at most.
const PAGE_MAX: usize = 1000;
const LIST: &str = "ListObjectsV2";

pub(crate) fn location(bucket: String) -> Act<Region> {
    Box::new(move |world, ctx| own(world, ctx, &bucket).map(|bucket| bucket.region.clone()))
}

pub(crate) fn list(request: ListObjectsV2Request) -> Act<ListObjectsV2Reply> {
    Box::new(move |world, ctx| {
        let bucket = own(world, ctx, &request.bucket)?;
        let after = request.next_token.as_deref().map(|token| key_of_token(ctx, LIST, token)).transpose()?;
        let wanted = Wanted {
            prefix: &request.prefix,
            delimiter: None,
            after: after.as_deref().unwrap_or_default(),
            limit: PAGE_MAX,
        };
        let listed = objects(bucket, &wanted);
        let next_token = listed.next().map(|key| token_after(ctx, LIST, key));
        let objects = listed.sizes().map(|(key, bytes)| ListedObject { key: key.to_owned(), bytes });
        Ok(ListObjectsV2Reply { objects: objects.collect(), next_token })
    })
}

pub(crate) fn object(request: GetObjectRequest) -> Act<Vec<u8>> {
    Box::new(move |world, ctx| {
        let bucket = own(world, ctx, &request.bucket)?;
        let body = &found(bucket, &request.key, None)?.body.0;
        let wanted = request.bytes_max.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(usize::MAX);
        Ok(body[..body.len().min(wanted)].to_vec())
    })
}

pub(crate) fn versions(request: ListObjectVersionsRequest) -> Act<ListObjectVersionsReply> {
    Box::new(move |world, ctx| {
        let (key, version) = request.next_token.as_deref().map_or(("", None), version_markers);
        let input = dto::ListObjectVersionsInput {
            bucket: request.bucket.clone(),
            prefix: Some(request.prefix.clone()),
            key_marker: Some(key.to_owned()),
            version_id_marker: version.map(str::to_owned),
            ..Default::default()
        };
        let listed = versions::list(world, ctx, &input)?;
        let next = listed.next_key_marker.filter(|_| listed.is_truncated == Some(true));
        let found = listed.versions.unwrap_or_default().into_iter().map(|version| ListedVersion {
            key: version.key.unwrap_or_default(),
            version: version.version_id.unwrap_or_default(),
            bytes: version.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
            is_delete_marker: false,
        });
        let markers = listed.delete_markers.unwrap_or_default().into_iter().map(|marker| ListedVersion {
            key: marker.key.unwrap_or_default(),
            version: marker.version_id.unwrap_or_default(),
            bytes: 0,
            is_delete_marker: true,
        });
        Ok(ListObjectVersionsReply {
            versions: found.chain(markers).collect(),
            next_token: next.map(|key| version_token(&key, listed.next_version_id_marker.as_deref())),
        })
    })
}

pub(crate) fn delete(request: DeleteObjectsRequest) -> Act<DeleteObjectsReply> {
    Box::new(move |world, ctx| {
        own(world, ctx, &request.bucket)?;
        let mut reply = DeleteObjectsReply::default();
        for name in request.objects {
            let output = changes::remove(world, ctx, &request.bucket, &name.key, name.version.as_deref())?;
            let left_versions = output.delete_marker == Some(true) && name.version.is_none();
            reply.deleted.push(DeletedObject { name, left_versions });
        }
        Ok(reply)
    })
}

pub(crate) fn delete_bucket(request: DeleteBucketRequest) -> Act<()> {
    Box::new(move |world, ctx| buckets::delete(world, ctx, &request.bucket).map(|_| ()))
}

/// `CreateMultipartUpload`.
pub(crate) type CreateMultipartUpload = Through<super::through::CreateMultipartUpload, String>;
/// `UploadPart`.
pub(crate) type UploadPart = Through<super::through::UploadPart, String>;
/// `ListParts`.
pub(crate) type ListParts = Through<super::through::ListParts, ListPartsReply>;
/// `CompleteMultipartUpload`.
pub(crate) type CompleteMultipartUpload = Through<super::through::CompleteMultipartUpload, ()>;

const SHA256: &str = "SHA256";

pub(crate) fn begin_upload(request: CreateMultipartUploadRequest) -> Act<String> {
    Box::new(move |world, ctx| {
        let input = dto::CreateMultipartUploadInput {
            bucket: request.bucket,
            key: request.key,
            checksum_algorithm: Some(dto::ChecksumAlgorithm::from_static(SHA256)),
            ..Default::default()
        };
        uploads::create(world, ctx, input).map(|output| output.upload_id.unwrap_or_default())
    })
}

pub(crate) fn upload_part(request: UploadPartRequest) -> Act<String> {
    Box::new(move |world, ctx| {
        let input = dto::UploadPartInput {
            bucket: request.bucket,
            key: request.key,
            upload_id: request.upload,
            part_number: request.number.into(),
            checksum_sha256: Some(request.checksum),
            ..Default::default()
        };
        let output = uploads::part(world, ctx, input, Blob(request.data))?;
        Ok(output.e_tag.map(|etag| etag.value().to_owned()).unwrap_or_default())
    })
}

pub(crate) fn parts(request: ListPartsRequest) -> Act<ListPartsReply> {
    Box::new(move |world, ctx| {
        let input = dto::ListPartsInput {
            bucket: request.bucket,
            key: request.key,
            upload_id: request.upload,
            part_number_marker: request.next_token.and_then(|token| token.parse().ok()),
            ..Default::default()
        };
        let output = uploads::parts(world, ctx, input)?;
        let parts = output.parts.unwrap_or_default().into_iter().map(|part| UploadedPart {
            number: part.part_number.and_then(|number| u16::try_from(number).ok()).unwrap_or_default(),
            etag: part.e_tag.map(|etag| etag.value().to_owned()).unwrap_or_default(),
            checksum: part.checksum_sha256.unwrap_or_default(),
        });
        let next = output.next_part_number_marker.filter(|_| output.is_truncated == Some(true));
        Ok(ListPartsReply { parts: parts.collect(), next_token: next.map(|marker| marker.to_string()) })
    })
}

pub(crate) fn complete_upload(request: CompleteMultipartUploadRequest) -> Act<()> {
    Box::new(move |world, ctx| {
        let parts = request.parts.into_iter().map(|part| dto::CompletedPart {
            part_number: Some(part.number.into()),
            e_tag: Some(dto::ETag::Strong(part.etag)),
            checksum_sha256: Some(part.checksum).filter(|checksum| !checksum.is_empty()),
            ..Default::default()
        });
        let input = dto::CompleteMultipartUploadInput {
            bucket: request.bucket,
            key: request.key,
            upload_id: request.upload,
            multipart_upload: Some(dto::CompletedMultipartUpload { parts: Some(parts.collect()) }),
            ..Default::default()
        };
        uploads::complete(world, ctx, input).map(|_| ())
    })
}
