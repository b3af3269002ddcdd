//! What the journal records: intents before calls, outcomes after them.

use amictl_model::{
    AccountId, Grantee, Image, ImageId, InstanceId, Moment, Region, Snapshot, SnapshotId, Volume, VolumeId,
};
use amictl_plan::Target;
use serde::{Deserialize, Serialize};

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// 1 for the first line, then without a gap.
    pub seq: u64,
    /// When it was written.
    pub at: Moment,
    /// What happened.
    pub event: Event,
}

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The first line.
    RunStarted(RunStarted),
    /// A later process took the run up again.
    RunResumed,
    /// The image as it was just before the run acted on it: all that undoing needs.
    Recorded {
        /// The step.
        step: String,
        /// The image, launch permissions included.
        image: Box<Image>,
    },
    /// A mutating call is about to be sent.
    Intent {
        /// The step.
        step: String,
        /// The call.
        call: JournalCall,
    },
    /// What came of the call.
    Outcome {
        /// The step.
        step: String,
        /// The call.
        call: JournalCall,
        /// What came of it.
        outcome: CallOutcome,
    },
    /// A resource that is no image as it was just before the run acted on it.
    Seen {
        /// The step.
        step: String,
        /// The resource.
        resource: SeenResource,
    },
    /// The image that the step would make is there already.
    Found {
        /// The step.
        step: String,
        /// The image.
        image: ImageId,
    },
    /// The snapshot that the step would make is there already, and completed; or a task has made it.
    FoundSnapshot {
        /// The step.
        step: String,
        /// The snapshot.
        snapshot: SnapshotId,
    },
    /// How far a disk has been sent.
    Sent {
        /// The step.
        step: String,
        /// The first block that may not have been put yet: all before it have, but for those that hold nothing but zeros.
        below: u32,
    },
    /// What the step did by then is put back, and why.
    TurnedBack {
        /// The step.
        step: String,
        /// Why.
        why: String,
    },
    /// References were read again behind the fence.
    Rechecked {
        /// The step.
        step: String,
        /// Why the image must not go after all; `None` when nothing uses it.
        found: Option<String>,
        /// What uses it, or could not be read, where it goes all the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overruled: Option<Overruled>,
    },
    /// The step is over.
    StepFinished {
        /// The step.
        step: String,
        /// What came of it.
        result: StepResult,
    },
    /// The process that ran it stopped in order.
    RunFinished {
        /// Whether there is more to do.
        status: RunStatus,
    },
}

/// What was seen behind the fence and does not keep the image, as somebody said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overruled {
    /// Why, in the words of whoever asked for it.
    pub why: String,
    /// The uses, and the sources that could not be read.
    pub seen: Vec<String>,
}

/// What a run is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    /// Names the run in the state folder.
    pub run_id: String,
    /// The plan.
    pub plan_id: String,
    /// Its digest.
    pub plan_digest: String,
    /// The account.
    pub account: AccountId,
    /// The Regions.
    pub regions: Vec<Region>,
    /// How many steps there are.
    pub steps: u64,
    /// How long a disabled image waits before references are read again.
    pub settle_seconds: u64,
}

/// A mutating call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalCall {
    /// `DisableImage`.
    Disable,
    /// `EnableImage`.
    Enable,
    /// `ModifyImageAttribute`: the recorded launch permissions are put back, or those that a command asks for are given and taken.
    Share,
    /// `DeregisterImage`.
    Deregister,
    /// `DeleteSnapshot`.
    DeleteSnapshot(SnapshotId),
    /// `EnableImageDeprecation`, by a stage.
    Deprecate,
    /// The deprecation is put back as it was: `DisableImageDeprecation`, or `EnableImageDeprecation` with the time that it had.
    Undeprecate,
    /// `CreateTags`.
    Tag,
    /// `DeleteTags`.
    Untag,
    /// `EnableImageDeregistrationProtection`.
    Protect,
    /// `DisableImageDeregistrationProtection`.
    Unprotect,
    /// `ModifySnapshotAttribute`.
    ShareSnapshot(Box<SharedSnapshot>),
    /// `CopyImage`.
    Copy,
    /// `CreateImage`.
    Create,
    /// `RegisterImage`.
    Register,
    /// `PutParameter`.
    Publish,
    /// `CreateLaunchTemplateVersion` with the new image.
    TemplateVersion,
    /// `ModifyLaunchTemplate`: another version is the default one.
    DefaultVersion,
    /// `StartInstanceRefresh`.
    Refresh(Box<GroupRefresh>),
    /// `RollbackInstanceRefresh` of this group.
    RollbackRefresh(Box<str>),
    /// `CancelInstanceRefresh` of this group.
    CancelRefresh(Box<str>),
    /// `CreateLaunchTemplateVersion` as the newest version was before, for groups that follow the newest.
    TemplateVersionBack,
    /// `ModifyLaunchTemplate`: the default version is again the one that it was.
    DefaultVersionBack,
    /// `StartInstanceRefresh`: the instances of a group are again as they were.
    RefreshBack(Box<GroupRefresh>),
    /// `RunInstances`.
    Launch,
    /// `RestoreSnapshotFromRecycleBin`.
    RestoreSnapshot(SnapshotId),
    /// `RestoreImageFromRecycleBin`.
    Restore,
    /// `DeleteObjects` of parts of a bundle.
    DeleteParts,
    /// `DeleteObjects` of its manifest.
    DeleteManifest,
    /// `DeleteBucket`.
    DeleteBucket,
    /// `CreateStoreImageTask`.
    Store,
    /// `CreateRestoreImageTask`.
    RestoreFromS3,
    /// `DeleteVolume`.
    DeleteVolume(VolumeId),
    /// `RestoreVolumeFromRecycleBin`.
    RestoreVolume(VolumeId),
    /// `TerminateInstances` of one.
    Terminate(InstanceId),
    /// `ModifySnapshotTier`.
    ArchiveSnapshot(SnapshotId),
    /// `RestoreSnapshotTier`.
    RestoreTier(SnapshotId),
    /// EBS `StartSnapshot`.
    StartSnapshot,
    /// EBS `PutSnapshotBlock` of every block of a disk.
    PutBlocks,
    /// EBS `CompleteSnapshot`.
    CompleteSnapshot,
    /// S3 `CreateMultipartUpload` of a disk.
    BeginUpload,
    /// S3 `UploadPart` of every part that is not there.
    UploadParts,
    /// S3 `CompleteMultipartUpload`.
    CompleteUpload,
    /// `ImportSnapshot`.
    ImportSnapshot,
    /// `CreateTags` of a snapshot that a task made.
    TagSnapshot(SnapshotId),
}

/// A resource that is no image, or that is in the Recycle Bin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenResource {
    /// A snapshot.
    Snapshot(Box<Snapshot>),
    /// A volume.
    Volume(Box<Volume>),
    /// An instance.
    Instance {
        /// `InstanceId`.
        id: InstanceId,
        /// `State.Name`.
        state: String,
    },
    /// What is to come out of the Recycle Bin, which tells nothing but its id.
    Binned {
        /// The resource.
        target: Target,
    },
}

impl JournalCall {
    /// Whether an image comes out of it.
    #[must_use]
    pub fn makes_image(&self) -> bool {
        matches!(self, Self::Copy | Self::Create | Self::Register | Self::RestoreFromS3)
    }

    /// Whether it is made to an image that is there, which has to be recorded first: what makes images or instances has none.
    #[must_use]
    pub fn is_about_an_image(&self) -> bool {
        !self.makes_image()
            && !matches!(
                self,
                Self::TemplateVersion
                    | Self::DefaultVersion
                    | Self::Refresh(_)
                    | Self::RollbackRefresh(_)
                    | Self::CancelRefresh(_)
                    | Self::TemplateVersionBack
                    | Self::DefaultVersionBack
                    | Self::RefreshBack(_)
                    | Self::Launch
                    | Self::DeleteParts
                    | Self::DeleteManifest
                    | Self::DeleteBucket
                    | Self::StartSnapshot
                    | Self::PutBlocks
                    | Self::CompleteSnapshot
                    | Self::BeginUpload
                    | Self::UploadParts
                    | Self::CompleteUpload
                    | Self::ImportSnapshot
                    | Self::TagSnapshot(_)
            )
    }
}

/// An instance refresh that is to be started.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GroupRefresh {
    /// `AutoScalingGroupName`. Text from outside.
    pub group: Box<str>,
    /// The newest refresh of the group by then: any newer one is the one that was started. Empty where there was none.
    pub after: Box<str>,
}

/// Whom a snapshot is shared with that it was not, and the other way round.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SharedSnapshot {
    /// The snapshot.
    pub id: SnapshotId,
    /// Who is let in.
    pub add: Vec<Grantee>,
    /// Who is not any more.
    pub remove: Vec<Grantee>,
}

/// What came of a mutating call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// It had its effect.
    Done,
    /// There was nothing left to do.
    AlreadyDone,
    /// The image is deregistered, and this is what AWS said of its snapshots; one that is missing here is yet to be looked at.
    Deregistered(Vec<SnapshotFate>),
    /// It made this image.
    Made(ImageId),
    /// It made this version of the launch template.
    Version(u64),
    /// It started this instance refresh.
    Refresh(Box<str>),
    /// It made this snapshot.
    Snapshot(SnapshotId),
    /// It began this upload.
    Upload(Box<str>),
    /// It began this task.
    Task(Box<str>),
    /// It launched these instances.
    Launched(Vec<Box<str>>),
    /// It had no effect.
    Failed(String),
    /// Whether it had an effect could not be found out.
    Unknown(String),
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepResult {
    /// Done; also when some snapshots stayed, see each.
    Done {
        /// What became of each snapshot of the step.
        snapshots: Vec<SnapshotFate>,
    },
    /// Nothing was done: the image is not what the plan expects any more, or the evidence is not whole.
    Skipped {
        /// Why.
        why: String,
    },
    /// It was disabled, then enabled again with its launch permissions.
    Returned {
        /// Why.
        why: String,
    },
    /// It could not be done.
    Failed {
        /// Why.
        why: String,
        /// What state the image was left in, such as `disabled`.
        left: String,
    },
}

impl StepResult {
    /// The name in files and output.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::Skipped { .. } => "skipped",
            Self::Returned { .. } => "returned",
            Self::Failed { .. } => "failed",
        }
    }
}

/// What became of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotFate {
    /// The snapshot.
    pub id: SnapshotId,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Deleted.
    Deleted,
    /// It was gone already.
    AlreadyGone,
    /// On its way to the archive tier, or there.
    Archived,
    /// It stays, and why.
    Kept(String),
    /// It should have gone and did not, and why.
    Failed(String),
}

/// How a run stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Every step is over.
    Finished,
    /// Stopped by a signal; `resume` goes on.
    Interrupted,
    /// Stopped because the journal could not be written or the credentials expired; `resume` goes on.
    Stopped,
    /// An image that was made was not available in time, or snapshots are still on their way out of the archive; everything else is over,
    /// and `resume` goes on.
    TimedOut,
}

/// What a listener hears of a run while it goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEvent {
    /// Something that holds no image up was not read.
    NotRead {
        /// Where.
        region: Region,
        /// What, and why.
        why: String,
    },
    /// A setting of the Region that people may want to know of.
    Noted {
        /// Where.
        region: Region,
        /// What.
        what: String,
    },
    /// An image has been disabled and waits.
    Fenced {
        /// The step.
        step: String,
        /// The image.
        image: ImageId,
    },
    /// An image has been made, and is pending.
    Made {
        /// The step.
        step: String,
        /// Where it is.
        region: Region,
        /// The image.
        image: ImageId,
    },
    /// A disk is being sent.
    Sending {
        /// The step.
        step: String,
        /// Bytes that were sent so far, zeros not counted.
        sent: u64,
        /// Bytes that are to be sent in all.
        of: u64,
    },
    /// What the step waits for has come further.
    Progress {
        /// The step.
        step: String,
        /// What, and how far. Text from outside.
        what: String,
    },
    /// What the step waits for did not come in time.
    TimedOut {
        /// The step.
        step: String,
        /// What it is, and how it was seen last.
        what: String,
    },
    /// A step is over.
    StepFinished {
        /// The step.
        step: String,
        /// The image, or what else it is about.
        image: Target,
        /// What came of it.
        result: StepResult,
    },
}

/// Whoever listens to a run.
pub trait RunObserver: Send + Sync {
    /// Takes note of an event.
    fn observe(&self, event: &RunEvent);
}

/// Nobody listens.
impl RunObserver for () {
    fn observe(&self, _: &RunEvent) {}
}
