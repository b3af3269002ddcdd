//! Chance that repeats: what is drawn depends on a seed and on what it is drawn for, never on when or in what order.

/// A source of draws.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Chance {
    seed: u64,
}

impl Chance {
    /// Draws of this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// A number in `0.0..1.0`: the draw of this number in a stream, such as the n-th call that a rule is about.
    pub(crate) fn unit(self, stream: u64, number: u64) -> f64 {
        let bits = mix(mix(mix(self.seed.wrapping_add(GOLDEN)) ^ stream.wrapping_mul(GOLDEN)) ^ number);
        // The upper 53 bits are as many as a double holds.
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let numerator = (bits >> 11) as f64;
        numerator / (1_u64 << 53) as f64
    }
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of SplitMix64, after a step.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(GOLDEN);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_by_seed_and_spread_evenly() {
        let draws = |seed| (0..10_000).map(move |number| Chance::new(seed).unit(3, number));
        assert!(draws(1).eq(draws(1)) && !draws(1).eq(draws(2)));
        assert!(draws(1).all(|draw| (0.0..1.0).contains(&draw)));
        let mean = draws(1).sum::<f64>() / 10_000.0;
        assert!((0.48..0.52).contains(&mean), "{mean}");
        let hits = draws(1).filter(|draw| *draw < 0.1).count();
        assert!((900..1100).contains(&hits), "{hits}");
    }
}
