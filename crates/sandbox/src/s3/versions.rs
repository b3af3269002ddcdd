//! Lists of all versions of objects.

use s3s::S3ErrorCode;
use s3s::dto;

use super::buckets::{owner, timestamp};
use super::listing::{group_of, page_size, shown_key};
use super::through::{own, refused};
use crate::ops::Ctx;
use crate::{Fault, World};

pub(super) fn list(
    world: &World,
    ctx: &Ctx,
    input: &dto::ListObjectVersionsInput,
) -> Result<dto::ListObjectVersionsOutput, Fault> {
    let bucket = own(world, ctx, &input.bucket)?;
    let limit = page_size(input.max_keys, "maxKeys")?;
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let after = input.key_marker.as_deref().unwrap_or_default();
    let after_version = input.version_id_marker.as_deref().filter(|version| !version.is_empty());
    if after_version.is_some() && after.is_empty() {
        let message = "A version-id marker cannot be specified without a key marker.";
        return Err(refused(S3ErrorCode::InvalidArgument, message));
    }
    let encoding = input.encoding_type.as_ref();
    let shown = |text: &str| shown_key(text, encoding);
    let (mut versions, mut markers, mut groups) = (Vec::new(), Vec::new(), Vec::<&str>::new());
    let (mut count, mut last, mut next) = (0, None, None);
    'keys: for (key, all) in bucket.versions_from(prefix.max(after)) {
        if !key.starts_with(prefix) {
            break;
        }
        let group = group_of(key, prefix, input.delimiter.as_deref());
        if group.is_some_and(|group| group == after || groups.last() == Some(&group)) {
            continue;
        }
        if key == after && after_version.is_none() || key < after {
            continue;
        }
        // Without versioning marker: versions of the marker's key that are older than the marker's version.
        let mut is_past = key != after;
        for (at, object) in all.iter().rev().enumerate() {
            if !is_past {
                is_past = after_version == Some(object.version_id());
                continue;
            }
            if count == limit {
                next = last;
                break 'keys;
            }
            count += 1;
            if let Some(group) = group {
                groups.push(group);
                last = Some((group.to_owned(), None));
                break;
            }
            last = Some((key.to_owned(), Some(object.version_id().to_owned())));
            if object.is_delete_marker {
                markers.push(dto::DeleteMarkerEntry {
                    is_latest: Some(at == 0),
                    key: Some(shown(key)),
                    last_modified: Some(timestamp(object.modified_at)),
                    owner: Some(owner(bucket.owner)),
                    version_id: Some(object.version_id().to_owned()),
                });
                continue;
            }
            versions.push(dto::ObjectVersion {
                e_tag: Some(dto::ETag::Strong(object.etag.clone())),
                is_latest: Some(at == 0),
                key: Some(shown(key)),
                last_modified: Some(timestamp(object.modified_at)),
                owner: Some(owner(bucket.owner)),
                size: i64::try_from(object.body.len()).ok(),
                storage_class: Some(dto::ObjectVersionStorageClass::from(
                    object.headers.storage_class.clone().unwrap_or_else(|| "STANDARD".to_owned()),
                )),
                version_id: Some(object.version_id().to_owned()),
                ..Default::default()
            });
        }
    }
    let is_truncated = next.is_some() && limit > 0;
    let (next_key, next_version) = next.filter(|_| limit > 0).unzip();
    Ok(dto::ListObjectVersionsOutput {
        common_prefixes: (!groups.is_empty())
            .then(|| groups.iter().map(|group| dto::CommonPrefix { prefix: Some(shown(group)) }).collect()),
        delete_markers: Some(markers),
        delimiter: input.delimiter.as_deref().map(shown),
        is_truncated: Some(is_truncated),
        key_marker: Some(shown(after)),
        max_keys: i32::try_from(limit).ok(),
        name: Some(input.bucket.clone()),
        next_key_marker: next_key.as_deref().map(shown),
        next_version_id_marker: next_version.flatten(),
        prefix: Some(shown(prefix)),
        version_id_marker: after_version.map(str::to_owned),
        versions: Some(versions),
        encoding_type: input.encoding_type.clone(),
        ..Default::default()
    })
}
