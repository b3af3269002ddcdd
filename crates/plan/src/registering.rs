//! Images that are registered: of a snapshot, or of a bundle in S3.

use amictl_model::{NewDevice, NewImageTraits, SnapshotId};
use compact_str::{CompactString, format_compact};
use serde::{Deserialize, Serialize};

use crate::{Target, Then};

/// An image that is to be registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// What it is made of.
    pub of: RegisteredOf,
    /// What the image is called: a name serves one image of an account and Region.
    pub name: Box<str>,
    /// How it is described.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// What its instances are like.
    #[serde(default)]
    pub traits: NewImageTraits,
    /// `PlatformDetails` of what it is made of, where that is billed: EC2 may lose it, so the new image is compared. Text from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Box<str>>,
    /// The devices beside the root device.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<NewDevice>,
    /// What becomes of it then. Its tags are the image's alone: the snapshots are there already.
    pub then: Then,
}

/// What an image is registered of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisteredOf {
    /// The snapshot of a root volume.
    Snapshot {
        /// Which one.
        root: RootSnapshot,
        /// The root device, whose snapshot is that one whatever it says itself.
        device: Box<NewDevice>,
        /// How long the step waits until the snapshots are completed, at most, in seconds; 0 where they are.
        #[serde(default, skip_serializing_if = "is_zero")]
        wait_seconds: u64,
    },
    /// A bundle in S3, by its manifest.
    Manifest {
        /// The bucket, in the image's Region.
        bucket: Box<str>,
        /// The key of the manifest.
        key: Box<str>,
    },
}

/// The snapshot that an image boots from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RootSnapshot {
    /// This one, in the image's account and Region.
    Id(SnapshotId),
    /// The one that this earlier step of the same plan makes.
    OfStep(CompactString),
}

impl RootSnapshot {
    /// The step that makes it.
    #[must_use]
    pub fn step(&self) -> Option<&CompactString> {
        match self {
            Self::Id(_) => None,
            Self::OfStep(step) => Some(step),
        }
    }
}

impl Registration {
    /// The earlier step that makes what it is registered of.
    #[must_use]
    pub fn of_step(&self) -> Option<&CompactString> {
        match &self.of {
            RegisteredOf::Snapshot { root, .. } => root.step(),
            RegisteredOf::Manifest { .. } => None,
        }
    }

    /// What it is registered of, where that is there already.
    #[must_use]
    pub fn source(&self) -> Option<Target> {
        match &self.of {
            RegisteredOf::Snapshot { root: RootSnapshot::Id(snapshot), .. } => Some(Target::Snapshot(snapshot.clone())),
            RegisteredOf::Snapshot { root: RootSnapshot::OfStep(_), .. } => None,
            RegisteredOf::Manifest { bucket, key } => Some(Target::S3(format_compact!("s3://{bucket}/{key}"))),
        }
    }

    /// Checks what EC2 would take for something else: a plan may have been written by anybody.
    pub(crate) fn check(&self) -> Result<(), String> {
        match &self.of {
            RegisteredOf::Snapshot { .. } if self.traits.architecture.is_none() => {
                Err("its image has no architecture, for which EC2 would take i386".to_owned())
            }
            RegisteredOf::Snapshot { device, .. } if device.virtual_name.is_some() => {
                Err("its root device is no snapshot".to_owned())
            }
            _ => Ok(()),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(seconds: &u64) -> bool {
    *seconds == 0
}
