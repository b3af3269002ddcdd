//! Where resources of one kind stand, ordered by their keys, and how they stood a little earlier.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::Deref;

use amictl_model::Moment;
use serde::{Deserialize, Serialize};

/// Resources of one kind, ordered by id or name, so that a page costs what is on it.
///
/// It reads like a map. Every change goes through [`Shelf::insert`], [`Shelf::remove`] or [`Shelf::get_mut`], which note
/// the earlier value while changes take time to be seen; [`Shelf::look_back`] then shows the earlier values until
/// [`Shelf::look_ahead`]. Without lag nothing is noted and nothing costs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Shelf<K: Ord, V> {
    now: BTreeMap<K, V>,
    #[serde(skip, default = "none")]
    past: Option<Box<Past<K, V>>>,
}

fn none<T>() -> Option<T> {
    None
}

/// What not everybody has seen change yet.
#[derive(Debug, Clone)]
struct Past<K, V> {
    /// What is noted with every change.
    change: Option<Change>,
    /// The earlier values of each key, the oldest first.
    earlier: BTreeMap<K, Vec<Earlier<V>>>,
    /// What really stands where an earlier value is shown.
    aside: Vec<(K, Option<V>)>,
}

/// When what a call changes is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    /// Tells the calls apart: within one, only the first earlier value counts.
    pub(crate) serial: u64,
    /// When it is made.
    pub(crate) made_at: Moment,
    /// From when on it is seen by those that do not say otherwise.
    pub(crate) seen_at: Moment,
    /// From when on it is seen by all.
    pub(crate) known_at: Moment,
}

/// A value that was replaced.
#[derive(Debug, Clone)]
struct Earlier<V> {
    change: Change,
    value: Option<V>,
}

/// Which changes a reading call sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Those that are to be seen at this moment.
    At(Moment),
    /// Those that were made until this moment.
    MadeUntil(Moment),
}

impl Sight {
    fn takes(self, change: &Change) -> bool {
        match self {
            Self::At(now) => change.seen_at <= now,
            Self::MadeUntil(moment) => change.made_at <= moment,
        }
    }
}

impl<K: Ord, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Self { now: BTreeMap::new(), past: None }
    }
}

impl<K: Ord, V> Deref for Shelf<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &BTreeMap<K, V> {
        &self.now
    }
}

impl<'a, K: Ord, V> IntoIterator for &'a Shelf<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = std::collections::btree_map::Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.now.iter()
    }
}

impl<K: Ord, V: PartialEq> PartialEq for Shelf<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.now == other.now
    }
}

impl<K: Ord + Clone, V: Clone> Shelf<K, V> {
    /// Puts a value in; returns the one that it replaces.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.note_earlier(&key);
        self.now.insert(key, value)
    }

    /// Takes a value out.
    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.note_earlier_of(key);
        self.now.remove(key)
    }

    /// A value to change.
    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.note_earlier_of(key);
        self.now.get_mut(key)
    }

    fn note_earlier_of<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        if self.past.is_some()
            && let Some((key, _)) = self.now.get_key_value(key)
        {
            let key = key.clone();
            self.note_earlier(&key);
        }
    }

    /// Notes the value of a key that is about to change.
    fn note_earlier(&mut self, key: &K) {
        let Some(past) = &mut self.past else { return };
        let Some(change) = past.change else { return };
        let noted = past.earlier.entry(key.clone()).or_default();
        noted.retain(|earlier| earlier.change.known_at > change.made_at);
        if noted.last().is_some_and(|earlier| earlier.change.serial == change.serial) {
            return;
        }
        // Who sees this change sees what it came out of.
        for earlier in noted.iter_mut() {
            earlier.change.seen_at = earlier.change.seen_at.min(change.seen_at);
        }
        noted.push(Earlier { change, value: self.now.get(key).cloned() });
    }

    fn place(&mut self, key: K, value: Option<V>) -> Option<V> {
        match value {
            Some(value) => self.now.insert(key, value),
            None => self.now.remove(&key),
        }
    }
}

/// A shelf of any kind, as far as its past is concerned.
pub(crate) trait Lagging {
    /// From now on, notes changes as made by this call, or does not note them.
    fn note(&mut self, change: Option<Change>);

    /// Shows the earlier values of what is not in sight; forgets those that everybody has seen change at `now`.
    fn look_back(&mut self, sight: Sight, now: Moment);

    /// Shows again what there is.
    fn look_ahead(&mut self);
}

impl<K: Ord + Clone, V: Clone> Lagging for Shelf<K, V> {
    fn note(&mut self, change: Option<Change>) {
        match &mut self.past {
            Some(past) => past.change = change,
            None if change.is_some() => {
                self.past = Some(Box::new(Past { change, earlier: BTreeMap::new(), aside: Vec::new() }));
            }
            None => {}
        }
    }

    fn look_back(&mut self, sight: Sight, now: Moment) {
        let Some(past) = &mut self.past else { return };
        past.earlier.retain(|_, noted| {
            noted.retain(|earlier| earlier.change.known_at > now);
            !noted.is_empty()
        });
        let mut shown = Vec::new();
        for (key, noted) in &past.earlier {
            if let Some(earlier) = noted.iter().find(|earlier| !sight.takes(&earlier.change)) {
                shown.push((key.clone(), earlier.value.clone()));
            }
        }
        let aside: Vec<(K, Option<V>)> =
            shown.into_iter().map(|(key, value)| (key.clone(), self.place(key, value))).collect();
        if let Some(past) = &mut self.past {
            past.aside = aside;
        }
    }

    fn look_ahead(&mut self) {
        let aside = self.past.as_mut().map(|past| std::mem::take(&mut past.aside)).unwrap_or_default();
        for (key, value) in aside {
            self.place(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(secs: i64) -> Moment {
        Moment::from_secs(secs)
    }

    /// What a key shows, by the meaning of the words: the value after the last change that is seen.
    fn expected(changes: &[(u8, Option<u8>, i64, i64)], key: u8, seen: impl Fn(i64, i64) -> bool) -> Option<u8> {
        let last = changes.iter().rfind(|(changed, _, made, lag)| *changed == key && seen(*made, *lag));
        last.and_then(|(_, value, ..)| *value)
    }

    proptest! {
        #[test]
        fn a_read_sees_each_change_from_its_moment_on(
            changes in prop::collection::vec((0..4_u8, prop::option::of(0..9_u8), 0..4_i64, 0..9_i64), 1..30),
            reads in prop::collection::vec((0..12_i64, prop::option::of(0..9_i64)), 1..6),
        ) {
            let mut shelf = Shelf::default();
            let mut now = 0;
            let mut made = Vec::new();
            for (serial, (key, value, pause, lag)) in changes.into_iter().enumerate() {
                now += pause;
                let change = Change {
                    serial: serial as u64,
                    made_at: at(now),
                    seen_at: at(now + lag),
                    known_at: at(now + 9),
                };
                // Taking out what is not there changes nothing.
                if value.is_none() && !shelf.contains_key(&key) {
                    continue;
                }
                shelf.note(Some(change));
                match value {
                    Some(value) => { shelf.insert(key, value); }
                    None => { shelf.remove(&key); }
                }
                made.push((key, value, now, lag));
            }
            let truth = shelf.clone();
            for (later, behind) in reads {
                now += later;
                let sight = behind.map_or(Sight::At(at(now)), |behind| Sight::MadeUntil(at(now - behind)));
                shelf.look_back(sight, at(now));
                for key in 0..4 {
                    let seen = |made: i64, lag: i64| match behind {
                        None => made + lag <= now,
                        Some(behind) => made <= now - behind,
                    };
                    prop_assert_eq!(shelf.get(&key).copied(), expected(&made, key, seen), "{} at {}: {:?}", key, now, made);
                }
                shelf.look_ahead();
                prop_assert_eq!(&shelf, &truth);
            }
        }
    }

    #[test]
    fn without_lag_nothing_is_noted() {
        let mut shelf = Shelf::default();
        shelf.insert(1, "a");
        shelf.look_back(Sight::At(at(0)), at(0));
        assert_eq!(shelf.get(&1), Some(&"a"));
        assert!(shelf.past.is_none());
        let saved = serde_json::to_string(&Shelf::<u8, u8>::default()).unwrap();
        assert_eq!(saved, "{}");
    }

    #[test]
    fn one_call_changes_a_value_once() {
        let mut shelf = Shelf::default();
        shelf.insert(1, "a");
        shelf.note(Some(Change { serial: 1, made_at: at(0), seen_at: at(5), known_at: at(5) }));
        *shelf.get_mut(&1).unwrap() = "b";
        *shelf.get_mut(&1).unwrap() = "c";
        shelf.look_back(Sight::At(at(4)), at(4));
        assert_eq!(shelf.get(&1), Some(&"a"));
        shelf.look_ahead();
        shelf.look_back(Sight::At(at(5)), at(5));
        assert_eq!(shelf.get(&1), Some(&"c"));
        assert!(shelf.past.as_ref().unwrap().earlier.is_empty());
    }
}
