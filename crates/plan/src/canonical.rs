//! The digest of a plan: a hash over what a JSON document says, not over how it is laid out.
//!
//! Each value is fed as a token: a tag byte, then its content; texts with their length in front, lists and objects between marks, object fields in
//! the order of the document, each name in full the first time and by its number after that. Numbers that are whole count the same written `1` or
//! `1.0`. The field `digest` of the outermost object is left out. So white space does not matter, everything else does: also fields that this
//! version does not know, which a newer minor may have written.

mod of_json;
mod of_value;

use foldhash::{HashMap, HashMapExt as _};
use sha2::{Digest as _, Sha256};

pub(crate) use of_json::digest_of_json;
pub(crate) use of_value::{GrowingObject, digest_of_value};

/// The field of the outermost object that holds the digest itself.
const DIGEST_FIELD: &str = "digest";

/// Bytes that are collected before they are hashed.
const BUFFER_BYTES: usize = 16 * 1024;

/// Field names that get a number; tags are field names too and may be many.
const NUMBERED_NAMES_MAX: usize = 1 << 16;

/// Takes tokens and hashes them; the document is never held.
struct TokenHasher {
    hasher: Sha256,
    buffer: Box<[u8; BUFFER_BYTES]>,
    used: usize,
    names: HashMap<Box<str>, u32>,
}

impl TokenHasher {
    fn new() -> Self {
        Self { hasher: Sha256::new(), buffer: Box::new([0; BUFFER_BYTES]), used: 0, names: HashMap::new() }
    }

    /// Room for so many bytes, which are to be written there; more than fit in the buffer are not asked for.
    #[inline(always)]
    fn room(&mut self, len: usize) -> &mut [u8] {
        if len > BUFFER_BYTES - self.used {
            self.flush();
        }
        let start = self.used;
        self.used += len;
        &mut self.buffer[start..start + len]
    }

    /// A few bytes whose number is known to the compiler: a move or two, no call.
    #[inline(always)]
    fn short<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some(room) = self.room(N).first_chunk_mut() {
            *room = bytes;
        }
    }

    #[cold]
    fn flush(&mut self) {
        self.hasher.update(&self.buffer[..self.used]);
        self.used = 0;
    }

    #[inline]
    fn mark(&mut self, mark: u8) {
        self.short([mark]);
    }

    /// A mark and a number.
    #[inline]
    fn number(&mut self, mark: u8, number: u64) {
        let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
        self.short([mark, a, b, c, d, e, f, g, h]);
    }

    /// A field name; returns its number if it has one.
    fn name(&mut self, name: &str) -> Option<u32> {
        if let Some(number) = self.names.get(name).copied() {
            self.numbered_name(number);
            return Some(number);
        }
        self.text(name);
        let number = u32::try_from(self.names.len()).ok().filter(|_| self.names.len() < NUMBERED_NAMES_MAX)?;
        self.names.insert(name.into(), number);
        Some(number)
    }

    /// A field name that came before.
    #[inline]
    fn numbered_name(&mut self, number: u32) {
        let [low, high, ..] = number.to_le_bytes();
        self.short([b'k', low, high]);
    }

    #[inline]
    fn null(&mut self) {
        self.mark(b'n');
    }

    #[inline]
    fn bool(&mut self, value: bool) {
        self.mark(if value { b't' } else { b'f' });
    }

    #[inline]
    fn text(&mut self, text: &str) {
        match u8::try_from(text.len()) {
            Ok(len) if len < u8::MAX => {
                let [mark, length, room @ ..] = self.room(2 + text.len()) else { return };
                (*mark, *length) = (b's', len);
                copy(room, text.as_bytes());
            }
            _ => self.long_text(text),
        }
    }

    #[cold]
    fn long_text(&mut self, text: &str) {
        self.short([b's', u8::MAX]);
        self.short((text.len() as u64).to_le_bytes());
        for piece in text.as_bytes().chunks(BUFFER_BYTES) {
            self.room(piece.len()).copy_from_slice(piece);
        }
    }

    #[inline]
    fn signed(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.unsigned(value),
            Err(_) => self.number(b'-', value.unsigned_abs()),
        }
    }

    #[inline]
    fn unsigned(&mut self, value: u64) {
        self.number(b'+', value);
    }

    #[inline]
    fn float(&mut self, value: f64) {
        const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= EXACT_MAX {
            return self.signed(value as i64);
        }
        self.number(b'.', value.to_bits());
    }

    fn finish(mut self) -> String {
        use std::fmt::Write as _;
        self.flush();
        let mut text = String::with_capacity(71);
        text.push_str("sha256:");
        for byte in self.hasher.finalize() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// Copies between slices of one length. Most texts are so short that a call would take longer than the two moves that cover them.
#[inline]
fn copy(to: &mut [u8], from: &[u8]) {
    match from.len() {
        33..=64 => copy_ends::<32>(to, from),
        16..=32 => copy_ends::<16>(to, from),
        8..=15 => copy_ends::<8>(to, from),
        4..=7 => copy_ends::<4>(to, from),
        _ => to.copy_from_slice(from),
    }
}

/// Copies the first and the last `N` bytes, which may overlap.
#[inline]
fn copy_ends<const N: usize>(to: &mut [u8], from: &[u8]) {
    if let (Some(to), Some(from)) = (to.first_chunk_mut::<N>(), from.first_chunk()) {
        *to = *from;
    }
    if let (Some(to), Some(from)) = (to.last_chunk_mut::<N>(), from.last_chunk()) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_every_length_hash_the_same_from_memory_and_from_a_file() {
        let around_the_buffer = BUFFER_BYTES - 20..BUFFER_BYTES + 20;
        for len in (0..300).chain(around_the_buffer).chain([3 * BUFFER_BYTES]) {
            let value = serde_json::json!([{ "a": "x".repeat(len), "é".repeat(len): null }, { "a": len }]);
            let file = serde_json::to_vec(&value).unwrap();
            assert_eq!(digest_of_value(&value).unwrap(), digest_of_json(&file).unwrap().actual, "{len}");
        }
    }
}
