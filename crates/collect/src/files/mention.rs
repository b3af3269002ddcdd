//! AMI ids in a stream of bytes.

use std::collections::BTreeSet;
use std::io::{self, Read};

use amictl_model::ImageId;

/// An AMI id in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// The image.
    pub image: ImageId,
    /// The line, from 1; lines end with `\n`.
    pub line: u64,
}

/// Bytes read at once.
const CHUNK_BYTES: usize = 64 << 10;
/// Bytes that an id and the characters around it can have: `x`, `ami-`, 17 digits, one more, each with a zero byte beside it.
const OVERLAP_BYTES: usize = 2 * (1 + 4 + 17 + 1);

/// Finds the AMI ids in a text of any size, with bounded memory: `ami-` and 8 or 17 hexadecimal digits, never cut short, and
/// never part of a longer word.
///
/// Any encoding that keeps ASCII is read, UTF-16 as well. A binary file is read in the same way.
///
/// # Errors
/// When it cannot be read to its end.
pub fn mentions(mut text: impl Read, mut found: impl FnMut(Mention)) -> io::Result<()> {
    let mut finder = Finder { buffer: Vec::with_capacity(CHUNK_BYTES + OVERLAP_BYTES), line: 1 };
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match text.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => finder.take(&chunk[..count], &mut found),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    finder.search(true, &mut found);
    Ok(())
}

struct Finder {
    /// What has not been searched to its end, without zero bytes; its first byte is only looked at as the one before an id.
    buffer: Vec<u8>,
    /// The line of the buffer's first byte.
    line: u64,
}

impl Finder {
    fn take(&mut self, chunk: &[u8], found: &mut impl FnMut(Mention)) {
        // In UTF-16 every second byte of an ASCII character is zero.
        self.buffer.extend(chunk.iter().copied().filter(|byte| *byte != 0));
        if self.buffer.len() > OVERLAP_BYTES {
            self.search(false, found);
        }
    }

    /// Searches the buffer; unless it is the last one, an id that could go on behind its end is left for the next.
    fn search(&mut self, is_last: bool, found: &mut impl FnMut(Mention)) {
        let end = if is_last { self.buffer.len() } else { self.buffer.len() - OVERLAP_BYTES };
        let mut at = 0;
        while let Some(start) = self.buffer[at..].iter().position(|byte| matches!(byte, b'a' | b'A' | b'\n')) {
            at += start;
            if at >= end {
                break;
            }
            if self.buffer[at] == b'\n' {
                self.line += 1;
            } else if let Some(image) = id_at(&self.buffer, at) {
                found(Mention { image, line: self.line });
            }
            at += 1;
        }
        // One byte before what is searched next stays: an id does not begin within a word.
        let keep_from = end.saturating_sub(1);
        if !is_last {
            if self.buffer.get(keep_from) == Some(&b'\n') {
                // It was counted, and would be again.
                self.buffer[keep_from] = b' ';
            }
            self.buffer.drain(..keep_from);
            if self.buffer.first().is_some_and(|byte| matches!(byte, b'a' | b'A')) {
                // It was searched, and cannot be the start of an id that was found already.
                self.buffer[0] = b'x';
            }
        }
    }
}

/// The ids in a text, each once. An escaped line break or tab, as JSON and YAML write them, ends a word as well.
pub(crate) fn image_ids(text: &str) -> BTreeSet<ImageId> {
    let mut bytes = text.as_bytes().to_vec();
    let mut found = BTreeSet::new();
    let mut collect = |bytes: &[u8]| {
        let starts = bytes.iter().enumerate().filter(|(_, byte)| matches!(byte, b'a' | b'A'));
        found.extend(starts.filter_map(|(at, _)| id_at(bytes, at)));
    };
    collect(&bytes);
    if bytes.contains(&b'\\') {
        for at in 1..bytes.len() {
            if bytes[at - 1] == b'\\' && matches!(bytes[at], b'n' | b'r' | b't') {
                bytes[at] = b' ';
            }
        }
        collect(&bytes);
    }
    found
}

/// The id that begins here.
fn id_at(text: &[u8], at: usize) -> Option<ImageId> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric();
    if at > 0 && text.get(at - 1).is_some_and(is_word) {
        return None;
    }
    let rest = text.get(at..)?;
    if !rest.get(..4)?.eq_ignore_ascii_case(b"ami-") {
        return None;
    }
    let digits = rest[4..].iter().take_while(|byte| is_word(byte)).count();
    let digits = rest.get(4..4 + digits)?;
    if !matches!(digits.len(), 8 | 17) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    std::str::from_utf8(&rest[..4 + digits.len()]).ok()?.to_ascii_lowercase().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a few bytes at a time.
    struct Slowly<'a>(&'a [u8], usize);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn all(text: &[u8], step: usize) -> Vec<(String, u64)> {
        let mut found = Vec::new();
        mentions(Slowly(text, step), |mention| found.push((mention.image.to_string(), mention.line))).unwrap();
        found
    }

    #[test]
    fn ids_are_found_whole_with_their_lines() {
        let text = "a\nimage = \"ami-0123456789abcdef0\"\nold: ami-1a2b3c4d, AMI-0123456789ABCDEF1\n\nami-deadbeef";
        for step in [1, 2, 7, 100_000] {
            assert_eq!(
                all(text.as_bytes(), step),
                [
                    ("ami-0123456789abcdef0".to_owned(), 2),
                    ("ami-1a2b3c4d".to_owned(), 3),
                    ("ami-0123456789abcdef1".to_owned(), 3),
                    ("ami-deadbeef".to_owned(), 5)
                ],
                "{step}"
            );
        }
    }

    #[test]
    fn what_is_longer_shorter_or_part_of_a_word_is_no_id() {
        for text in [
            "ami-0123456789abcdef01",
            "ami-1234567",
            "ami-123456789",
            "xami-12345678",
            "ami-1234567g",
            "ami-12345678x",
            "ami-",
            "ami",
        ] {
            assert_eq!(all(text.as_bytes(), 3), [], "{text}");
        }
        assert_eq!(all(b"my-ami-12345678_x", 100).len(), 1);
    }

    #[test]
    fn a_text_in_memory_is_searched_behind_escapes_too() {
        let found = |text: &str| image_ids(text).iter().map(ToString::to_string).collect::<Vec<_>>();
        let text = r#"ami-12345678 x\nami-87654321\tAMI-0123456789ABCDEF0 ami-12345678"#;
        assert_eq!(found(text), ["ami-0123456789abcdef0", "ami-12345678", "ami-87654321"]);
        assert_eq!(found(r"C:\tools\nami-1234567 nami-12345678"), [""; 0]);
    }

    #[test]
    fn utf16_and_chunk_borders_hide_nothing() {
        let text =
            format!("{}\nami-0123456789abcdef0\n{}ami-12345678", "y".repeat(CHUNK_BYTES - 9), "\n".repeat(CHUNK_BYTES));
        let lines = 2 + 1 + CHUNK_BYTES as u64;
        let expected = vec![("ami-0123456789abcdef0".to_owned(), 2), ("ami-12345678".to_owned(), lines)];
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for step in [1, 1000, CHUNK_BYTES] {
            assert_eq!(all(text.as_bytes(), step), expected, "{step}");
            assert_eq!(all(&utf16, step), expected, "{step}");
        }
    }
}
