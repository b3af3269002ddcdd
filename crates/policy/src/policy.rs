//! The policy as judging uses it: parsed, checked, compiled, immutable.

use std::sync::Arc;

use amictl_model::{AccountId, Image, ImageId, Reference, Scope, Source, Tags, Usage};
use serde::{Deserialize, Serialize};

use crate::error::SourceFile;
use crate::{Duration, Glob, NamePattern, Spot, Stage};

/// A policy: what is kept, what is retired, and how far one plan may go.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What counts as a use.
    pub references: ReferenceRules,
    /// What is never retired.
    pub protect: Vec<ProtectRule>,
    /// The caps of a plan.
    pub limits: Limits,
    /// The families; an image belongs to the first that matches it.
    pub families: Vec<Family>,
    pub(crate) file: SourceFile,
}

/// What counts as a use of an image (`references`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceRules {
    /// Which versions of launch templates keep an image.
    pub launch_template_versions: LaunchTemplateVersions,
    /// What is asked of images that other accounts may launch.
    pub other_accounts: OtherAccounts,
    /// What becomes of the images that others were made from.
    pub ancestors: Ancestors,
    /// Sources that the account does not use: reading them is not required.
    pub not_used: Vec<Source>,
}

/// What becomes of the images that others were made from (`SourceImageId`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ancestors {
    /// They stay as long as an image does that was made from them.
    Keep,
    /// They are judged for themselves.
    Ignore,
}

/// Which versions of launch templates keep an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaunchTemplateVersions {
    /// Every version.
    All,
    /// The default and the newest version.
    DefaultAndLatest,
    /// The default version and this many of the newest.
    Newest(u32),
}

impl LaunchTemplateVersions {
    /// Whether this reference keeps its image. Only versions of launch templates can fail to; the default version always does, as
    /// it is what a launch without a version uses.
    #[must_use]
    pub fn counts(self, reference: &Reference) -> bool {
        let Usage::LaunchTemplateVersion { age_rank, default, .. } = &reference.usage else { return true };
        match self {
            Self::All => true,
            Self::DefaultAndLatest => *default || *age_rank == 0,
            Self::Newest(count) => *default || *age_rank < count,
        }
    }
}

/// What is asked of images that other accounts may launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherAccounts {
    /// Their use must be known: from the scan where it covers all of them, otherwise from a usage report.
    Required,
    /// The use by accounts that are not scanned does not matter.
    Ignore,
}

/// One entry of `protect`: what it matches is kept.
#[derive(Debug, Clone, PartialEq)]
pub enum ProtectRule {
    /// All these tags, their values matched by globs. Snapshots with these tags are kept too.
    Tag(Vec<(Box<str>, Glob)>),
    /// Images whose name matches.
    Name(Glob),
    /// One image.
    Image(ImageId),
    /// Every image and snapshot of an account.
    Account(AccountId),
}

impl ProtectRule {
    /// Whether the rule keeps this image.
    #[must_use]
    pub fn matches(&self, image: &Image, scope: &Scope) -> bool {
        match self {
            Self::Tag(tags) => all_match(tags, &image.tags),
            Self::Name(glob) => glob.is_match(&image.name),
            Self::Image(id) => *id == image.id,
            Self::Account(account) => *account == scope.account,
        }
    }

    /// Whether the rule keeps a snapshot with these tags.
    #[must_use]
    pub fn matches_snapshot(&self, tags: &Tags, scope: &Scope) -> bool {
        match self {
            Self::Tag(globs) => all_match(globs, tags),
            Self::Account(account) => *account == scope.account,
            Self::Name(_) | Self::Image(_) => false,
        }
    }

    /// The rule in a few words, such as `tag amictl:keep=*`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Tag(tags) => {
                let tags: Vec<String> = tags.iter().map(|(key, glob)| format!("{key}={}", glob.as_str())).collect();
                format!("tag {}", tags.join(", "))
            }
            Self::Name(glob) => format!("name {}", glob.as_str()),
            Self::Image(id) => format!("image {id}"),
            Self::Account(account) => format!("account {account}"),
        }
    }
}

/// The caps of one plan (`limits`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Images that one plan may retire.
    pub max_actions: u64,
    /// Percentage of the inventory's images that one plan may retire.
    pub max_percent: f64,
    /// Images that the inventory must hold at least.
    pub min_images: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_actions: 100, max_percent: 20.0, min_images: 1 }
    }
}

/// Images that belong together and how they are kept and retired.
#[derive(Debug, Clone)]
pub struct Family {
    /// Its name.
    pub name: Arc<str>,
    /// Which images belong to it.
    pub matcher: FamilyMatch,
    /// What splits it into groups, each with its own `newest` and `calendar`.
    pub group_by: Vec<GroupKey>,
    /// What is kept.
    pub keep: Keep,
    /// The stages of retirement, in order; never empty.
    pub retire: Vec<Retirement>,
    /// Where the family stands.
    pub spot: Spot,
    /// Where its name pattern or tags stand.
    pub match_spot: Spot,
}

impl Family {
    /// The stage that this version carries out: the only one, without conditions.
    #[must_use]
    pub fn only_stage(&self) -> Option<Stage> {
        match self.retire.as_slice() {
            [only] if only.is_carried_out() => Some(only.stage),
            _ => None,
        }
    }
}

/// Which images belong to a family: all that is given must hold, and something is.
#[derive(Debug, Clone, PartialEq)]
pub struct FamilyMatch {
    /// The name.
    pub name: Option<NamePattern>,
    /// Tags that must all be there, their values matched by globs.
    pub tags: Vec<(Box<str>, Glob)>,
}

impl FamilyMatch {
    /// Whether an image with this name and these tags belongs to the family.
    #[must_use]
    pub fn is_match(&self, name: &str, tags: &Tags) -> bool {
        self.name.as_ref().is_none_or(|pattern| pattern.is_match(name)) && all_match(&self.tags, tags)
    }
}

fn all_match(globs: &[(Box<str>, Glob)], tags: &Tags) -> bool {
    globs.iter().all(|(key, glob)| tags.get(key).is_some_and(|value| glob.is_match(value)))
}

/// What splits a family into groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupKey {
    /// `tag:KEY`: the value of a tag.
    Tag(Box<str>),
    /// `name:PLACEHOLDER`: a part of the name.
    NamePart(Box<str>),
    /// `name_family`: see [`name_family`](crate::name_family).
    NameFamily,
}

/// What a family keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keep {
    /// So many of the newest usable images of each group.
    pub newest: u32,
    /// Images younger than this.
    pub younger_than: Option<Duration>,
    /// Images launched within this time.
    pub launched_within: Option<Duration>,
    /// The newest image of each of the last slots.
    pub calendar: Calendar,
}

/// How many slots of each length keep their newest image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Days.
    pub daily: u32,
    /// Weeks, from Monday.
    pub weekly: u32,
    /// Months.
    pub monthly: u32,
    /// Years.
    pub yearly: u32,
}

impl Calendar {
    /// Whether it keeps anything.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// A stage of retirement with its conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retirement {
    /// The stage.
    pub stage: Stage,
    /// Time since the image became unused.
    pub after: Option<Duration>,
    /// What becomes of the snapshots when the image is deregistered.
    pub snapshots: SnapshotRule,
    /// The shortest retention that Recycle Bin rules must give.
    pub require_recycle_bin: Option<Duration>,
    /// Where the stage stands.
    pub spot: Spot,
}

impl Retirement {
    /// Whether this version carries the stage out as written.
    fn is_carried_out(&self) -> bool {
        self.stage != Stage::Deprecate && self.after.is_none() && self.require_recycle_bin.is_none()
    }
}

/// What becomes of the snapshots of a deregistered image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SnapshotRule {
    /// They are deleted, unless something else needs them.
    #[default]
    Delete,
    /// They stay.
    Keep,
}

impl Policy {
    /// The text that the policy was parsed from.
    #[must_use]
    pub fn text(&self) -> &str {
        self.file.text()
    }

    /// `sha256:` and the hash of the policy's text: what a plan says it was made with.
    #[must_use]
    pub fn digest(&self) -> String {
        use sha2::Digest as _;
        let mut out = String::from("sha256:");
        for byte in sha2::Sha256::digest(self.text().as_bytes()) {
            out.push_str(&format!("{byte:02x}"));
        }
        out
    }

    /// The family that an image belongs to: the first that matches.
    #[must_use]
    pub fn family_of(&self, image: &Image) -> Option<&Family> {
        self.families.iter().find(|family| family.matcher.is_match(&image.name, &image.tags))
    }
}
