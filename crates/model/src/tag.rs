//! Tags of a resource: few, sorted, read far more often than written.

use std::fmt;
use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The tags of one resource, sorted by key; a JSON object on disk.
///
/// Held as one text, each key and value behind its length, as an account has hundreds of thousands of them and a tag is a few bytes.
/// A clone shares it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tags(Option<Arc<str>>);

impl Tags {
    /// The value of this key, compared byte for byte as AWS does.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(have, _)| *have == key).map(|(_, value)| value)
    }

    /// Keys and values in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = self.0.as_deref().unwrap_or_default();
        std::iter::from_fn(move || Some((take(&mut rest)?, take(&mut rest)?)))
    }

    /// How many tags there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Bits of a length in one character of its encoding, and the bit that says that another follows.
const LENGTH_BITS: u32 = 6;
const LENGTH_MORE: u8 = 1 << LENGTH_BITS;

/// Adds a text behind its length, which is written in characters below 128, six bits each, the lowest first.
fn put(out: &mut String, text: &str) {
    let mut len = text.len();
    loop {
        let bits = u8::try_from(len % usize::from(LENGTH_MORE)).unwrap_or(0);
        len >>= LENGTH_BITS;
        if len == 0 {
            out.push(char::from(bits));
            break;
        }
        out.push(char::from(bits | LENGTH_MORE));
    }
    out.push_str(text);
}

/// Takes what [`put`] added off the front; `None` at the end.
fn take<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let first = *rest.as_bytes().first()?;
    let (start, len) = if first < LENGTH_MORE { (1, usize::from(first)) } else { long(rest) };
    let (text, after) = rest.get(start..)?.split_at_checked(len)?;
    *rest = after;
    Some(text)
}

/// How many characters a length takes up that needs more than one, and the length.
#[cold]
fn long(rest: &str) -> (usize, usize) {
    let (mut len, mut shift) = (0_usize, 0);
    let mut read = 0;
    for byte in rest.bytes() {
        read += 1;
        len |= usize::from(byte % LENGTH_MORE) << shift;
        shift += LENGTH_BITS;
        if byte < LENGTH_MORE {
            break;
        }
    }
    (read, len)
}

impl<K: Into<Arc<str>>, V: Into<CompactString>> FromIterator<(K, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(tags: I) -> Self {
        let mut tags: Vec<(Arc<str>, CompactString)> =
            tags.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        tags.sort_by(|a, b| a.0.cmp(&b.0));
        let mut packed = String::new();
        for (at, (key, value)) in tags.iter().enumerate() {
            // Of two equal keys the last wins.
            if tags.get(at + 1).is_none_or(|(next, _)| next != key) {
                put(&mut packed, key);
                put(&mut packed, value);
            }
        }
        Self((!packed.is_empty()).then(|| packed.into()))
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
    fn tags_of_every_length_come_back() {
        for len in [0, 1, 63, 64, 65, 127, 128, 255, 4095, 4096, 300_000] {
            let (key, value) = ("k".repeat(len), "é".repeat(len));
            let tags: Tags = [(key.as_str(), value.as_str()), ("z", "")].into_iter().collect();
            assert_eq!(tags.get(&key), Some(value.as_str()), "{len}");
            assert_eq!(tags.get("z"), Some(""), "{len}");
            assert_eq!(tags.len(), 2, "{len}");
        }
        assert!(Tags::from_iter(std::iter::empty::<(&str, &str)>()).is_empty());
    }

    #[test]
    fn the_last_of_two_equal_keys_wins() {
        let tags: Tags = [("a", "1"), ("a", "2")].into_iter().collect();
        assert_eq!((tags.len(), tags.get("a")), (1, Some("2")));
    }
}
