//! The policy as judging uses it: parsed, checked, compiled, immutable.

use std::num::NonZeroU32;
use std::sync::Arc;

use amictl_model::{Reference, Source, Usage};
use serde::{Deserialize, Serialize};

use crate::error::SourceFile;
use crate::keep::Keep;
use crate::limits::Limits;
use crate::notify::Notify;
use crate::protect::ProtectRule;
use crate::recipe::RecipePattern;
use crate::schedules::Schedule;
use crate::selector::{Selector, Subject, tags_match};
use crate::version::VersionSource;
use crate::windows::Windows;
use crate::{Duration, Glob, NamePattern, Spot, Stage, Truth};

/// A policy: what is kept, what is retired, and how far one plan may go.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What counts as a use.
    pub references: ReferenceRules,
    /// What is never retired.
    pub protect: Vec<ProtectRule>,
    /// The caps of a plan.
    pub limits: Limits,
    /// When something may be done; always where there are none.
    pub windows: Windows,
    /// So many people must approve a plan, beside whoever made it; `None` where nobody must.
    pub approvals: Option<NonZeroU32>,
    /// Who is told before a stage, if anybody is.
    pub notify: Option<Notify>,
    /// The images that are made by the clock.
    pub schedules: Vec<Schedule>,
    /// The families, first those of schedules; an image belongs to the first that matches it.
    pub families: Vec<Family>,
    /// Whether instance-store images are judged like others, as what becomes of their bundles is seen to; no policy file says this.
    pub takes_bundles: bool,
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
    /// Where the version of an image stands, for `versions` and for counting over Regions; `None` where nothing needs it.
    pub version: Option<VersionSource>,
    /// The stages of retirement, in order; never empty.
    pub retire: Vec<Retirement>,
    /// Where the family stands.
    pub spot: Spot,
    /// Where its name pattern or tags stand.
    pub match_spot: Spot,
}

/// Which images belong to a family: all that is given must hold, and something is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FamilyMatch {
    /// The name.
    pub name: Option<NamePattern>,
    /// Tags that must all be there, their values matched by globs.
    pub tags: Vec<(Box<str>, Glob)>,
    /// The Image Builder recipe that made it.
    pub recipe: Option<RecipePattern>,
    /// The id of the Data Lifecycle Manager policy that made it.
    pub dlm_policy: Option<Glob>,
    /// What else it must be (`where`).
    pub selector: Option<Selector>,
}

/// The tag that Data Lifecycle Manager sets on its images: the id of the policy.
pub(crate) const DLM_POLICY_TAG: &str = "aws:dlm:lifecycle-policy-id";

impl FamilyMatch {
    /// Whether the image belongs to the family.
    #[inline]
    #[must_use]
    pub fn truth(&self, subject: &Subject<'_>) -> Truth {
        let image = subject.image;
        let is_match = self.name.as_ref().is_none_or(|pattern| pattern.is_match(&image.name))
            && (self.tags.is_empty() || tags_match(&self.tags, &image.tags));
        let has_more = self.recipe.is_some() || self.dlm_policy.is_some() || self.selector.is_some();
        if is_match && has_more { self.truth_of_the_rest(subject) } else { is_match.into() }
    }

    /// What most families do not ask for.
    fn truth_of_the_rest(&self, subject: &Subject<'_>) -> Truth {
        let tags = &subject.image.tags;
        let is_of_policy = |glob: &Glob| tags.get(DLM_POLICY_TAG).is_some_and(|id| glob.is_match(id));
        let is_match = self.recipe.as_ref().is_none_or(|recipe| recipe.is_match(tags))
            && self.dlm_policy.as_ref().is_none_or(is_of_policy);
        match &self.selector {
            Some(selector) if is_match => selector.truth(subject),
            _ => is_match.into(),
        }
    }
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

/// A stage of retirement with its conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retirement {
    /// The stage.
    pub stage: Stage,
    /// Time since the image was first seen to be unused, at the earliest: waits between stages are kept also when a run is late.
    pub after: Option<Duration>,
    /// What becomes of the snapshots when the image is deregistered.
    pub snapshots: SnapshotRule,
    /// The shortest retention that Recycle Bin rules must give.
    pub require_recycle_bin: Option<Duration>,
    /// Where the stage stands.
    pub spot: Spot,
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

    /// Every selector of the policy.
    pub(crate) fn selectors(&self) -> impl Iterator<Item = &Selector> {
        let of_protect = self.protect.iter().filter_map(|rule| match rule {
            ProtectRule::Where(selector) => Some(selector),
            _ => None,
        });
        of_protect.chain(self.families.iter().filter_map(|family| family.matcher.selector.as_ref()))
    }

    /// Whether a selector asks whom images are shared with, so that launch permissions decide on more than the image that they are of.
    #[must_use]
    pub fn asks_for_sharing(&self) -> bool {
        self.selectors().any(|selector| selector.has(&|part| matches!(part, Selector::Shared(_))))
    }

    /// The family that an image belongs to: the first that matches. None where that cannot be told.
    #[must_use]
    pub fn family_of(&self, subject: &Subject<'_>) -> Option<&Family> {
        let mut answers = self.families.iter().map(|family| (family, family.matcher.truth(subject)));
        answers.find(|(_, truth)| *truth != Truth::No).filter(|(_, truth)| truth.is_yes()).map(|(family, _)| family)
    }
}
