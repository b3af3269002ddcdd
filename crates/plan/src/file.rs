//! The plan file: reviewed by people, carried between machines, applied once.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use amictl_model::{
    AccountId, BlockDevice, CoverageStatus, DeregistrationProtection, ImageId, ImageState, LaunchPermissions, Moment,
    Reference, Region, SnapshotId, Source, Tags,
};
use amictl_policy::{Glob, LaunchTemplateVersions, Reason, Stage, kept_by_tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::change::is_false;
use crate::{Change, Target};

/// The format that this version writes: a reader ignores unknown fields of a minor and refuses a new major.
pub const FORMAT_VERSION: &str = "1.0";

/// A plan: every image's verdict and the steps that follow from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// See [`FORMAT_VERSION`].
    pub format_version: String,
    /// Names the plan in the state folder.
    pub plan_id: String,
    /// `sha256:` and the hash of the plan's canonical form without this field.
    pub digest: String,
    /// When the plan was made, by the wall clock.
    pub created_at: Moment,
    /// The moment that it was judged for; `--now` moves it.
    pub now: Moment,
    /// `sha256:` and the hash of the policy's text.
    pub policy_digest: String,
    /// The inventory it rests on.
    pub inventory_id: String,
    /// Whether every source of every account and Region was read whole.
    pub complete: bool,
    /// The caps that apply checks before its first call.
    pub limits: PlanLimits,
    /// What counts as use, for the check behind the fence.
    pub references: PlanReferences,
    /// When it may be carried out, such as `mon,tue 09:00-17:00 Europe/Berlin`; at any time where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Box<str>>,
    /// So many people must approve it, beside whoever made it; `None` where nobody must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals: Option<NonZeroU32>,
    /// The ARN of whoever made it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_by: Option<Box<str>>,
    /// Whether somebody named the images that go, each for itself, and the policy did not choose them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub named: bool,
    /// How each source went.
    pub coverage: Vec<PlanCoverage>,
    /// One for each image.
    pub verdicts: Vec<PlanVerdict>,
    /// What is to be done, in order.
    pub steps: Vec<Step>,
}

/// The caps of the policy, carried in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PlanLimits {
    /// Images that one plan may retire; `None` for no cap.
    pub max_actions: Option<u64>,
    /// Percentage of the inventory's images that one plan may retire; `None` for no cap.
    pub max_percent: Option<f64>,
    /// Images that the inventory must hold at least: fewer means that something was not seen.
    pub min_images: u64,
    /// How many times as many images it may retire as the last run that retired any did; `None` for no cap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_jump: Option<u64>,
    /// The caps of each family, as verdicts name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_family: Option<PlanCaps>,
    /// The caps of each account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_account: Option<PlanCaps>,
}

/// How many images of one family or account a plan may retire.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PlanCaps {
    /// Images; `None` for no cap.
    pub max_actions: Option<u64>,
    /// Percentage of its images; `None` for no cap.
    pub max_percent: Option<f64>,
}

/// The policy's rules on references, carried in the plan: apply checks by the same rules as the plan was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanReferences {
    /// Which versions of launch templates keep an image.
    pub launch_template_versions: LaunchTemplateVersions,
    /// Sources that need not be read.
    pub not_used: Vec<Source>,
    /// Tags that keep a snapshot, with globs for their values; of each entry all must be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protected_tags: Vec<BTreeMap<Box<str>, Box<str>>>,
    /// Files, folders and buckets that were searched for image ids, and are again before anything is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Box<str>>,
}

impl PlanReferences {
    /// Whether this reference keeps its image.
    #[must_use]
    pub fn counts(&self, reference: &Reference) -> bool {
        self.launch_template_versions.counts(reference)
    }

    /// Why a snapshot with these tags must not go, whatever the plan says of it; `None` where nothing in them keeps it.
    #[must_use]
    pub fn keeps_snapshot(&self, tags: &Tags, now: Moment) -> Option<String> {
        let is_there = |key: &str, glob: &str| {
            // A glob that cannot be read may mean anything.
            tags.get(key).is_some_and(|value| Glob::parse(glob).map_or(true, |glob| glob.is_match(value)))
        };
        let rule = self.protected_tags.iter().find(|rule| rule.iter().all(|(key, glob)| is_there(key, glob)));
        let by_rule = rule.map(|rule| {
            let tags: Vec<String> = rule.iter().map(|(key, glob)| format!("{key}={glob}")).collect();
            format!("the policy protects tag {}", tags.join(", "))
        });
        by_rule.or_else(|| kept_by_tags(tags, now).map(String::from))
    }
}

/// How one source went in one account and Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanCoverage {
    /// Account.
    pub account: AccountId,
    /// Region.
    pub region: Region,
    /// Source.
    pub source: Source,
    /// Whether it was read whole.
    pub status: CoverageStatus,
    /// Why not.
    pub detail: Box<str>,
    /// Items read.
    pub items: u64,
    /// Calls made.
    pub calls: u64,
    /// When reading began.
    pub read_at: Moment,
}

/// The verdict on one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanVerdict {
    /// The image.
    pub image_id: ImageId,
    /// Its account.
    pub account: AccountId,
    /// Its Region.
    pub region: Region,
    /// Its name. Attacker-controlled text.
    pub name: Arc<str>,
    /// The family of the policy that it belongs to.
    pub family: Option<Arc<str>>,
    /// `keep`, `retire` or `blocked`.
    pub decision: PlanDecision,
    /// The stage that it goes to, when it is retired.
    pub stage: Option<Stage>,
    /// Why; never empty.
    pub reasons: Arc<[Reason]>,
}

/// What is to become of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanDecision {
    /// It stays.
    Keep,
    /// It goes.
    Retire,
    /// It stays because something could not be read.
    Blocked,
}

/// One step: what is to be done to one image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Names the step in the plan and in the journal, such as `s1`.
    pub id: CompactString,
    /// What is done.
    pub action: Action,
    /// Account.
    pub account: AccountId,
    /// Region.
    pub region: Region,
    /// What it is done to; for what makes an image, the image that it is made of.
    pub target: Target,
    /// Its name, where there is no verdict that says it. Attacker-controlled text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Box<str>>,
    /// What somebody asked for with a command of the life cycle, with its parameters; `None` where the step follows from a verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Box<Change>>,
    /// Steps that must have ended first: they use a snapshot that goes with this one.
    pub after: Box<[CompactString]>,
    /// What must still hold, or the step is skipped as changed since the plan.
    pub expects: Expects,
    /// How it can be taken back.
    pub undo: Undo,
    /// Days for which the Recycle Bin must keep the image and each snapshot that goes with it, or the step is skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_recycle_bin_days: Option<NonZeroU32>,
    /// What the tags of the image are to say of its stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staging: Option<Box<Staging>>,
    /// Why it goes even if something uses it, or that is not known; `None` where a use keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub even_if_used: Option<Box<str>>,
    /// How its snapshots go.
    #[serde(default)]
    pub snapshot_deletion: SnapshotDeletion,
    /// The snapshots that go with it, and those that stay; each once. Empty when the image is only disabled.
    pub snapshots: Box<[StepSnapshot]>,
    /// What it saves a month at most, in US dollars, to four decimals: the full sizes of the snapshots that go (see [`crate::PRICES_AS_OF`]).
    pub monthly_usd_upper_bound: f64,
}

/// What the tags of a staged image say, beside the stage and when it came to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staging {
    /// The family of the policy whose stages these are.
    pub family: Arc<str>,
}

/// How the snapshots of a deregistered image go.
///
/// `DeleteAssociatedSnapshots` takes every snapshot of the image that no other AMI uses. So it may be sent only if that is what the plan says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotDeletion {
    /// With `DeleteAssociatedSnapshots`: all that stay are ones that AWS skips, as another image uses them.
    WithImage,
    /// One `DeleteSnapshot` each, as one stays that AWS would not spare.
    OneByOne,
    /// None goes.
    #[default]
    None,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// `CreateTags`: the wait for the first stage begins.
    Mark,
    /// `EnableImageDeprecation`: the stage of that name.
    Deprecate,
    /// `DisableImage`: the fence, and the stage of that name.
    Disable,
    /// `ModifySnapshotTier`: the snapshots of a disabled image that nothing else uses go to the archive tier.
    ArchiveSnapshots,
    /// The whole fence protocol: disable, settle, read the references again, then `DeregisterImage` and its snapshots.
    Deregister,
    /// What the stages did to an image that is kept again is taken back: it is enabled with its launch permissions, its deprecation and its
    /// tags are as they were.
    Leave,
    /// `DisableImageDeprecation`; this and what follows only by a command.
    Undeprecate,
    /// `EnableImage`.
    Enable,
    /// `EnableImageDeregistrationProtection`.
    Protect,
    /// `DisableImageDeregistrationProtection`.
    Unprotect,
    /// `ModifyImageAttribute`: launch permissions are given, and may be taken.
    Share,
    /// The same where they are only taken.
    Unshare,
    /// `CopyImage` into the step's Region.
    Copy,
    /// `CreateImage` of an instance.
    Create,
    /// `RegisterImage` of a snapshot or a bundle.
    Register,
    /// `PutParameter`: an SSM parameter names the image.
    Publish,
    /// `DeleteObjects`: the parts of a bundle, then its manifest.
    DeleteBundle,
    /// `DeleteBucket`.
    DeleteBucket,
    /// `CreateStoreImageTask`.
    Store,
    /// `CreateRestoreImageTask`.
    RestoreFromS3,
    /// `DeleteSnapshot`.
    DeleteSnapshot,
    /// `DeleteVolume`.
    DeleteVolume,
    /// `TerminateInstances`.
    Terminate,
    /// Out of the Recycle Bin.
    Restore,
    /// A launch template launches the image, and the instances of its Auto Scaling groups are replaced.
    Rollout,
    /// `RunInstances` of the image.
    Launch,
    /// A snapshot of a disk in a file.
    Import,
}

impl Action {
    /// The name in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mark => "mark",
            Self::Deprecate => "deprecate",
            Self::Disable => "disable",
            Self::ArchiveSnapshots => "archive_snapshots",
            Self::Deregister => "deregister",
            Self::Leave => "leave",
            Self::Undeprecate => "undeprecate",
            Self::Enable => "enable",
            Self::Protect => "protect",
            Self::Unprotect => "unprotect",
            Self::Share => "share",
            Self::Unshare => "unshare",
            Self::Copy => "copy",
            Self::Create => "create",
            Self::Register => "register",
            Self::Publish => "publish",
            Self::DeleteBundle => "delete_bundle",
            Self::DeleteBucket => "delete_bucket",
            Self::Store => "store",
            Self::RestoreFromS3 => "restore_from_s3",
            Self::DeleteSnapshot => "delete_snapshot",
            Self::DeleteVolume => "delete_volume",
            Self::Terminate => "terminate",
            Self::Restore => "restore",
            Self::Rollout => "rollout",
            Self::Launch => "launch",
            Self::Import => "import",
        }
    }

    /// The stage that it brings its image to where a verdict says so; `None` where it retires nothing. See [`Step::stage`].
    #[must_use]
    pub fn stage(self) -> Option<Stage> {
        match self {
            Self::Deprecate => Some(Stage::Deprecate),
            Self::Disable => Some(Stage::Disable),
            Self::ArchiveSnapshots => Some(Stage::ArchiveSnapshots),
            Self::Deregister => Some(Stage::Deregister),
            _ => None,
        }
    }
}

impl Step {
    /// The image that it is about; [`ImageId::NONE`] where it is about something else, which no step is that follows from a verdict.
    #[must_use]
    pub fn image(&self) -> &ImageId {
        self.target.image().unwrap_or(ImageId::NONE)
    }

    /// The stage that it brings its image to; `None` where it retires nothing, as what a command does is no retirement.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        if self.change.is_some() { None } else { self.action.stage() }
    }
}

/// How a step can be taken back once it is done.
///
/// A deregister step that has only been fenced (disabled) so far can be taken back by enabling the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// Enable the image and restore its launch permissions.
    Enable,
    /// Restore the image with its snapshots from the Recycle Bin, for `require_recycle_bin_days`.
    Restore,
    /// Put its deprecation back as it was.
    Undeprecate,
    /// `RestoreSnapshotTier`, which takes up to 72 hours. AWS charges for 90 days in the archive at least.
    RestoreTier,
    /// Put its tags back as they were.
    Untag,
    /// Disable the image again.
    Disable,
    /// Put its protection back as it was.
    Protection,
    /// Share it and its snapshots as before.
    Sharing,
    /// Disable the image that was made. It is not deleted: that takes a plan.
    DisableMade,
    /// Let the parameter name again what it named before.
    Publish,
    /// Let the launch template have the default version again that it had. What a refresh replaced stays.
    DefaultVersion,
    /// It cannot be taken back, unless the Recycle Bin happens to keep it.
    None,
}

/// A snapshot of an image that is to be deregistered, or whose snapshots are to be archived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepSnapshot {
    /// The snapshot.
    pub id: SnapshotId,
    /// Whether it goes.
    pub delete: bool,
    /// Whether it goes to the archive tier.
    #[serde(default, skip_serializing_if = "is_false")]
    pub archive: bool,
    /// Why it stays, when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_because: Option<Box<str>>,
    /// `FullSnapshotSizeInBytes`, where AWS sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_size_bytes: Option<u64>,
}

/// What an image looked like when the plan was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expects {
    /// State.
    pub state: ImageState,
    /// Public or not.
    pub public: bool,
    /// Tags.
    pub tags: Tags,
    /// Launch permissions.
    pub launch_permissions: LaunchPermissions,
    /// Block devices.
    pub block_devices: Arc<[BlockDevice]>,
    /// Deregistration protection.
    pub protection: DeregistrationProtection,
    /// Deprecation.
    pub deprecation_at: Option<Moment>,
    /// Last launch.
    pub last_launched_at: Option<Moment>,
}
