//! The family that an image's name tells of: the name without its versions, dates, hashes and numbers.

/// The parts that look like a number or a version and are none.
const ARCHITECTURES: [&str; 2] = ["x86_64", "x86-64"];

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
    let mut at = 0;
    while at < bytes.len() {
        let separator_start = at;
        while at < bytes.len() && is_separator(bytes[at]) {
            at += 1;
        }
        let start = at;
        if let Some(architecture) = ARCHITECTURES.iter().find(|known| starts_with_part(&name[start..], known)) {
            at += architecture.len();
        } else {
            if let Some(len) = uuid_len(&bytes[start..]) {
                at += len;
                continue;
            }
            while at < bytes.len() && !is_separator(bytes[at]) {
                at += 1;
            }
            if is_variable(&bytes[start..at]) {
                continue;
            }
        }
        if start == at {
            continue;
        }
        if !family.is_empty() {
            // One separator is enough: what stood between may have been a version.
            family.push(bytes.get(separator_start).map_or('-', |byte| char::from(*byte)));
        }
        family.push_str(&name[start..at]);
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'.' | b'/' | b':' | b'@' | b' ' | b'(' | b')' | b'[' | b']' | b'+')
}

fn starts_with_part(rest: &str, part: &str) -> bool {
    rest.strip_prefix(part).is_some_and(|after| after.bytes().next().is_none_or(is_separator))
}

/// The length of a UUID at the beginning (8-4-4-4-12 hexadecimal digits).
fn uuid_len(rest: &[u8]) -> Option<usize> {
    let head = rest.get(..36)?;
    let shaped = head.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    (shaped && rest.get(36).is_none_or(|byte| is_separator(*byte))).then_some(36)
}

/// Whether a part differs from build to build.
fn is_variable(part: &[u8]) -> bool {
    let digits = part.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return false;
    }
    digits == part.len() || is_version(part) || is_timestamp(part) || is_hash(part, digits)
}

/// `v12`, `r3`, `b100`, `rc1`, `build42`, `3rd`-like numbers with a short suffix (`1a`, `5ubuntu`) are not names.
fn is_version(part: &[u8]) -> bool {
    let rest = [&b"build"[..], b"beta", b"alpha", b"rev", b"rc", b"v", b"r", b"b"]
        .iter()
        .find_map(|prefix| strip_prefix_ignore_case(part, prefix))
        .unwrap_or_default();
    !rest.is_empty() && rest.iter().all(u8::is_ascii_digit)
}

fn strip_prefix_ignore_case<'a>(part: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (head, rest) = part.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// `20261103T1230Z`, `2026T12`, `12h30`, `0930Z`: digits with the letters of a time between them.
fn is_timestamp(part: &[u8]) -> bool {
    part[0].is_ascii_digit()
        && part.len() >= 5
        && part
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'T' | b't' | b'Z' | b'z' | b'h' | b'm' | b's'))
}

/// Seven or more hexadecimal digits, at least two of them decimal ones.
fn is_hash(part: &[u8], digits: usize) -> bool {
    digits >= 2 && part.len() >= 7 && part.iter().all(u8::is_ascii_hexdigit)
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
            ("wéb-7", "wéb"),
        ] {
            assert_eq!(name_family(name), family, "{name}");
        }
    }
}
