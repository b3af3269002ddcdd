//! The digest of a plan: a hash over what a JSON document says, not over how it is laid out.
//!
//! Each value is fed as a token: a tag byte, then its content; texts with their length in front, lists and objects between marks, object fields in
//! the order of the document, each name in full the first time and by its number after that. Numbers that are whole count the same written `1` or
//! `1.0`. The field `digest` of the outermost object is left out. So white space does not matter, everything else does: also fields that this
//! version does not know, which a newer minor may have written.

mod of_json;
mod of_value;

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

pub(crate) use of_json::digest_of_json;
pub(crate) use of_value::digest_of_value;

/// The field of the outermost object that holds the digest itself.
const DIGEST_FIELD: &str = "digest";

/// Bytes that are collected before they are hashed.
const BUFFER_BYTES: usize = 16 * 1024;

/// Field names that get a number; tags are field names too and may be many.
const NUMBERED_NAMES_MAX: usize = 1 << 16;

/// Takes tokens and hashes them; the document is never held.
struct TokenHasher {
    hasher: Sha256,
    buffer: Vec<u8>,
    names: HashMap<Box<str>, u32>,
}

impl TokenHasher {
    fn new() -> Self {
        Self { hasher: Sha256::new(), buffer: Vec::with_capacity(BUFFER_BYTES), names: HashMap::new() }
    }

    /// Makes room for so many bytes, which must be fewer than the buffer holds.
    fn room(&mut self, bytes: usize) -> &mut Vec<u8> {
        if self.buffer.len() + bytes > BUFFER_BYTES {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
        &mut self.buffer
    }

    fn mark(&mut self, mark: u8) {
        self.room(1).push(mark);
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
    fn numbered_name(&mut self, number: u32) {
        let [low, high, ..] = number.to_le_bytes();
        self.room(3).extend_from_slice(&[b'k', low, high]);
    }

    fn null(&mut self) {
        self.mark(b'n');
    }

    fn bool(&mut self, value: bool) {
        self.mark(if value { b't' } else { b'f' });
    }

    fn text(&mut self, text: &str) {
        match u8::try_from(text.len()) {
            Ok(len) if len < u8::MAX => {
                let buffer = self.room(2 + text.len());
                buffer.extend_from_slice(&[b's', len]);
                buffer.extend_from_slice(text.as_bytes());
            }
            _ => {
                let buffer = self.room(10);
                buffer.extend([b's', u8::MAX]);
                buffer.extend((text.len() as u64).to_le_bytes());
                for part in text.as_bytes().chunks(BUFFER_BYTES) {
                    self.room(part.len()).extend_from_slice(part);
                }
            }
        }
    }

    fn signed(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.unsigned(value),
            Err(_) => {
                let buffer = self.room(9);
                buffer.push(b'-');
                buffer.extend(value.to_le_bytes());
            }
        }
    }

    fn unsigned(&mut self, value: u64) {
        let buffer = self.room(9);
        buffer.push(b'+');
        buffer.extend(value.to_le_bytes());
    }

    fn float(&mut self, value: f64) {
        const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= EXACT_MAX {
            return self.signed(value as i64);
        }
        let buffer = self.room(9);
        buffer.push(b'.');
        buffer.extend(value.to_bits().to_le_bytes());
    }

    fn finish(mut self) -> String {
        use std::fmt::Write as _;
        self.hasher.update(&self.buffer);
        let mut text = String::with_capacity(71);
        text.push_str("sha256:");
        for byte in self.hasher.finalize() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}
