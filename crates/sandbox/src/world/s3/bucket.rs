//! A bucket with its objects.

use std::collections::BTreeMap;

use amictl_model::{AccountId, Moment, Region};
use serde::{Deserialize, Serialize};

use super::{Object, Upload};

/// A bucket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bucket {
    /// Whose it is.
    pub owner: AccountId,
    /// Where it is.
    pub region: Region,
    /// Since when.
    pub created_at: Moment,
    /// Whether old versions are kept.
    pub versioning: Versioning,
    /// The versions of every object by key, the newest last; never an empty list.
    objects: BTreeMap<String, Vec<Object>>,
    /// Uploads in parts by id.
    pub uploads: BTreeMap<String, Upload>,
}

/// Whether a bucket keeps old versions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versioning {
    /// It never did.
    #[default]
    Off,
    /// It does.
    Enabled,
    /// It does not any more.
    Suspended,
}

impl Bucket {
    /// An empty bucket without versioning.
    #[must_use]
    pub fn new(owner: AccountId, region: Region, created_at: Moment) -> Self {
        Self {
            owner,
            region,
            created_at,
            versioning: Versioning::Off,
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
        }
    }

    /// The newest version of an object that is not deleted.
    #[must_use]
    pub fn object(&self, key: &str) -> Option<&Object> {
        self.newest(key).filter(|object| !object.is_delete_marker)
    }

    /// The newest version of an object, which may be a delete marker.
    pub(crate) fn newest(&self, key: &str) -> Option<&Object> {
        self.objects.get(key)?.last()
    }

    /// A version of an object; `null` is the one without an id.
    pub(crate) fn version(&self, key: &str, version: &str) -> Option<&Object> {
        self.objects.get(key)?.iter().find(|object| object.version_id() == version)
    }

    /// An object to change its headers.
    pub(crate) fn version_mut(&mut self, key: &str, version: Option<&str>) -> Option<&mut Object> {
        let versions = self.objects.get_mut(key)?;
        match version {
            None => versions.last_mut().filter(|object| !object.is_delete_marker),
            Some(version) => versions.iter_mut().find(|object| object.version_id() == version),
        }
    }

    /// Objects that are not deleted from a key on, in the order of their keys.
    pub fn objects_from<'a>(&'a self, from: &str) -> impl Iterator<Item = (&'a str, &'a Object)> {
        self.versions_from(from)
            .filter_map(|(key, versions)| Some((key, versions.last().filter(|object| !object.is_delete_marker)?)))
    }

    /// All versions from a key on, by key, the newest last.
    pub(crate) fn versions_from<'a>(&'a self, from: &str) -> impl Iterator<Item = (&'a str, &'a [Object])> {
        self.objects.range(from.to_owned()..).map(|(key, versions)| (key.as_str(), versions.as_slice()))
    }

    /// Whether there is nothing in it, old versions included.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Puts an object in; `version` is its version's id if the bucket keeps versions.
    pub fn put(&mut self, key: &str, mut object: Object, version: impl FnOnce() -> String) {
        object.version = (self.versioning == Versioning::Enabled).then(version);
        let versions = self.objects.entry(key.to_owned()).or_default();
        if object.version.is_none() {
            versions.retain(|object| object.version.is_some());
        }
        versions.push(object);
    }

    /// Deletes an object, which leaves a delete marker behind if the bucket has versioning; gives that.
    pub(crate) fn delete(&mut self, key: &str, now: Moment, version: impl FnOnce() -> String) -> Option<&Object> {
        if self.versioning == Versioning::Off {
            self.objects.remove(key);
            return None;
        }
        self.put(key, Object::delete_marker(None, now), version);
        self.newest(key)
    }

    /// Deletes a version for good; gives it.
    pub(crate) fn delete_version(&mut self, key: &str, version: &str) -> Option<Object> {
        let versions = self.objects.get_mut(key)?;
        let at = versions.iter().position(|object| object.version_id() == version)?;
        let object = versions.remove(at);
        if versions.is_empty() {
            self.objects.remove(key);
        }
        Some(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Moment {
        Moment::from_secs(secs)
    }

    #[test]
    fn versions_pile_up_only_where_they_are_kept() {
        let mut bucket = Bucket::new("123456789012".parse().unwrap(), "us-east-1".parse().unwrap(), at(1));
        bucket.put("k", Object::new("one", at(1)), || unreachable!());
        bucket.put("k", Object::new("two", at(2)), || unreachable!());
        assert_eq!(&bucket.object("k").unwrap().body[..], b"two");
        bucket.versioning = Versioning::Enabled;
        bucket.put("k", Object::new("three", at(3)), || "v3".to_owned());
        assert_eq!(&bucket.version("k", "null").unwrap().body[..], b"two");
        let marker = bucket.delete("k", at(4), || "v4".to_owned()).unwrap();
        assert!(marker.is_delete_marker);
        assert!(bucket.object("k").is_none() && !bucket.is_empty());
        assert!(bucket.delete_version("k", "v4").is_some());
        assert_eq!(&bucket.object("k").unwrap().body[..], b"three");
        bucket.versioning = Versioning::Suspended;
        bucket.put("k", Object::new("five", at(5)), || unreachable!());
        assert_eq!(&bucket.version("k", "null").unwrap().body[..], b"five");
        assert!(bucket.delete_version("k", "null").is_some() && bucket.delete_version("k", "v3").is_some());
        assert!(bucket.is_empty() && bucket.delete_version("k", "v3").is_none());
    }
}
