//! Files with slips in them: what a fuzzer does to valid examples, the same on every run.

use crate::Random;

/// What the formats give a meaning to, and what is at the limits of numbers and times.
const TOKENS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\n",
    " ",
    "  ",
    "- ",
    "#",
    "&a ",
    "*a",
    "<<: *a",
    "|\n",
    "!!binary ",
    "? ",
    "---\n",
    "\u{0}",
    "\u{feff}",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "-0",
    "1e999",
    "18446744073709551616",
    "-9223372036854775808",
    "0.1",
    "9999-12-31T23:59:59.999Z",
    "-009999-01-01T00:00:00Z",
    "0000-00-00",
    "100y",
    "9999999999d",
    "[!a-z]*",
    "{version}",
    "*",
    "é",
    "\u{202e}",
];
/// Slips in one file.
const SLIPS_MAX: u64 = 6;
/// Bytes that a slip takes away, or writes again.
const RUN_BYTES_MAX: usize = 40;

/// The same bytes with a few slips: bytes changed, left out, doubled, cut off, or with something else among them.
#[must_use]
pub fn mutated(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(SLIPS_MAX) {
        let at = index(random, bytes.len());
        let end = bytes.len().min(at + index(random, RUN_BYTES_MAX));
        match random.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let run = bytes[at..end].to_vec();
                bytes.splice(at..at, run);
            }
            3 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            4 => drop(bytes.splice(at..end, random.pick(&TOKENS).bytes())),
            // A number in place of a number is read further than noise.
            5 => {
                let is_digit = |byte: &u8| byte.is_ascii_digit();
                let from = bytes[at..].iter().position(is_digit).map_or(at, |digits| at + digits);
                let to = bytes[from..].iter().position(|byte| !is_digit(byte)).map_or(bytes.len(), |len| from + len);
                bytes.splice(from..to, random.bits().to_string().into_bytes());
            }
            _ => drop(bytes.splice(at..at, random.pick(&TOKENS).bytes())),
        }
    }
    bytes
}

fn index(random: &mut Random, end: usize) -> usize {
    usize::try_from(random.below(end as u64 + 1)).unwrap_or(0)
}
