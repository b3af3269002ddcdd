//! All buckets: their names are unique over all accounts.

use std::collections::BTreeMap;

use amictl_model::{AccountId, Moment, Region};
use serde::{Deserialize, Serialize};

use super::{Bucket, Object};

/// All buckets of all accounts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Store {
    pub(crate) buckets: BTreeMap<String, Bucket>,
}

impl Store {
    /// A bucket.
    #[must_use]
    pub fn bucket(&self, name: &str) -> Option<&Bucket> {
        self.buckets.get(name)
    }

    /// A bucket to change.
    pub fn bucket_mut(&mut self, name: &str) -> Option<&mut Bucket> {
        self.buckets.get_mut(name)
    }

    /// Makes a bucket, unless there is one of this name.
    pub fn create_bucket(&mut self, name: &str, owner: AccountId, region: Region, now: Moment) -> &mut Bucket {
        self.buckets.entry(name.to_owned()).or_insert_with(|| Bucket::new(owner, region, now))
    }

    /// The newest version of an object that is not deleted.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Option<&Object> {
        self.buckets.get(bucket)?.object(key)
    }
}
