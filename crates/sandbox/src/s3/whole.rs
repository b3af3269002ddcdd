//! What amictl's own port asks of S3, without the wire.

use amictl_cloud::ops::{GetObjectRequest, ListObjectsV2Reply, ListObjectsV2Request, ListedObject};
use amictl_model::Region;

use super::listing::{Wanted, objects};
use super::read::found;
use super::through::{Act, Through, own};
use crate::page::{key_of_token, token_after};

/// `GetBucketLocation`.
pub(crate) type GetBucketLocation = Through<super::through::GetBucketLocation, Region>;
/// `ListObjectsV2`.
pub(crate) type ListObjectsV2 = Through<super::through::ListObjectsV2, ListObjectsV2Reply>;
/// `GetObject`.
pub(crate) type GetObject = Through<super::through::GetObject, Vec<u8>>;

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
        found(bucket, &request.key, None).map(|object| object.body.0.to_vec())
    })
}
