//! Tags of objects.

use amictl_model::Tags;
use s3s::S3ErrorCode;
use s3s::dto;

use super::read::found;
use super::through::{no_key, own, own_mut, refused};
use crate::ops::Ctx;
use crate::wire::unescape;
use crate::{Fault, World};

/// Tags that an object may have.
const TAGS_MAX: usize = 10;

fn invalid(message: &str) -> Fault {
    refused(S3ErrorCode::InvalidTag, message)
}

fn checked(pairs: Vec<(String, String)>) -> Result<Tags, Fault> {
    if pairs.len() > TAGS_MAX {
        let message = "Object tags cannot be greater than 10".to_owned();
        return Err(Fault { code: "BadRequest".into(), message, status: 400 });
    }
    for (at, (key, value)) in pairs.iter().enumerate() {
        if key.is_empty() || key.chars().count() > 128 || key.starts_with("aws:") {
            return Err(invalid("The TagKey you have provided is invalid"));
        }
        if value.chars().count() > 256 {
            return Err(invalid("The TagValue you have provided is invalid"));
        }
        if pairs[..at].iter().any(|(known, _)| known == key) {
            return Err(invalid("Cannot provide multiple Tags with the same key"));
        }
    }
    Ok(pairs.into_iter().collect())
}

/// The tags of `x-amz-tagging`: a query string.
pub(super) fn tags_of_header(header: Option<&str>) -> Result<Tags, Fault> {
    let malformed = |_| {
        refused(S3ErrorCode::InvalidArgument, "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded")
    };
    let mut pairs = Vec::new();
    for pair in header.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let text = |part: &str| unescape(part.as_bytes()).map_err(malformed);
        pairs.push((text(key)?, text(value)?));
    }
    checked(pairs)
}

pub(super) fn get(
    world: &World,
    ctx: &Ctx,
    input: &dto::GetObjectTaggingInput,
) -> Result<dto::GetObjectTaggingOutput, Fault> {
    let object = found(own(world, ctx, &input.bucket)?, &input.key, input.version_id.as_deref())?;
    let tags = object.headers.tags.iter();
    let tag_set =
        tags.map(|(key, value)| dto::Tag { key: Some(key.to_owned()), value: Some(value.to_owned()) }).collect();
    Ok(dto::GetObjectTaggingOutput { tag_set, version_id: object.version.clone() })
}

/// Replaces the tags of an object; gives its version's id.
fn set(
    world: &mut World,
    ctx: &Ctx,
    (bucket, key, version): (&str, &str, Option<&str>),
    tags: Tags,
) -> Result<Option<String>, Fault> {
    found(own(world, ctx, bucket)?, key, version)?;
    let object = own_mut(world, ctx, bucket)?.version_mut(key, version).ok_or_else(no_key)?;
    object.headers.tags = tags;
    Ok(object.version.clone())
}

pub(super) fn put(
    world: &mut World,
    ctx: &Ctx,
    input: dto::PutObjectTaggingInput,
) -> Result<dto::PutObjectTaggingOutput, Fault> {
    let pairs = input.tagging.tag_set.into_iter();
    let tags = checked(pairs.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect())?;
    let version_id = set(world, ctx, (&input.bucket, &input.key, input.version_id.as_deref()), tags)?;
    Ok(dto::PutObjectTaggingOutput { version_id })
}

pub(super) fn delete(
    world: &mut World,
    ctx: &Ctx,
    input: &dto::DeleteObjectTaggingInput,
) -> Result<dto::DeleteObjectTaggingOutput, Fault> {
    let version_id = set(world, ctx, (&input.bucket, &input.key, input.version_id.as_deref()), Tags::default())?;
    Ok(dto::DeleteObjectTaggingOutput { version_id })
}
