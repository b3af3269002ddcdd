//! The blocks of snapshots: which there are, and which of two snapshots have in common.

use super::id::mix;

/// A number for a text, the same in every run.
pub(crate) fn fingerprint(text: &str) -> u64 {
    mix(text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| mix(hash ^ u64::from(byte))))
}
