//! New ids: they look random, depend on the seed only, and never come twice.

use serde::{Deserialize, Serialize};

/// Makes ids.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IdSource {
    seed: u64,
    made: u64,
}

impl IdSource {
    /// Ids of this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, made: 0 }
    }

    /// Seventeen hexadecimal digits as AWS's ids have.
    pub(crate) fn next_hex(&mut self) -> String {
        format!("0{:016x}", self.next())
    }

    /// A number that has not come before: the mixing is a bijection of a counter.
    pub(crate) fn next(&mut self) -> u64 {
        self.made += 1;
        mix(self.made.wrapping_add(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }
}

/// The finalizer of SplitMix64, a bijection.
pub(crate) fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_repeat_for_a_seed_and_never_within_it() {
        let (mut one, mut other) = (IdSource::new(7), IdSource::new(7));
        let ids: HashSet<String> = (0..10_000).map(|_| one.next_hex()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.contains(&other.next_hex()));
        assert!(!ids.contains(&IdSource::new(8).next_hex()));
    }
}
