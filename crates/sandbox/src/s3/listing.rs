//! Lists of objects: prefix, delimiter, pages.

use s3s::S3ErrorCode;
use s3s::dto;

use super::buckets::{owner, timestamp};
use super::through::{own, refused};
use crate::ops::Ctx;
use crate::page::{key_of_token, token_after};
use crate::world::s3::{Bucket, Object};
use crate::{Fault, World};

/// Entries that a page has at most.
const PAGE_MAX: i32 = 1000;

/// The entries that a page may have, out of `max-keys` and the like.
pub(super) fn page_size(wanted: Option<i32>, name: &str) -> Result<usize, Fault> {
    let wanted = wanted.unwrap_or(PAGE_MAX);
    if wanted < 0 {
        let message = format!("Argument {name} must be an integer between 0 and 2147483647");
        return Err(refused(S3ErrorCode::InvalidArgument, message));
    }
    Ok(usize::try_from(wanted.min(PAGE_MAX)).unwrap_or(0))
}

/// A key as the reply shows it: with `encoding-type=url`, everything but unreserved characters and `/` is escaped.
pub(super) fn shown_key(key: &str, encoding: Option<&dto::EncodingType>) -> String {
    if encoding.is_none_or(|encoding| encoding.as_str() != "url") {
        return key.to_owned();
    }
    let mut text = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~*/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// The group that a key is shown as: the common prefix up to the delimiter.
pub(super) fn group_of<'a>(key: &'a str, prefix: &str, delimiter: Option<&str>) -> Option<&'a str> {
    let delimiter = delimiter.filter(|delimiter| !delimiter.is_empty())?;
    let at = key.get(prefix.len()..)?.find(delimiter)?;
    key.get(..prefix.len() + at + delimiter.len())
}

/// A page of a bucket's objects.
pub(super) struct Listed<'a> {
    objects: Vec<(&'a str, &'a Object)>,
    groups: Vec<&'a str>,
    /// The last key or group, if there is more.
    next: Option<String>,
}

/// What is listed.
pub(super) struct Wanted<'a> {
    pub(super) prefix: &'a str,
    pub(super) delimiter: Option<&'a str>,
    pub(super) after: &'a str,
    pub(super) limit: usize,
}

pub(super) fn objects<'a>(bucket: &'a Bucket, wanted: &Wanted<'_>) -> Listed<'a> {
    let mut listed = Listed { objects: Vec::new(), groups: Vec::new(), next: None };
    if wanted.limit == 0 {
        return listed;
    }
    let mut last = String::new();
    for (key, object) in bucket.objects_from(wanted.prefix.max(wanted.after)) {
        if !key.starts_with(wanted.prefix) {
            break;
        }
        let group = group_of(key, wanted.prefix, wanted.delimiter);
        // A page that ended with a group goes on after all of it.
        if key <= wanted.after || group.is_some_and(|group| group == wanted.after) {
            continue;
        }
        if group.is_some() && listed.groups.last().copied() == group {
            continue;
        }
        if listed.objects.len() + listed.groups.len() == wanted.limit {
            listed.next = Some(last);
            break;
        }
        group.unwrap_or(key).clone_into(&mut last);
        match group {
            Some(group) => listed.groups.push(group),
            None => listed.objects.push((key, object)),
        }
    }
    listed
}

impl Listed<'_> {
    /// The last key of the page, if there is more.
    pub(super) fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// The objects' keys and sizes in bytes.
    pub(super) fn sizes(&self) -> impl Iterator<Item = (&str, u64)> {
        self.objects.iter().map(|(key, object)| (*key, object.body.len() as u64))
    }

    fn contents(&self, encoding: Option<&dto::EncodingType>, owner: Option<&dto::Owner>) -> Vec<dto::Object> {
        let shown = |(key, object): &(&str, &Object)| dto::Object {
            checksum_algorithm: object
                .checksum
                .as_ref()
                .map(|checksum| vec![dto::ChecksumAlgorithm::from(checksum.algorithm.clone())]),
            checksum_type: object.checksum.as_ref().map(|checksum| {
                dto::ChecksumType::from_static(if checksum.is_composite { "COMPOSITE" } else { "FULL_OBJECT" })
            }),
            e_tag: Some(dto::ETag::Strong(object.etag.clone())),
            key: Some(shown_key(key, encoding)),
            last_modified: Some(timestamp(object.modified_at)),
            owner: owner.cloned(),
            size: i64::try_from(object.body.len()).ok(),
            storage_class: Some(dto::ObjectStorageClass::from(
                object.headers.storage_class.clone().unwrap_or_else(|| "STANDARD".to_owned()),
            )),
            ..Default::default()
        };
        self.objects.iter().map(shown).collect()
    }

    fn prefixes(&self, encoding: Option<&dto::EncodingType>) -> Option<dto::CommonPrefixList> {
        let prefix = |group: &&str| dto::CommonPrefix { prefix: Some(shown_key(group, encoding)) };
        (!self.groups.is_empty()).then(|| self.groups.iter().map(prefix).collect())
    }

    fn count(&self) -> Option<i32> {
        i32::try_from(self.objects.len() + self.groups.len()).ok()
    }
}

pub(super) fn list(world: &World, ctx: &Ctx, input: &dto::ListObjectsInput) -> Result<dto::ListObjectsOutput, Fault> {
    let bucket = own(world, ctx, &input.bucket)?;
    let limit = page_size(input.max_keys, "maxKeys")?;
    let (prefix, after) = (input.prefix.as_deref().unwrap_or_default(), input.marker.as_deref().unwrap_or_default());
    let listed = objects(bucket, &Wanted { prefix, delimiter: input.delimiter.as_deref(), after, limit });
    let encoding = input.encoding_type.as_ref();
    let shown = |text: &str| shown_key(text, encoding);
    Ok(dto::ListObjectsOutput {
        name: Some(input.bucket.clone()),
        prefix: Some(shown(prefix)),
        marker: Some(shown(after)),
        max_keys: i32::try_from(limit).ok(),
        is_truncated: Some(listed.next.is_some()),
        contents: Some(listed.contents(encoding, Some(&owner(bucket.owner)))),
        common_prefixes: listed.prefixes(encoding),
        delimiter: input.delimiter.as_deref().map(shown),
        // AWS names the next marker only where a delimiter may hide the last key.
        next_marker: listed.next.as_deref().filter(|_| input.delimiter.is_some()).map(shown),
        encoding_type: input.encoding_type.clone(),
        ..Default::default()
    })
}

pub(super) fn list_v2(
    world: &World,
    ctx: &Ctx,
    input: &dto::ListObjectsV2Input,
) -> Result<dto::ListObjectsV2Output, Fault> {
    let bucket = own(world, ctx, &input.bucket)?;
    let limit = page_size(input.max_keys, "maxKeys")?;
    let operation = format!("ListObjectsV2 {}", input.bucket);
    let after = match &input.continuation_token {
        Some(token) => key_of_token(ctx, &operation, token)
            .map_err(|_| refused(S3ErrorCode::InvalidArgument, "The continuation token provided is incorrect"))?,
        None => input.start_after.clone().unwrap_or_default(),
    };
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let listed = objects(bucket, &Wanted { prefix, delimiter: input.delimiter.as_deref(), after: &after, limit });
    let encoding = input.encoding_type.as_ref();
    let shown = |text: &str| shown_key(text, encoding);
    let owner = input.fetch_owner.unwrap_or(false).then(|| owner(bucket.owner));
    Ok(dto::ListObjectsV2Output {
        name: Some(input.bucket.clone()),
        prefix: Some(shown(prefix)),
        max_keys: i32::try_from(limit).ok(),
        key_count: listed.count(),
        continuation_token: input.continuation_token.clone(),
        is_truncated: Some(listed.next.is_some()),
        next_continuation_token: listed.next.as_deref().map(|key| token_after(ctx, &operation, key)),
        contents: Some(listed.contents(encoding, owner.as_ref())),
        common_prefixes: listed.prefixes(encoding),
        delimiter: input.delimiter.as_deref().map(shown),
        start_after: input.start_after.as_deref().map(shown),
        encoding_type: input.encoding_type.clone(),
        ..Default::default()
    })
}

#[cfg(test)]
mod tests {
    use amictl_model::Moment;

    use super::*;

    #[test]
    fn pages_with_groups_are_in_sum_the_whole_list() {
        let now = Moment::from_secs(1);
        let mut bucket = Bucket::new("123456789012".parse().unwrap(), "us-east-1".parse().unwrap(), now);
        for key in ["a", "b/1", "b/2", "b/c/3", "c", "d/1", "e"] {
            bucket.put(key, Object::new(key, now), String::new);
        }
        for (prefix, delimiter, expected) in [
            ("", None, vec!["a", "b/1", "b/2", "b/c/3", "c", "d/1", "e"]),
            ("", Some("/"), vec!["a", "b/", "c", "d/", "e"]),
            ("b/", Some("/"), vec!["b/1", "b/2", "b/c/"]),
            ("x", Some("/"), vec![]),
        ] {
            for limit in 1..4 {
                let (mut all, mut after) = (Vec::new(), String::new());
                loop {
                    let page = objects(&bucket, &Wanted { prefix, delimiter, after: &after, limit });
                    all.extend(page.objects.iter().map(|(key, _)| *key).chain(page.groups.iter().copied()));
                    match page.next {
                        Some(next) => after = next,
                        None => break,
                    }
                }
                all.sort_unstable();
                assert_eq!(all, expected, "{prefix} {delimiter:?} {limit}");
            }
        }
    }

    #[test]
    fn keys_are_escaped_when_asked_for() {
        let url = dto::EncodingType::from_static("url");
        assert_eq!(shown_key("a b/ü*", Some(&url)), "a%20b/%C3%BC*");
        assert_eq!(shown_key("a b", None), "a b");
    }
}
