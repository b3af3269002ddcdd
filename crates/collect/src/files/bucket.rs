//! Objects of S3 that are searched for AMI ids, such as the state of Terraform.

use std::fmt;
use std::str::FromStr;

use amictl_cloud::ops::{
    GetBucketLocation, GetBucketLocationRequest, GetObject, GetObjectRequest, ListObjectsV2, ListObjectsV2Reply,
    ListObjectsV2Request, ListedObject,
};
use amictl_cloud::{Call, Cloud, for_each_page};
use amictl_model::Region;
use futures::stream::{self, StreamExt};

use super::FileSweep;
use super::packed::Search;

/// An object is held in memory while it is searched; a larger one is told as not read.
const OBJECT_BYTES_MAX: u64 = 256 << 20;

/// A bucket of S3, and how the keys begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPath {
    /// `Bucket`.
    pub bucket: String,
    /// `Prefix`; empty for the whole bucket.
    pub prefix: String,
}

impl fmt::Display for BucketPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

impl FromStr for BucketPath {
    type Err = String;

    /// Reads `s3://BUCKET/PREFIX`.
    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("s3://").ok_or_else(|| format!("`{text}` does not begin with s3://"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(is_name) {
            return Err(format!("`{bucket}` is no name of a bucket: `{text}` should be s3://BUCKET/PREFIX"));
        }
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

/// Searches the objects whose keys begin so for AMI ids, `concurrency` at once. `home` is where the bucket's Region is asked for.
pub async fn sweep_bucket(cloud: &dyn Cloud, home: &Region, path: &BucketPath, concurrency: usize) -> FileSweep {
    let mut sweep = FileSweep::default();
    let location = GetBucketLocationRequest { bucket: path.bucket.clone() };
    let region = match Call::<GetBucketLocation>::call(cloud, home, location).await {
        Ok(region) => region,
        Err(error) => {
            sweep.failures.push(format!("{path}: {error}"));
            return sweep;
        }
    };
    let mut objects: Vec<ListedObject> = Vec::new();
    let request = ListObjectsV2Request { bucket: path.bucket.clone(), prefix: path.prefix.clone(), next_token: None };
    let each = |page: ListObjectsV2Reply| objects.extend(page.objects);
    let (_, listed) = for_each_page::<ListObjectsV2>(cloud, &region, request, each).await;
    match listed {
        Err(error) => sweep.failures.push(format!("{path}: {error}")),
        // Likely a slip of the pen, and what it should have named is not known.
        Ok(()) if objects.is_empty() => sweep.failures.push(format!("{path}: there is no such object")),
        Ok(()) => {}
    }
    let mut read = stream::iter(objects)
        .map(|object| read_object(cloud, &region, &path.bucket, object))
        .buffer_unordered(concurrency.max(1));
    while let Some(of_object) = read.next().await {
        sweep.absorb(of_object);
    }
    drop(read);
    sweep
}

async fn read_object(cloud: &dyn Cloud, region: &Region, bucket: &str, object: ListedObject) -> FileSweep {
    let mut sweep = FileSweep::default();
    let ListedObject { key, bytes } = object;
    let place = format!("s3://{bucket}/{key}");
    if bytes > OBJECT_BYTES_MAX {
        sweep.failures.push(format!("{place}: it has {bytes} bytes, and {OBJECT_BYTES_MAX} are read at most"));
        return sweep;
    }
    let request = GetObjectRequest { bucket: bucket.to_owned(), key, bytes_max: None };
    match Call::<GetObject>::call(cloud, region, request).await {
        Ok(body) => sweep.take(Search::file(&body[..], &place)),
        Err(error) => sweep.failures.push(format!("{place}: {error}")),
    }
    sweep
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_buckets_are_read() {
        let path: BucketPath = "s3://states/prod/vpc.tfstate".parse().unwrap();
        assert_eq!((path.bucket.as_str(), path.prefix.as_str()), ("states", "prod/vpc.tfstate"));
        assert_eq!("s3://states".parse::<BucketPath>().unwrap().to_string(), "s3://states/");
        for text in ["states", "s3://", "s3://ab", "s3:///x", "s3://Bucket/x", "s3://a b c/x", "https://states/x"] {
            assert!(text.parse::<BucketPath>().is_err(), "{text}");
        }
    }
}
