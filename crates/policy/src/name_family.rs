//! The family that an image's name tells of: the name without its versions, dates, hashes and numbers.

/// The parts that look like a number or a version and are none.
const ARCHITECTURES: [&[u8]; 2] = [b"x86_64", b"x86-64"];

/// The name without its version, date, hash and number parts: `web-2026.11.03-1a2b3c4` gives `web`.
///
/// Parts are what stands between `-`, `_`, `.`, `/`, `:`, `@`, spaces and brackets. Empty when nothing is left: such a name tells of no family.
#[must_use]
pub fn name_family(name: &str) -> String {
    let mut family = String::new();
    write_name_family(name, &mut family);
    family
}

/// Like [`name_family`], into a buffer that is cleared first.
pub(crate) fn write_name_family(name: &str, family: &mut String) {
    family.clear();
    let bytes = name.as_bytes();
    // What is kept and not copied yet: parts with one separator between them are copied at once.
    let mut kept = 0..0;
    let mut at = 0;
    while at < bytes.len() {
        let separator_start = at;
        at += bytes[at..].iter().take_while(|byte| kinds(**byte) & SEPARATOR != 0).count();
        let start = at;
        let part = Part::first(&bytes[start..]);
        at += part.len;
        if part.is_variable || part.len == 0 {
            continue;
        }
        if kept.end == separator_start && start - separator_start == usize::from(!kept.is_empty()) {
            kept.end = at;
            continue;
        }
        family.push_str(&name[kept.clone()]);
        if !family.is_empty() {
            // One separator is enough: what stood between may have been a version.
            family.push(char::from(bytes[separator_start]));
        }
        kept = start..at;
    }
    family.push_str(&name[kept]);
}

/// What stands before the next separator.
struct Part {
    len: usize,
    /// Whether it differs from build to build.
    is_variable: bool,
}

impl Part {
    fn first(rest: &[u8]) -> Self {
        if let Some(len) = architecture_len(rest) {
            return Self { len, is_variable: false };
        }
        if let Some(len) = uuid_len(rest) {
            return Self { len, is_variable: true };
        }
        // One pass both finds the end and tells what the part is made of.
        let (mut len, mut digits, mut all) = (0, 0, DIGIT | HEX | TIME);
        for byte in rest {
            let kinds = kinds(*byte);
            if kinds & SEPARATOR != 0 {
                break;
            }
            len += 1;
            digits += usize::from(kinds & DIGIT);
            all &= kinds;
        }
        Self { len, is_variable: digits > 0 && is_variable(&rest[..len], digits, all) }
    }
}

/// What a byte may be; a digit is 1, so that digits are counted by adding.
const DIGIT: u8 = 1;
const SEPARATOR: u8 = 2;
const HEX: u8 = 4;
/// A digit or a letter that stands in a time such as `20261103T1230Z` or `12h30`.
const TIME: u8 = 8;

/// What each byte may be: judging a million images asks this tens of millions of times.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        kinds[byte as usize] = match byte {
            b'0'..=b'9' => DIGIT | HEX | TIME,
            b'a'..=b'f' | b'A'..=b'F' => HEX,
            b'T' | b't' | b'Z' | b'z' | b'h' | b'm' | b's' => TIME,
            b'-' | b'_' | b'.' | b'/' | b':' | b'@' | b' ' | b'(' | b')' | b'[' | b']' | b'+' => SEPARATOR,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

fn kinds(byte: u8) -> u8 {
    KINDS[usize::from(byte)]
}

/// Whether a part ends here: at the end or before a separator.
fn ends_at(rest: &[u8], len: usize) -> bool {
    rest.get(len).is_none_or(|byte| kinds(*byte) & SEPARATOR != 0)
}

/// The length of an architecture at the beginning.
fn architecture_len(rest: &[u8]) -> Option<usize> {
    if rest.first() != Some(&b'x') {
        return None;
    }
    let is_here = |known: &&&[u8]| rest.starts_with(known) && ends_at(rest, known.len());
    ARCHITECTURES.iter().find(is_here).map(|known| known.len())
}

/// The length of a UUID at the beginning (8-4-4-4-12 hexadecimal digits).
fn uuid_len(rest: &[u8]) -> Option<usize> {
    if rest.get(8) != Some(&b'-') {
        return None;
    }
    let shaped = rest.get(..36)?.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => kinds(*byte) & HEX != 0,
    });
    (shaped && ends_at(rest, 36)).then_some(36)
}

/// Whether a part with this many digits, whose bytes are `all` of these kinds, differs from build to build.
fn is_variable(part: &[u8], digits: usize, all: u8) -> bool {
    digits == part.len() || is_version(part, digits) || is_timestamp(part, all) || is_hash(part, digits, all)
}

/// `v12`, `r3`, `b100`, `rc1`, `build42`: a word for a version and then nothing but digits.
fn is_version(part: &[u8], digits: usize) -> bool {
    const WORDS: [&[u8]; 8] = [b"build", b"beta", b"alpha", b"rev", b"rc", b"v", b"r", b"b"];
    // No word has a digit, so where one stands before, all digits come after it.
    let before = &part[..part.len() - digits];
    WORDS.iter().any(|word| before.eq_ignore_ascii_case(word))
}

/// `20261103T1230Z`, `2026T12`, `12h30`, `0930Z`: digits with the letters of a time between them.
fn is_timestamp(part: &[u8], all: u8) -> bool {
    all & TIME != 0 && part.len() >= 5 && part[0].is_ascii_digit()
}

/// Seven or more hexadecimal digits, at least two of them decimal ones.
fn is_hash(part: &[u8], digits: usize, all: u8) -> bool {
    all & HEX != 0 && digits >= 2 && part.len() >= 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_build_to_build_is_left_out() {
        for (name, family) in [
            ("web", "web"),
            ("web-1.2.3", "web"),
            ("web-v41", "web"),
            ("web-server-2026.11.03-1a2b3c4", "web-server"),
            ("web server (20261103T1230Z)", "web server"),
            ("web/2026-11-03/x86_64", "web/x86_64"),
            ("web-x86_64-2", "web-x86_64"),
            ("amzn2-ami-hvm-2.0.20261103-x86_64-gp2", "amzn2-ami-hvm-x86_64-gp2"),
            (
                "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20261103",
                "ubuntu/images/hvm-ssd/ubuntu-jammy-amd64-server",
            ),
            ("app-123e4567-e89b-12d3-a456-426614174000", "app"),
            ("k8s-node-1.28-rc1", "k8s-node"),
            ("cafe-deadbee", "cafe-deadbee"),
            ("db_1699999999", "db"),
            ("golden-build42-arm64", "golden-arm64"),
            ("20261103", ""),
            ("", ""),
            ("---", ""),
            ("-web", "web"),
            ("--web--api--7-", "web-api"),
            ("(web) [2026] api", "web]api"),
            ("7-web_api-7.eu", "web_api.eu"),
            ("wéb-7", "wéb"),
        ] {
            assert_eq!(name_family(name), family, "{name}");
        }
    }
}
