//! Where resources of one kind stand, ordered by their keys.

use std::collections::BTreeMap;

/// Resources of one kind, ordered by id or name, so that a page costs what is on it.
pub(crate) type Shelf<K, V> = BTreeMap<K, V>;
