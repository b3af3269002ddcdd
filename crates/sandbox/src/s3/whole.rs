//! What amictl's own port asks of S3, without the wire.

use amictl_cloud::ops::{
    DeleteBucketRequest, DeleteObjectsReply, DeleteObjectsRequest, DeletedObject, GetObjectRequest,
    ListObjectVersionsReply, ListObjectVersionsRequest, ListObjectsV2Reply, ListObjectsV2Request, ListedObject,
    ListedVersion, version_markers, version_token,
};
use amictl_model::Region;
use s3s::dto;

use super::listing::{Wanted, objects};
use super::read::found;
use super::through::{Act, Through, own};
use super::{buckets, objects as changes, versions};
use crate::page::{key_of_token, token_after};

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
