//! The version that an image is of, and ranges of versions.

use std::fmt;

use amictl_model::Image;
use semver::{BuildMetadata, Prerelease, Version, VersionReq};

use crate::NamePattern;
use crate::recipe;

/// What may stand as a range, for messages.
pub(crate) const ALLOWED: &str =
    "comparisons of versions separated by commas, such as `>=2.1, <3`, `^1.4`, `~2.3` or `1.x`";

/// A range of versions as Cargo and npm write them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRange {
    text: Box<str>,
    wanted: VersionReq,
}

impl VersionRange {
    /// The range of this text; the error is a fragment for a person.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wanted = VersionReq::parse(text).map_err(|error| error.to_string())?;
        Ok(Self { text: text.into(), wanted })
    }

    /// Whether the version lies in it. A pre-release does where its release does: `2.1.0-rc.1` lies in `>=2`.
    #[must_use]
    pub fn contains(&self, version: &Version) -> bool {
        if self.wanted.matches(version) {
            return true;
        }
        !version.pre.is_empty() && self.wanted.matches(&Version { pre: Prerelease::EMPTY, ..version.clone() })
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Where a family finds the version of its images (`version`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionSource {
    /// `tag:KEY`.
    Tag(Box<str>),
    /// `name:PLACEHOLDER`, a part of the name.
    NamePart(Box<str>),
    /// `recipe`, the version of the Image Builder recipe.
    Recipe,
    /// `name`, the whole name.
    Name,
}

impl VersionSource {
    /// The version of the image as written.
    pub(crate) fn of<'a>(&self, image: &'a Image, pattern: Option<&NamePattern>) -> Option<&'a str> {
        match self {
            Self::Tag(key) => image.tags.get(key),
            Self::NamePart(part) => pattern.and_then(|pattern| pattern.part(&image.name, part)),
            Self::Recipe => recipe::built_by(&image.tags).map(|built| built.version),
            Self::Name => Some(&*image.name),
        }
    }
}

/// Reads a version generously: a leading `v`, missing numbers and leading zeros are no hindrance (`v41`, `2026.11.03-1a2b`).
pub(crate) fn read(text: &str) -> Option<Version> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (text, build) = text.split_once('+').unwrap_or((text, ""));
    let numbers_len = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (numbers, rest) = text.split_at(numbers_len);
    // `1.2.3.4` and `1.2.` end in what no version has: the rest of the numbers counts as the pre-release does.
    let mut parts = numbers.splitn(4, '.');
    let mut number = || parts.next().map_or(Some(0), |part| part.parse::<u64>().ok());
    let (major, minor, patch) = (number()?, number()?, number()?);
    if parts.next().is_some() {
        return None;
    }
    let rest = rest.strip_prefix(['-', '_', '~', '.']).unwrap_or(rest);
    let rest: String = rest.chars().map(|c| if matches!(c, '_' | '~') { '-' } else { c }).collect();
    Some(Version { major, minor, patch, pre: pre_release(&rest)?, build: BuildMetadata::new(build).ok()? })
}

/// A pre-release whose numbers may begin with zeros, which semver forbids.
fn pre_release(text: &str) -> Option<Prerelease> {
    if text.is_empty() {
        return Some(Prerelease::EMPTY);
    }
    let identifiers: Vec<&str> = text
        .split('.')
        .map(|part| {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            match part.trim_start_matches('0') {
                "" if is_number => "0",
                trimmed if is_number => trimmed,
                _ => part,
            }
        })
        .collect();
    Prerelease::new(&identifiers.join(".")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_generously() {
        for (text, read_as) in [
            ("1.2.3", Some("1.2.3")),
            ("v41", Some("41.0.0")),
            ("1.2", Some("1.2.0")),
            ("2026.11.03-1a2b", Some("2026.11.3-1a2b")),
            ("1.0.0-rc.01", Some("1.0.0-rc.1")),
            ("1.2.3_4", Some("1.2.3-4")),
            ("1.2.3+build.7", Some("1.2.3+build.7")),
            ("20261103", Some("20261103.0.0")),
            ("1.2.3.4", None),
            ("latest", None),
            ("", None),
            ("1..2", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(read(text).map(|version| version.to_string()).as_deref(), read_as, "{text}");
        }
    }

    #[test]
    fn a_pre_release_lies_where_its_release_does() {
        for (range, version, inside) in [
            (">=2", "2.1.0-rc.1", true),
            (">=2, <3", "2.9.9", true),
            (">=2, <3", "3.0.0", false),
            ("1.x", "1.7.0", true),
            ("~2.3", "2.4.0", false),
            ("^1.4", "1.9.0", true),
            (">=2026.11", "2026.11.3-1a2b", true),
        ] {
            let range = VersionRange::parse(range).unwrap();
            assert_eq!(range.contains(&read(version).unwrap()), inside, "{range} {version}");
        }
        assert!(VersionRange::parse("two").is_err());
    }
}
