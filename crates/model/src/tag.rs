//! Tags of a resource: few, sorted, read far more often than written.

use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The tags of one resource, sorted by key; a JSON object on disk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags(Box<[(Arc<str>, CompactString)]>);

impl Tags {
    /// The value of this key, compared byte for byte as AWS does.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.binary_search_by(|(have, _)| (**have).cmp(key)).ok().map(|at| self.0[at].1.as_str())
    }

    /// Keys and values in the order of the keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, value.as_str()))
    }

    /// How many tags there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Into<Arc<str>>, V: Into<CompactString>> FromIterator<(K, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(tags: I) -> Self {
        let mut tags: Vec<(Arc<str>, CompactString)> =
            tags.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        tags.sort_by(|a, b| a.0.cmp(&b.0));
        tags.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        Self(tags.into_boxed_slice())
    }
}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tags = std::collections::BTreeMap::<Arc<str>, CompactString>::deserialize(deserializer)?;
        Ok(tags.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_match_whole_and_case_counts() {
        let tags: Tags = [("env", "prod"), ("Environment", "x")].into_iter().collect();
        assert_eq!(tags.get("env"), Some("prod"));
        assert_eq!(tags.get("Env"), None);
        assert_eq!(tags.get("en"), None);
    }

    #[test]
    fn the_last_of_two_equal_keys_wins() {
        let tags: Tags = [("a", "1"), ("a", "2")].into_iter().collect();
        assert_eq!((tags.len(), tags.get("a")), (1, Some("2")));
    }
}
