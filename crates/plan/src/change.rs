//! What a command of the life cycle does to one image, with all its parameters: one variant a kind of change.

use amictl_model::{DeregistrationProtection, Grantee, Image, ImageState, LaunchPermissions, Moment, Region, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::removal::{Restoring, SnapshotRemoval, Termination, VolumeRemoval};
use crate::{
    Action, Bundling, Emptied, Expects, Importing, Launching, Registration, Rollout, S3Restoring, Storing, Target, Undo,
};

/// A change that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// `EnableImageDeprecation`.
    Deprecate {
        /// From when on: a whole minute, as EC2 rounds to it.
        at: Moment,
        /// Whether an earlier time that it has already stays.
        #[serde(default, skip_serializing_if = "is_false")]
        or_earlier: bool,
    },
    /// `DisableImageDeprecation`.
    Undeprecate,
    /// `DisableImage`.
    Disable,
    /// `EnableImage`.
    Enable,
    /// `EnableImageDeregistrationProtection`.
    Protect {
        /// Whether it holds for 24 hours more after it was taken away.
        with_cooldown: bool,
    },
    /// `DisableImageDeregistrationProtection`.
    Unprotect,
    /// `ModifyImageAttribute` of `launchPermission`, and of its snapshots' `createVolumePermission` where asked for.
    Share(Sharing),
    /// `CopyImage` into the step's Region.
    Copy(Copying),
    /// `CreateImage` of an instance in the step's Region.
    Create(Creation),
    /// `RegisterImage` of a snapshot or a bundle in the step's Region.
    Register(Box<Registration>),
    /// `PutParameter`: an SSM parameter names the image from then on.
    Publish(Publishing),
    /// `DeleteObjects`: the bundle of instance-store images that are gone.
    DeleteBundle(Bundling),
    /// `DeleteBucket`, once nothing is in it.
    DeleteBucket(Emptied),
    /// `CreateStoreImageTask`: the image as an object in S3.
    Store(Storing),
    /// `CreateRestoreImageTask` of such an object.
    RestoreFromS3(S3Restoring),
    /// `DeleteSnapshot` of one that images left behind.
    DeleteSnapshot(Box<SnapshotRemoval>),
    /// `DeleteVolume` of one that instances left behind.
    DeleteVolume(Box<VolumeRemoval>),
    /// `TerminateInstances`.
    Terminate(Box<Termination>),
    /// Out of the Recycle Bin: `RestoreImageFromRecycleBin` and what belongs to it.
    Restore(Box<Target>, Restoring),
    /// `CreateLaunchTemplateVersion`, `ModifyLaunchTemplate` and `StartInstanceRefresh`: a launch template and its groups get the image.
    Rollout(Box<Rollout>),
    /// `RunInstances`.
    Launch(Box<Launching>),
    /// `StartSnapshot`, `PutSnapshotBlock` and `CompleteSnapshot`: a snapshot of a disk in a file.
    Import(Box<Importing>),
}

/// A parameter that is to name an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publishing {
    /// Its name, such as `/images/web/prod`.
    pub parameter: Box<str>,
    /// What it named when the plan was made; `None` where there was no such parameter.
    pub before: Option<Box<str>>,
}

/// Whom an image is shared with, and whom not any more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    /// Who is to launch it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<Grantee>,
    /// Who is not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<Grantee>,
    /// Whether its snapshots are shared likewise.
    #[serde(default, skip_serializing_if = "is_false")]
    pub snapshots: bool,
}

/// A copy that is to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copying {
    /// The step of the same plan whose image is copied, once it is available; `None` for the image that the step itself names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_step: Option<CompactString>,
    /// Where the image is that is copied.
    pub from: Region,
    /// What the copy is called.
    pub name: Box<str>,
    /// How it is described; `None` as the image is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// Whether it is encrypted, also where the image is not.
    #[serde(default, skip_serializing_if = "is_false")]
    pub encrypted: bool,
    /// The key that it is encrypted with, of the Region of the copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<Box<str>>,
    /// In how many minutes EC2 is to have copied it, in steps of 15; `None`: when it comes to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_minutes: Option<u16>,
    /// Whether the image's tags go with it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub copy_tags: bool,
    /// `ClientToken`, by which EC2 makes no second copy: of this plan and step, set where the plan is made.
    #[serde(default)]
    pub client_token: Box<str>,
    /// What becomes of it then.
    pub then: Then,
}

/// An image that is to be made of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creation {
    /// The instance.
    pub instance: CompactString,
    /// What the image is called: a name serves one image of an account and Region.
    pub name: Box<str>,
    /// How it is described.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// Whether the instance goes on running: then its file systems may be in the middle of something.
    pub no_reboot: bool,
    /// Device names of volumes that are left out, such as `/dev/sdf`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_devices: Vec<Box<str>>,
    /// What becomes of it then.
    pub then: Then,
}

/// What becomes of an image that was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Then {
    /// Tags of the image and of its snapshots, from its beginning.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// How long the step waits until the image is available, at most; 0 for not at all.
    pub wait_seconds: u64,
    /// Who may launch it, once it is available.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub share_with: Vec<Grantee>,
    /// From when on it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecate_at: Option<Moment>,
    /// Whether it is protected from being deregistered.
    #[serde(default, skip_serializing_if = "is_false")]
    pub protect: bool,
}

impl Then {
    /// Whether something is left to do once the image is available: what is pending can be neither shared nor deprecated.
    #[must_use]
    pub fn changes_it(&self) -> bool {
        !self.share_with.is_empty() || self.deprecate_at.is_some() || self.protect
    }
}

impl Change {
    /// The action that a step with this change has.
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::Deprecate { .. } => Action::Deprecate,
            Self::Undeprecate => Action::Undeprecate,
            Self::Disable => Action::Disable,
            Self::Enable => Action::Enable,
            Self::Protect { .. } => Action::Protect,
            Self::Unprotect => Action::Unprotect,
            Self::Share(sharing) if sharing.add.is_empty() && !sharing.remove.is_empty() => Action::Unshare,
            Self::Share(_) => Action::Share,
            Self::Copy(_) => Action::Copy,
            Self::Create(_) => Action::Create,
            Self::Register(_) => Action::Register,
            Self::Publish(_) => Action::Publish,
            Self::DeleteBundle(_) => Action::DeleteBundle,
            Self::DeleteBucket(_) => Action::DeleteBucket,
            Self::Store(_) => Action::Store,
            Self::RestoreFromS3(_) => Action::RestoreFromS3,
            Self::DeleteSnapshot(_) => Action::DeleteSnapshot,
            Self::DeleteVolume(_) => Action::DeleteVolume,
            Self::Terminate(_) => Action::Terminate,
            Self::Restore(..) => Action::Restore,
            Self::Rollout(_) => Action::Rollout,
            Self::Launch(_) => Action::Launch,
            Self::Import(_) => Action::Import,
        }
    }

    /// How it can be taken back.
    #[must_use]
    pub fn undo(&self) -> Undo {
        match self {
            Self::Deprecate { .. } | Self::Undeprecate => Undo::Undeprecate,
            Self::Disable => Undo::Enable,
            Self::Enable => Undo::Disable,
            Self::Protect { .. } | Self::Unprotect => Undo::Protection,
            Self::Share(_) => Undo::Sharing,
            Self::Copy(_) | Self::Create(_) | Self::Register(_) | Self::RestoreFromS3(_) => Undo::DisableMade,
            Self::Publish(Publishing { before: Some(_), .. }) => Undo::Publish,
            Self::Publish(Publishing { before: None, .. }) => Undo::None,
            Self::DeleteSnapshot(removal) => of_bin(removal.bin_days),
            Self::DeleteVolume(removal) => of_bin(removal.bin_days),
            Self::Terminate(_) | Self::Restore(..) => Undo::None,
            Self::Rollout(rollout) if rollout.default_before.is_some() => Undo::DefaultVersion,
            Self::Rollout(_) | Self::Launch(_) | Self::Import(_) => Undo::None,
            Self::DeleteBundle(_) | Self::DeleteBucket(_) | Self::Store(_) => Undo::None,
        }
    }

    /// What it is about, where that is not the image that the step is given.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        match self {
            Self::DeleteSnapshot(removal) => Some(Target::Snapshot(removal.snapshot.id.clone())),
            Self::DeleteVolume(removal) => Some(Target::Volume(removal.id.clone())),
            Self::Terminate(termination) => Some(Target::Instance(termination.instance.clone())),
            Self::Restore(target, _) => Some((**target).clone()),
            Self::DeleteBundle(bundling) => Some(bundling.target()),
            Self::DeleteBucket(emptied) => Some(emptied.target()),
            Self::RestoreFromS3(restoring) => Some(restoring.source()),
            Self::Import(importing) => Some(importing.source()),
            Self::Register(registration) => registration.source(),
            _ => None,
        }
    }

    /// The earlier step of the same plan that makes what it works on.
    #[must_use]
    pub fn of_step(&self) -> Option<&CompactString> {
        match self {
            Self::Copy(copying) => copying.of_step.as_ref(),
            Self::Register(registration) => registration.of_step(),
            _ => None,
        }
    }

    /// What becomes of the image that it makes; `None` where it makes none.
    #[must_use]
    pub fn makes(&self) -> Option<&Then> {
        match self {
            Self::Copy(copying) => Some(&copying.then),
            Self::Create(creation) => Some(&creation.then),
            Self::Register(registration) => Some(&registration.then),
            Self::RestoreFromS3(restoring) => Some(&restoring.then),
            _ => None,
        }
    }

    /// Whether it leaves the image itself as it is: it may be another account's then, and several steps may be about it.
    #[must_use]
    pub fn leaves_the_image(&self) -> bool {
        matches!(self, Self::Rollout(_) | Self::Launch(_))
    }

    /// Whether what is done, or how it is taken back, depends on who may launch the image.
    #[must_use]
    pub fn reads_permissions(&self) -> bool {
        matches!(self, Self::Disable | Self::Share(_))
    }

    /// Whether an image is so already that there is nothing to do; never known of one that is yet to be made, nor of snapshots' sharing.
    #[must_use]
    pub fn is_so(&self, image: &Image) -> bool {
        self.is_so_of(image.state, image.deprecation_at, &image.protection, &image.launch_permissions)
    }

    /// The same of an image as it was when the plan was made.
    #[must_use]
    pub fn was_so(&self, expects: &Expects) -> bool {
        self.is_so_of(expects.state, expects.deprecation_at, &expects.protection, &expects.launch_permissions)
    }

    fn is_so_of(
        &self,
        state: ImageState,
        deprecation_at: Option<Moment>,
        protection: &DeregistrationProtection,
        permissions: &LaunchPermissions,
    ) -> bool {
        use DeregistrationProtection as Protection;
        match self {
            Self::Deprecate { at, or_earlier } => {
                deprecation_at.is_some_and(|found| is_same_minute(found, *at) || (*or_earlier && found <= *at))
            }
            Self::Undeprecate => deprecation_at.is_none(),
            Self::Disable => state == ImageState::Disabled,
            Self::Enable => state == ImageState::Available,
            Self::Protect { with_cooldown: true } => *protection == Protection::EnabledWithCooldown,
            Self::Protect { with_cooldown: false } => *protection == Protection::Enabled,
            // `disabled after …` ends by itself.
            Self::Unprotect => matches!(protection, Protection::Disabled | Protection::Other(_)),
            Self::Share(sharing) => !sharing.snapshots && sharing.open(permissions).is_some_and(|open| open.is_empty()),
            Self::Copy(_) | Self::Create(_) | Self::Register(_) | Self::Publish(_) => false,
            Self::Rollout(_) | Self::Launch(_) | Self::Import(_) => false,
            Self::DeleteSnapshot(_) | Self::DeleteVolume(_) | Self::Terminate(_) | Self::Restore(..) => false,
            Self::DeleteBundle(_) | Self::DeleteBucket(_) | Self::Store(_) | Self::RestoreFromS3(_) => false,
        }
    }
}

impl Sharing {
    /// What is still to be done where these have the image by now; `None` where that is not known.
    #[must_use]
    pub fn open(&self, have: &LaunchPermissions) -> Option<Self> {
        Some(self.open_of(have.known()?))
    }

    /// What is still to be done where these have it by now.
    #[must_use]
    pub fn open_of(&self, have: &[Grantee]) -> Self {
        Self {
            add: self.add.iter().filter(|grantee| !have.contains(grantee)).cloned().collect(),
            remove: self.remove.iter().filter(|grantee| have.contains(grantee)).cloned().collect(),
            snapshots: self.snapshots,
        }
    }

    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }
}

fn of_bin(days: Option<u64>) -> Undo {
    if days.is_some_and(|days| days > 0) { Undo::Restore } else { Undo::None }
}

/// EC2 rounds deprecations to minutes.
fn is_same_minute(a: Moment, b: Moment) -> bool {
    a.as_millis().abs_diff(b.as_millis()) < 60_000
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}
