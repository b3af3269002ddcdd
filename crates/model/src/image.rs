//! An Amazon Machine Image as `DescribeImages` shows it.

use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::{AccountId, ImageId, LaunchPermissions, Moment, Platform, SnapshotId, Tags};

/// An image with everything that judging, planning and undoing need (EC2 `Image`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// `ImageId`.
    pub id: ImageId,
    /// `Name`, unique in an account and Region unless a copy made it; may be empty.
    pub name: Arc<str>,
    /// `OwnerId`.
    pub owner: AccountId,
    /// `State`.
    pub state: ImageState,
    /// `Public`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub public: bool,
    /// `RootDeviceType`.
    pub root_device_type: RootDeviceType,
    /// `CreationDate`; `None` when AWS sent none or one that cannot be read.
    pub created_at: Option<Moment>,
    /// `DeprecationTime`; deprecated once this is past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecation_at: Option<Moment>,
    /// `LastLaunchedTime`: 24 h late, owner only, since April 2017; `None` does not prove that it was never launched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_launched_at: Option<Moment>,
    /// `DeregistrationProtection`.
    #[serde(default, skip_serializing_if = "DeregistrationProtection::is_disabled")]
    pub protection: DeregistrationProtection,
    /// `Description`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// `ImageLocation`, kept for instance-store images only, where it names the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Box<str>>,
    /// `Architecture`, such as `x86_64`.
    #[serde(default, skip_serializing_if = "CompactString::is_empty")]
    pub architecture: CompactString,
    /// `PlatformDetails`.
    #[serde(default, skip_serializing_if = "Platform::is_unread")]
    pub platform_details: Platform,
    /// `SourceImageId`: what this image was copied from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_image: Option<Box<str>>,
    /// `BlockDeviceMappings`, in the order of AWS. A clone shares them.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub block_devices: Arc<[BlockDevice]>,
    /// `Tags`.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// `DescribeImageAttribute(launchPermission)`, where it was read.
    #[serde(default)]
    pub launch_permissions: LaunchPermissions,
}

impl Image {
    /// Whether the image is deprecated at `now` (`DeprecationTime ≤ now`; deprecated is not a state).
    #[must_use]
    pub fn is_deprecated(&self, now: Moment) -> bool {
        self.deprecation_at.is_some_and(|at| at <= now)
    }

    /// The snapshots behind all block devices, not just the first.
    pub fn snapshots(&self) -> impl Iterator<Item = &SnapshotId> {
        self.block_devices.iter().filter_map(|device| device.snapshot.as_ref())
    }
}

/// One entry of `BlockDeviceMappings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockDevice {
    /// `DeviceName`, such as `/dev/xvda`.
    pub device_name: Arc<str>,
    /// `Ebs.SnapshotId`; `None` for an empty, an instance-store (`VirtualName`) or a suppressed device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotId>,
    /// `Ebs.VolumeSize` in GiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_gib: Option<u32>,
    /// `Ebs.Encrypted`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub encrypted: bool,
}

/// `ImageState`. Deprecated is not among them: see [`Image::is_deprecated`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageState {
    /// Being made.
    Pending,
    /// Can be launched.
    Available,
    /// The registration did not validate.
    Invalid,
    /// Gone; lingers in listings for a while.
    Deregistered,
    /// Between states.
    Transient,
    /// Creation failed.
    Failed,
    /// An error, see `StateReason`.
    Error,
    /// Disabled by its owner: cannot be launched, shared with nobody.
    Disabled,
    /// A state that this version does not know; nothing is done to such an image.
    #[serde(other)]
    Unknown,
}

impl ImageState {
    /// The name AWS uses on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Invalid => "invalid",
            Self::Deregistered => "deregistered",
            Self::Transient => "transient",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Disabled => "disabled",
            Self::Unknown => "unknown",
        }
    }

    /// The state of this wire name.
    #[must_use]
    pub fn from_wire(name: &str) -> Self {
        match name {
            "pending" => Self::Pending,
            "available" => Self::Available,
            "invalid" => Self::Invalid,
            "deregistered" => Self::Deregistered,
            "transient" => Self::Transient,
            "failed" => Self::Failed,
            "error" => Self::Error,
            "disabled" => Self::Disabled,
            _ => Self::Unknown,
        }
    }
}

/// `RootDeviceType`: where the root volume comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RootDeviceType {
    /// EBS snapshots.
    Ebs,
    /// A bundle in S3 (`instance-store`).
    InstanceStore,
    /// Something this version does not know; nothing is done to such an image.
    #[serde(other)]
    Unknown,
}

impl RootDeviceType {
    /// The name AWS uses on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ebs => "ebs",
            Self::InstanceStore => "instance-store",
            Self::Unknown => "unknown",
        }
    }
}

/// `DeregistrationProtection`, a string with a grammar of its own on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum DeregistrationProtection {
    /// `disabled`, or not sent.
    #[default]
    Disabled,
    /// `enabled-without-cooldown`.
    Enabled,
    /// `enabled-with-cooldown`: 24 h after it is switched off it still holds.
    EnabledWithCooldown,
    /// `disabled after <time>`, and any other text: treated as protected, kept as sent.
    Other(Box<str>),
}

impl DeregistrationProtection {
    /// The protection of this wire text.
    #[must_use]
    pub fn from_wire(text: &str) -> Self {
        match text {
            "" | "disabled" => Self::Disabled,
            "enabled-without-cooldown" => Self::Enabled,
            "enabled-with-cooldown" => Self::EnabledWithCooldown,
            other => Self::Other(other.into()),
        }
    }

    /// The text AWS uses on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Disabled => "disabled",
            Self::Enabled => "enabled-without-cooldown",
            Self::EnabledWithCooldown => "enabled-with-cooldown",
            Self::Other(text) => text,
        }
    }

    /// Whether nothing hinders deregistration.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        *self == Self::Disabled
    }
}

impl Serialize for DeregistrationProtection {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for DeregistrationProtection {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Ok(Self::from_wire(&text))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}

fn is_empty<T>(items: &[T]) -> bool {
    items.is_empty()
}
