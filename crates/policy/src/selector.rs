//! Selectors: what an image is, combined with all, any and not.

use std::collections::BTreeSet;
use std::fmt;

use amictl_model::{AccountId, Image, ImageId, ImageState, LaunchPermissions, Moment, Scope, Tags};

use crate::{Duration, Glob, Truth};

/// What a selector is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The image.
    pub image: &'a Image,
    /// Where it was seen.
    pub scope: &'a Scope,
    /// The moment that is judged for.
    pub now: Moment,
}

/// A condition on images (`where`). It answers [`Truth::Unknown`] where the inventory does not hold the fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Selector {
    /// Every one holds (`all`, and several keys of one mapping).
    All(Vec<Selector>),
    /// One or more hold.
    Any(Vec<Selector>),
    /// It does not hold.
    Not(Box<Selector>),
    /// The name matches one of these.
    Name(Vec<Glob>),
    /// These tags are there, their values matched by globs.
    Tags(Vec<(Box<str>, Glob)>),
    /// `State` is one of these.
    State(Vec<ImageState>),
    /// Created this long ago or longer.
    OlderThan(Duration),
    /// Created less than this long ago.
    YoungerThan(Duration),
    /// `Architecture` matches one of these.
    Architecture(Vec<Glob>),
    /// `PlatformDetails` matches one of these, or `Platform` does, which is `windows` or nothing.
    Platform(Vec<Glob>),
    /// The Region matches one of these.
    Region(Vec<Glob>),
    /// The account is one of these.
    Account(Vec<AccountId>),
    /// `Public`.
    Public(bool),
    /// Public, or with launch permissions for anybody.
    Shared(bool),
    /// `DeprecationTime` is past.
    Deprecated(bool),
    /// Every snapshot behind it is encrypted.
    Encrypted(bool),
    /// Its volumes have so many GiB in all, or more.
    MinSizeGib(u64),
    /// Its volumes have so many GiB in all, or less.
    MaxSizeGib(u64),
    /// `SourceImageId` matches one of these.
    Source(Vec<Glob>),
    /// It is one of these; no policy file says this.
    Ids(BTreeSet<ImageId>),
}

impl Selector {
    /// Whether it holds for the image.
    #[must_use]
    pub fn truth(&self, subject: &Subject<'_>) -> Truth {
        let image = subject.image;
        match self {
            Self::All(parts) => Truth::all(parts.iter().map(|part| part.truth(subject))),
            Self::Any(parts) => Truth::any(parts.iter().map(|part| part.truth(subject))),
            Self::Not(part) => !part.truth(subject),
            Self::Name(globs) => one_of(globs, &image.name).into(),
            Self::Tags(globs) => tags_match(globs, &image.tags).into(),
            Self::State(states) => states.contains(&image.state).into(),
            Self::OlderThan(age) => age_secs(subject).map(|secs| secs >= age.as_secs()).into(),
            Self::YoungerThan(age) => age_secs(subject).map(|secs| secs < age.as_secs()).into(),
            Self::Architecture(globs) if image.architecture.is_empty() => {
                if globs.iter().any(|glob| glob.as_str() == "*") { Truth::Yes } else { Truth::Unknown }
            }
            Self::Architecture(globs) => one_of(globs, &image.architecture).into(),
            Self::Platform(globs) => platform(globs, image),
            Self::Region(globs) => one_of(globs, subject.scope.region.as_str()).into(),
            Self::Account(accounts) => accounts.contains(&subject.scope.account).into(),
            Self::Public(wanted) => (image.public == *wanted).into(),
            Self::Shared(wanted) => is_shared(image).map(|shared| shared == *wanted).into(),
            Self::Deprecated(wanted) => (image.is_deprecated(subject.now) == *wanted).into(),
            Self::Encrypted(wanted) => is_encrypted(image).map(|encrypted| encrypted == *wanted).into(),
            Self::MinSizeGib(least) => size_gib(image).map(|size| size >= *least).into(),
            Self::MaxSizeGib(most) => size_gib(image).map(|size| size <= *most).into(),
            Self::Source(globs) => image.source_image.as_deref().is_some_and(|source| one_of(globs, source)).into(),
            Self::Ids(ids) => ids.contains(&image.id).into(),
        }
    }

    /// Whether this holds for it or for a part of it.
    pub(crate) fn has(&self, is_it: &impl Fn(&Self) -> bool) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.has(is_it)),
            Self::Not(part) => part.has(is_it),
            other => is_it(other),
        }
    }
}

/// Inventories of earlier versions do not hold the platform, and AWS may have one that this version does not know.
fn platform(globs: &[Glob], image: &Image) -> Truth {
    let platform = image.platform_details;
    match platform.known() {
        Some(name) => (one_of(globs, name) || (platform.is_windows() == Some(true) && one_of(globs, "windows"))).into(),
        None if globs.iter().any(|glob| glob.as_str() == "*") => Truth::Yes,
        None => Truth::Unknown,
    }
}

/// Whether all these tags are there, their values matched by globs.
pub(crate) fn tags_match(globs: &[(Box<str>, Glob)], tags: &Tags) -> bool {
    globs.iter().all(|(key, glob)| tags.get(key).is_some_and(|value| glob.is_match(value)))
}

fn one_of(globs: &[Glob], text: &str) -> bool {
    globs.iter().any(|glob| glob.is_match(text))
}

fn age_secs(subject: &Subject<'_>) -> Option<i64> {
    subject.image.created_at.map(|created_at| subject.now.seconds_since(created_at))
}

fn is_shared(image: &Image) -> Option<bool> {
    if image.public {
        return Some(true);
    }
    match &image.launch_permissions {
        LaunchPermissions::Read(grantees) => Some(!grantees.is_empty()),
        LaunchPermissions::Unread | LaunchPermissions::Unreadable(_) => None,
    }
}

fn is_encrypted(image: &Image) -> Option<bool> {
    let mut devices = image.block_devices.iter().filter(|device| device.snapshot.is_some()).peekable();
    devices.peek()?;
    Some(devices.all(|device| device.encrypted))
}

fn size_gib(image: &Image) -> Option<u64> {
    let devices = image.block_devices.iter().filter(|device| device.snapshot.is_some());
    devices.map(|device| device.size_gib.map(u64::from)).sum()
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => joined(f, parts, " and "),
            Self::Any(parts) => joined(f, parts, " or "),
            Self::Not(part) => write!(f, "not ({part})"),
            Self::Name(globs) => listed(f, "name", globs.iter().map(Glob::as_str)),
            Self::Tags(tags) => {
                let tags: Vec<String> = tags.iter().map(|(key, glob)| format!("{key}={}", glob.as_str())).collect();
                listed(f, "tag", tags.iter().map(String::as_str))
            }
            Self::State(states) => listed(f, "state", states.iter().map(|state| state.as_str())),
            Self::OlderThan(age) => write!(f, "older than {age}"),
            Self::YoungerThan(age) => write!(f, "younger than {age}"),
            Self::Architecture(globs) => listed(f, "architecture", globs.iter().map(Glob::as_str)),
            Self::Platform(globs) => listed(f, "platform", globs.iter().map(Glob::as_str)),
            Self::Region(globs) => listed(f, "Region", globs.iter().map(Glob::as_str)),
            Self::Account(accounts) => {
                let accounts: Vec<String> = accounts.iter().map(ToString::to_string).collect();
                listed(f, "account", accounts.iter().map(String::as_str))
            }
            Self::Public(wanted) => f.write_str(if *wanted { "public" } else { "not public" }),
            Self::Shared(wanted) => f.write_str(if *wanted { "shared" } else { "not shared" }),
            Self::Deprecated(wanted) => f.write_str(if *wanted { "deprecated" } else { "not deprecated" }),
            Self::Encrypted(wanted) => f.write_str(if *wanted { "encrypted" } else { "not encrypted" }),
            Self::MinSizeGib(least) => write!(f, "{least} GiB or more"),
            Self::MaxSizeGib(most) => write!(f, "{most} GiB or less"),
            Self::Source(globs) => listed(f, "source image", globs.iter().map(Glob::as_str)),
            Self::Ids(ids) => listed(f, "image", ids.iter().map(ImageId::as_str)),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Selector], word: &str) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        match part {
            Selector::All(inner) | Selector::Any(inner) if inner.len() > 1 => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

fn listed<'a>(f: &mut fmt::Formatter<'_>, what: &str, values: impl Iterator<Item = &'a str>) -> fmt::Result {
    write!(f, "{what} {}", values.collect::<Vec<_>>().join(" or "))
}
