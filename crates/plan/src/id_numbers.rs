//! Numbers for snapshot ids: a map whose keys are numbers too, as comparing and holding texts would take most of its time.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use amictl_model::SnapshotId;

use crate::id_hash::{IdHasher, IdMap};

/// The numbers that were given to ids.
#[derive(Default)]
pub(crate) struct IdNumbers {
    numbers: HashMap<Key, u32, BuildHasherDefault<IdHasher>>,
    /// Ids that are not of AWS's form, which emulators send.
    odd: IdMap<SnapshotId, u32>,
}

/// An id of AWS's form: its digits in four, 32 and 32 bits; of the old form, eight digits, marked by what four bits cannot be.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key([u32; 3]);

const OLD_FORM: u32 = 1 << 4;

impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [high, middle, low] = self.0;
        state.write_u64(u64::from(high.rotate_right(8) ^ middle) << 32 | u64::from(low));
    }
}

impl IdNumbers {
    pub(crate) fn with_capacity(ids: usize) -> Self {
        Self { numbers: HashMap::with_capacity_and_hasher(ids, BuildHasherDefault::default()), odd: IdMap::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.odd.is_empty()
    }

    /// The number of an id, which is given now if it has none.
    #[inline]
    pub(crate) fn number(&mut self, id: &SnapshotId, new: impl FnOnce() -> u32) -> u32 {
        match key(id) {
            Some(key) => *self.numbers.entry(key).or_insert_with(new),
            None => *self.odd.entry(id.clone()).or_insert_with(new),
        }
    }

    /// The number that an id was given.
    #[inline]
    pub(crate) fn get(&self, id: &SnapshotId) -> Option<u32> {
        match key(id) {
            Some(key) => self.numbers.get(&key),
            None => self.odd.get(id),
        }
        .copied()
    }
}

/// The key of an id of AWS's form: 17 or eight hexadecimal digits in lower case.
#[inline]
fn key(id: &SnapshotId) -> Option<Key> {
    let digits = id.as_str().as_bytes().get(SnapshotId::PREFIX.len()..)?;
    let (first, rest) = digits.split_first()?;
    if let (Some(middle), Some(low), 16) = (rest.first_chunk(), rest.last_chunk(), rest.len()) {
        // With seven zeros before it, one digit is eight.
        let high = eight_digits([b'0', b'0', b'0', b'0', b'0', b'0', b'0', *first])?;
        return Some(Key([high, eight_digits(*middle)?, eight_digits(*low)?]));
    }
    let digits = <[u8; 8]>::try_from(digits).ok()?;
    Some(Key([OLD_FORM, 0, eight_digits(digits)?]))
}

/// The value of eight hexadecimal digits in lower case, all at once.
#[inline]
fn eight_digits(digits: [u8; 8]) -> Option<u32> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let text = u64::from_le_bytes(digits);
    let values = (text & (ONES * 0x0f)) + ((text >> 6) & ONES) * 9;
    // What these values are written as must be the text.
    let letters = ((values + ONES * 6) >> 4) & ONES;
    let written = values.wrapping_add(ONES * u64::from(b'0')).wrapping_add(letters * u64::from(b'a' - b'0' - 10));
    if values & (ONES * 0xf0) != 0 || written != text {
        return None;
    }
    // The first digit is in the lowest byte: pairs, fours and eights are put together.
    let pairs = (values << 4 | values >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs << 8 | pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some((fours << 16 | fours >> 32) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_digits_are_what_they_say_and_nothing_else_is() {
        for value in (0..=u32::MAX).step_by(65_521) {
            let text: [u8; 8] = format!("{value:08x}").into_bytes().try_into().unwrap();
            assert_eq!(eight_digits(text), Some(value));
        }
        // Every byte at every place.
        for at in 0..8 {
            for byte in 0..=u8::MAX {
                let mut text = *b"01234567";
                text[at] = byte;
                let expected = std::str::from_utf8(&text)
                    .ok()
                    .filter(|_| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
                    .and_then(|text| u32::from_str_radix(text, 16).ok());
                assert_eq!(eight_digits(text), expected, "{text:?}");
            }
        }
    }

    #[test]
    fn ids_of_every_form_have_numbers_of_their_own() {
        let ids = [
            "snap-12345678",
            "snap-00000000012345678",
            "snap-10000000012345678",
            "snap-00000000112345678",
            "snap-0123456789abcdef0",
            "snap-0123456789abcdef1",
            "snap-0123456789ABCDEF0",
            "snap-1234567g",
            "snap-1",
            "snap-123456789",
            "snap-0123456789abcdef00",
        ]
        .map(|id| id.parse::<SnapshotId>().unwrap());
        let mut numbers = IdNumbers::with_capacity(2);
        for round in 0..2 {
            for (at, id) in (0..).zip(&ids) {
                assert_eq!(numbers.get(id), (round > 0).then_some(at), "{id}");
                assert_eq!(numbers.number(id, || at + round * 100), at, "{id}");
            }
        }
    }
}
