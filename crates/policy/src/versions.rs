//! The versions of a family: where its images say theirs, their order, and which one comes next.

use std::cmp::Ordering;

use amictl_model::Image;
use semver::{Prerelease, Version};

use crate::policy::{Family, FamilyMatch};
use crate::version::{VersionSource, read};
use crate::{Glob, NamePattern};

/// The placeholders of a name pattern that can be a version, the best first.
const PLACEHOLDERS: [&str; 5] = ["semver", "version", "date", "number", "build"];

/// A family whose images are told apart by their versions.
#[derive(Debug, Clone)]
pub struct VersionedFamily {
    pattern: Option<NamePattern>,
    tags: Vec<(Box<str>, Glob)>,
    source: VersionSource,
}

impl VersionedFamily {
    /// The family of a name pattern such as `web-{version}`; a plain word such as `web` means that.
    ///
    /// # Errors
    /// A fragment for a person, where the text is no pattern or has no place for a version.
    pub fn of_pattern(text: &str) -> Result<Self, String> {
        let is_plain = !text.contains(['{', '*', '?', '[']);
        let pattern = NamePattern::parse(&if is_plain { format!("{text}-{{version}}") } else { text.to_owned() })?;
        let source = of_name(&pattern)
            .ok_or_else(|| format!("a name pattern needs one of {{{}}}", PLACEHOLDERS.join("}, {")))?;
        Ok(Self { pattern: Some(pattern), tags: Vec::new(), source })
    }

    /// The family of a policy.
    ///
    /// # Errors
    /// A fragment for a person, where its images are not told by name and tags alone, or say no version.
    pub fn of_family(family: &Family) -> Result<Self, String> {
        let FamilyMatch { name, tags, recipe, dlm_policy, selector } = &family.matcher;
        if recipe.is_some() || dlm_policy.is_some() || selector.is_some() {
            return Err(format!("the images of family {} are not told by name and tags alone", family.name));
        }
        let of_name = || name.as_ref().and_then(of_name);
        let source = family
            .version
            .clone()
            .or_else(of_name)
            .ok_or_else(|| format!("family {} does not say where its images have their version", family.name))?;
        Ok(Self { pattern: name.clone(), tags: tags.clone(), source })
    }

    /// The same, with the version in this tag.
    #[must_use]
    pub fn versioned_by_tag(mut self, key: &str) -> Self {
        self.source = VersionSource::Tag(key.into());
        self
    }

    /// A filter of EC2 on names that lets all images of the family through, if names tell anything.
    #[must_use]
    pub fn name_filter(&self) -> Option<String> {
        let prefix = self.pattern.as_ref()?.prefix();
        (!prefix.is_empty()).then(|| format!("{prefix}*"))
    }

    /// The version of an image; `None` where it is not of the family, or says none.
    #[must_use]
    pub fn version_of<'a>(&self, image: &'a Image) -> Option<&'a str> {
        let is_named = self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(&image.name));
        let is_tagged = self.tags.iter().all(|(key, glob)| image.tags.get(key).is_some_and(|tag| glob.is_match(tag)));
        let version = (is_named && is_tagged).then(|| self.source.of(image, self.pattern.as_ref())).flatten();
        version.filter(|version| !version.is_empty())
    }

    /// What an image of this version is called; `None` where the pattern leaves more open than that.
    #[must_use]
    pub fn name_of(&self, version: &str) -> Option<String> {
        let VersionSource::NamePart(part) = &self.source else { return None };
        let pattern = self.pattern.as_ref()?;
        let name = pattern.as_str().replace(&format!("{{{part}}}"), version);
        (!name.contains(['{', '*', '?', '[']) && pattern.is_match(&name)).then_some(name)
    }
}

fn of_name(pattern: &NamePattern) -> Option<VersionSource> {
    let found = PLACEHOLDERS.iter().find(|known| pattern.placeholders().any(|placeholder| placeholder == **known));
    found.map(|placeholder| VersionSource::NamePart((*placeholder).into()))
}

/// How versions count on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionScheme {
    /// `1.4.2`, of which this part grows.
    Semver(Bump),
    /// The day, such as `20261122`, then `20261122.1`; with the separators that the newest one has.
    Date,
    /// `7`, then `8`; with as many digits as the newest one has.
    Counter,
}

/// The part of a version that grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bump {
    /// `1.4.2`, then `2.0.0`.
    Major,
    /// `1.4.2`, then `1.5.0`.
    Minor,
    /// `1.4.2`, then `1.4.3`; `1.4.2-rc.1`, then `1.4.2`.
    Patch,
}

/// Sorts by versions, the oldest first: as semantic versions where all are, else number by number.
pub fn sort_by_version<T>(items: &mut [T], version: impl Fn(&T) -> &str) {
    let are_semantic = items.iter().all(|item| read(version(item)).is_some());
    items.sort_by(|a, b| {
        let (a, b) = (version(a), version(b));
        let semantic = if are_semantic { read(a).cmp(&read(b)) } else { Ordering::Equal };
        semantic.then_with(|| naturally(a, b))
    });
}

/// Digits as numbers, all else as text.
fn naturally(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let ((left, after_left), (right, after_right)) = (run(a), run(b));
        let is_number = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
        let order = if is_number(left) && is_number(right) {
            let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
            left.len().cmp(&right.len()).then_with(|| left.cmp(right))
        } else {
            left.cmp(right)
        };
        if order != Ordering::Equal || (left.is_empty() && right.is_empty()) {
            return order;
        }
        (a, b) = (after_left, after_right);
    }
}

/// What begins a text and is all digits or has none.
fn run(text: &str) -> (&str, &str) {
    let is_digit = text.starts_with(|first: char| first.is_ascii_digit());
    let end = text.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(text.len());
    text.split_at(end)
}

/// The version after all of these; `today` is `YYYYMMDD`.
///
/// # Errors
/// A fragment for a person, where the versions there do not follow the scheme.
pub fn next_version(scheme: VersionScheme, versions: &[&str], today: &str) -> Result<String, String> {
    match scheme {
        VersionScheme::Semver(bump) => next_semver(bump, versions),
        VersionScheme::Counter => next_counter(versions),
        VersionScheme::Date => next_date(versions, today),
    }
}

/// The text without a leading `v`, and that.
fn bare(text: &str) -> (&str, &str) {
    text.split_at(usize::from(text.starts_with(['v', 'V'])))
}

fn next_semver(bump: Bump, versions: &[&str]) -> Result<String, String> {
    let mut newest: Option<(Version, &str)> = None;
    for text in versions {
        let found = read(text).ok_or_else(|| format!("{text:?} is no semantic version"))?;
        if newest.as_ref().is_none_or(|(version, _)| found > *version) {
            newest = Some((found, text));
        }
    }
    let Some((newest, text)) = newest else { return Ok("1.0.0".to_owned()) };
    let grown = |number: u64| number.checked_add(1).ok_or_else(|| format!("{text:?} is the last version there can be"));
    let Version { major, minor, patch, pre, .. } = newest;
    let (major, minor, patch) = match bump {
        Bump::Major => (grown(major)?, 0, 0),
        Bump::Minor => (major, grown(minor)?, 0),
        Bump::Patch if pre != Prerelease::EMPTY => (major, minor, patch),
        Bump::Patch => (major, minor, grown(patch)?),
    };
    Ok(format!("{}{major}.{minor}.{patch}", bare(text).0))
}

fn next_counter(versions: &[&str]) -> Result<String, String> {
    let mut newest: Option<(u64, &str)> = None;
    for text in versions {
        let found = bare(text).1.parse::<u64>().map_err(|_| format!("{text:?} is no number"))?;
        newest = newest.max(Some((found, text)));
    }
    let Some((newest, text)) = newest else { return Ok("1".to_owned()) };
    let next = newest.checked_add(1).ok_or_else(|| format!("{text:?} is the last number there can be"))?;
    let (v, digits) = bare(text);
    Ok(format!("{v}{next:0width$}", width = digits.len()))
}

fn next_date(versions: &[&str], today: &str) -> Result<String, String> {
    // The day of each version as digits, and which of the day it is.
    let mut days: Vec<(String, u64, &str)> = Vec::new();
    for text in versions {
        let (day, nth) = day_of(bare(text).1).ok_or_else(|| format!("{text:?} is no date"))?;
        days.push((day, nth, text));
    }
    let newest = days.iter().max_by_key(|(day, nth, _)| (day.clone(), *nth));
    if let Some((_, _, text)) = newest.filter(|(day, _, _)| day.as_str() > today) {
        return Err(format!("{text:?} is later than today, {today}"));
    }
    let separator = newest.and_then(|(_, _, text)| bare(text).1.chars().nth(4).filter(|c| !c.is_ascii_digit()));
    let v = newest.map_or("", |(_, _, text)| bare(text).0);
    let separator = separator.map(String::from).unwrap_or_default();
    let day = [&today[..4], &today[4..6], &today[6..]].join(&separator);
    let nth = days.iter().filter(|(day, _, _)| day == today).map(|(_, nth, _)| nth + 1).max();
    Ok(match nth {
        None => format!("{v}{day}"),
        Some(nth) => format!("{v}{day}.{nth}"),
    })
}

/// `2026.11.22.1` or `20261122.1`: the digits of the day, and which of the day it is.
fn day_of(text: &str) -> Option<(String, u64)> {
    let bytes = text.as_bytes();
    let separated = bytes.get(4).is_some_and(|byte| matches!(byte, b'.' | b'-' | b'_'));
    let len = if separated { 10 } else { 8 };
    let (day, rest) = (text.get(..len)?, text.get(len..)?);
    let digits: String = day.chars().filter(char::is_ascii_digit).collect();
    let nth = match rest.strip_prefix('.') {
        _ if rest.is_empty() => 0,
        Some(nth) => nth.parse().ok()?,
        None => return None,
    };
    (digits.len() == 8).then_some((digits, nth))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(name: &str) -> Image {
        let json = format!(
            r#"{{"id": "ami-1", "name": "{name}", "owner": "123456789012", "state": "available",
                "root_device_type": "ebs", "created_at": null, "tags": {{"release": "r7"}}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn images_say_their_version_in_their_name_or_a_tag() {
        for (pattern, name, version) in [
            ("web", "web-1.2.3", Some("1.2.3")),
            ("web", "web-admin-1.2.3", None),
            ("{app}-{arch}-{number}", "billing-arm64-7", Some("7")),
            ("web-{date}-{hash}", "web-20261122-1a2b3c4", Some("20261122")),
        ] {
            let family = VersionedFamily::of_pattern(pattern).unwrap();
            assert_eq!(family.version_of(&image(name)), version, "{pattern} {name}");
        }
        let family = VersionedFamily::of_pattern("web").unwrap();
        assert_eq!((family.name_of("2"), family.name_filter()), (Some("web-2".to_owned()), Some("web-*".to_owned())));
        assert_eq!(family.versioned_by_tag("release").version_of(&image("web-1")), Some("r7"));
        assert_eq!(VersionedFamily::of_pattern("{app}-{version}").unwrap().name_of("2"), None);
        assert!(VersionedFamily::of_pattern("web-*").is_err());
    }

    #[test]
    fn versions_are_sorted_by_what_they_mean() {
        let sorted = |mut versions: Vec<&'static str>| {
            sort_by_version(&mut versions, |version| version);
            versions
        };
        assert_eq!(sorted(vec!["1.10.0", "1.9.0", "1.10.0-rc.2", "v2"]), ["1.9.0", "1.10.0-rc.2", "1.10.0", "v2"]);
        assert_eq!(
            sorted(vec!["2026.11.22.10", "2026.11.22", "2026.11.22.9", "2025.1.1"]),
            ["2025.1.1", "2026.11.22", "2026.11.22.9", "2026.11.22.10"]
        );
        assert_eq!(sorted(vec!["b", "a10", "a9", ""]), ["", "a9", "a10", "b"]);
    }

    #[test]
    fn the_next_version_follows_the_newest_of_its_scheme() {
        use VersionScheme::{Counter, Date, Semver};
        let today = "20261122";
        for (scheme, versions, next) in [
            (Semver(Bump::Patch), &[][..], Some("1.0.0")),
            (Semver(Bump::Patch), &["1.9.0", "1.10.2"], Some("1.10.3")),
            (Semver(Bump::Minor), &["v1.9.0", "v1.10.2"], Some("v1.11.0")),
            (Semver(Bump::Major), &["1.10.2"], Some("2.0.0")),
            (Semver(Bump::Patch), &["2.0.0-rc.1", "1.9.9"], Some("2.0.0")),
            (Semver(Bump::Patch), &["latest"], None),
            (Semver(Bump::Major), &["18446744073709551615.0.0"], None),
            (Counter, &[], Some("1")),
            (Counter, &["0009", "0008"], Some("0010")),
            (Counter, &["v41"], Some("v42")),
            (Counter, &["1.2"], None),
            (Date, &[], Some("20261122")),
            (Date, &["20261121"], Some("20261122")),
            (Date, &["20261122", "20261122.3"], Some("20261122.4")),
            (Date, &["2026.11.22"], Some("2026.11.22.1")),
            (Date, &["2026-11-01"], Some("2026-11-22")),
            (Date, &["20270101"], None),
            (Date, &["1.2.3"], None),
        ] {
            assert_eq!(next_version(scheme, versions, today).ok().as_deref(), next, "{scheme:?} {versions:?}");
        }
    }
}
