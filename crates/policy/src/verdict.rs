//! What judging says of each image.

use std::fmt;
use std::sync::Arc;

use amictl_model::Source;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// The verdict on one image of an inventory. Every image has exactly one, and its reasons are never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Index into `Inventory::scopes`.
    pub scope: u32,
    /// Index into that scope's `images`.
    pub image: u32,
    /// The family of the policy that the image belongs to, if any.
    pub family: Option<Arc<str>>,
    /// What is to become of it.
    pub decision: Decision,
    /// Where it stands between the stages, if it is kept.
    pub ladder: Ladder,
    /// Why, the strongest reason first. Reasons explain; they decide nothing. Images with equal reasons share them.
    pub reasons: Arc<[Reason]>,
}

/// What is to become of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It stays.
    Keep,
    /// It goes to this stage.
    Retire(Stage),
    /// It would go, but something could not be read that might protect it; it stays.
    Blocked,
}

impl Decision {
    /// The name in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Retire(_) => "retire",
            Self::Blocked => "blocked",
        }
    }
}

/// Where a kept image stands between the stages of its retirement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Ladder {
    /// Nowhere, or where nothing is to be done.
    #[default]
    None,
    /// It is unused, and the wait for its first stage begins when it is marked.
    Mark,
    /// It waits for a stage.
    Wait,
    /// It was staged and is kept again: what the stages did to it is taken back.
    Leave,
}

/// A stage of retirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// `EnableImageDeprecation`.
    Deprecate,
    /// `DisableImage`.
    Disable,
    /// `ModifySnapshotTier`: the snapshots of the disabled image go to the archive tier.
    ArchiveSnapshots,
    /// `DeregisterImage`, behind the fence.
    Deregister,
}

impl Stage {
    /// Every stage, in their order.
    pub const ALL: [Self; 4] = [Self::Deprecate, Self::Disable, Self::ArchiveSnapshots, Self::Deregister];

    /// The name in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deprecate => "deprecate",
            Self::Disable => "disable",
            Self::ArchiveSnapshots => "archive_snapshots",
            Self::Deregister => "deregister",
        }
    }
}

/// One reason of a verdict. Its `Display` is the message and the resource: `used by a stopped instance: i-0123456789abcdef0`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reason {
    /// What kind of reason.
    pub code: ReasonCode,
    /// A fragment for a person, which does not repeat the resource. It may hold attacker-controlled text, such as a state or a tag.
    pub message: CompactString,
    /// The source that it rests on, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The resource that it rests on, if one. Attacker-controlled text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<CompactString>,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.resource {
            Some(resource) => write!(f, "{}: {resource}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

macro_rules! reason_codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// The kinds of reason.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum ReasonCode {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl ReasonCode {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in files and output.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

reason_codes! {
    /// Something uses it.
    InUse = "in_use",
    /// Among the newest of its group that are to be kept.
    Newest = "newest",
    /// Younger than the family keeps.
    Young = "young",
    /// Launched within the time that the family keeps.
    RecentlyLaunched = "recently_launched",
    /// A slot of the calendar (daily, weekly, monthly …) keeps it.
    Calendar = "calendar",
    /// Its version is in a range that the family keeps, or cannot be told.
    Version = "version",
    /// A channel points to it, or to an image right after it.
    Channel = "channel",
    /// Deregistration protection is on, or a `protect` rule matches.
    Protected = "protected",
    /// Others may launch it.
    Shared = "shared",
    /// A `protect` rule of the policy names it, or its tag `amictl:keep-until` does.
    Excluded = "excluded",
    /// AWS Backup, Data Lifecycle Manager or EC2 Image Builder manages it.
    Managed = "managed",
    /// An image that was made from it stays.
    Ancestor = "ancestor",
    /// Unused, and its next stage is not due yet.
    Waiting = "waiting",
    /// Its state or root device is not one that this stage acts on (pending, failed, instance-store …).
    State = "state",
    /// Something that might protect it could not be read.
    Unreadable = "unreadable",
    /// No family of the policy matches it.
    NoFamily = "no_family",
    /// No creation date, so its age is unknown.
    NoDate = "no_date",
    /// Old and unused: nothing above holds.
    Unused = "unused",
    /// Somebody named it, and wants it to go even if it is used.
    AskedFor = "asked_for",
}
