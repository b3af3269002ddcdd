//! A hash for resource ids, which are many and short: far cheaper than the default, which resists chosen keys.

use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};

/// A map by resource id. Its order is never looked at.
pub(crate) type IdMap<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<IdHasher>>;

/// Multiplies eight bytes at a time and folds the halves; ids are made by AWS, not by whoever could profit from collisions.
#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl IdHasher {
    #[inline]
    fn mix(&mut self, word: u64) {
        const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
        let product = u128::from(self.0 ^ word) * u128::from(ODD);
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }
}

impl Hasher for IdHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        // Ids differ in their last sixteen bytes, or are so short that those are all.
        if let Some(end) = bytes.last_chunk::<16>() {
            let [high, low] =
                [end.first_chunk(), end.last_chunk()].map(|half| half.map_or(0, |half| u64::from_le_bytes(*half)));
            self.mix(high);
            return self.mix(low);
        }
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        self.mix(rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        self.mix(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.mix(number as u64);
    }

    fn write_u8(&mut self, byte: u8) {
        self.0 ^= u64::from(byte);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Tells of most ids that they are not among some: a bit for each hash, few enough to stay in the processor's cache where a map would not.
pub(crate) struct IdFilter {
    words: Vec<u64>,
    /// How far a hash is shifted to be the number of its bit.
    shift: u32,
}

/// Bits for each id, so that one in sixteen others passes.
const BITS_PER_ID: usize = 16;

impl IdFilter {
    /// A filter of none yet, for about so many ids.
    pub(crate) fn new(ids: usize) -> Self {
        let bits = (ids * BITS_PER_ID).next_power_of_two().max(64);
        Self { words: vec![0; bits / 64], shift: 64 - bits.trailing_zeros() }
    }

    pub(crate) fn add<K: Hash>(&mut self, id: &K) {
        let (word, bit) = self.place(id);
        self.words[word] |= bit;
    }

    pub(crate) fn may_have<K: Hash>(&self, id: &K) -> bool {
        let (word, bit) = self.place(id);
        self.words[word] & bit != 0
    }

    fn place<K: Hash>(&self, id: &K) -> (usize, u64) {
        let hash = BuildHasherDefault::<IdHasher>::default().hash_one(id) >> self.shift;
        ((hash / 64) as usize, 1 << (hash % 64))
    }
}
