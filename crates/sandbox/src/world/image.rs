//! An image with everything that EC2 keeps about it.

use std::collections::BTreeSet;
use std::sync::Arc;

use amictl_model::{AccountId, Grantee, ImageId, ImageState, Moment, Region, RootDeviceType, SnapshotId, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// `LastLaunchedTime` shows a launch this many seconds after it happened.
pub const LAUNCH_REPORTED_AFTER_SECS: i64 = 24 * 3600;

/// An image.
#[derive(Debug, Clone)]
pub struct Image {
    /// `ImageId`.
    pub id: ImageId,
    /// `OwnerId`.
    pub owner: AccountId,
    /// `Name`.
    pub name: Arc<str>,
    /// `Description`.
    pub description: Option<Box<str>>,
    /// `ImageLocation`; for EBS-backed images it is made of owner and name.
    pub location: Option<Box<str>>,
    /// `State`.
    pub state: ImageState,
    /// `CreationDate`.
    pub created_at: Moment,
    /// `DeprecationTime`.
    pub deprecation_at: Option<Moment>,
    /// The launches that `LastLaunchedTime` may have to tell of.
    pub launches: Launches,
    /// `DeregistrationProtection`.
    pub protection: Protection,
    /// `BlockDeviceMappings`.
    pub mappings: Box<[Mapping]>,
    /// `Tags`.
    pub tags: Tags,
    /// Launch permissions.
    pub permissions: BTreeSet<Grantee>,
    /// `SourceImageId`.
    pub source_image: Option<ImageId>,
    /// `SourceImageRegion`.
    pub source_region: Option<Region>,
    /// `SourceInstanceId`.
    pub source_instance: Option<CompactString>,
    /// What many images have in common.
    pub traits: Arc<ImageTraits>,
}

/// What many images have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageTraits {
    /// `Architecture`.
    pub architecture: CompactString,
    /// `RootDeviceName`.
    pub root_device_name: Option<CompactString>,
    /// `RootDeviceType`.
    pub root_device_type: RootDeviceType,
    /// `VirtualizationType`.
    pub virtualization_type: CompactString,
    /// `EnaSupport`.
    pub ena_support: bool,
    /// `SriovNetSupport`.
    pub sriov_net_support: Option<CompactString>,
    /// `BootMode`.
    pub boot_mode: Option<CompactString>,
    /// `TpmSupport`.
    pub tpm_support: Option<CompactString>,
    /// `ImdsSupport`.
    pub imds_support: Option<CompactString>,
    /// `Platform`: `windows`, or none.
    pub platform: Option<CompactString>,
    /// `KernelId`.
    pub kernel: Option<CompactString>,
    /// `RamdiskId`.
    pub ramdisk: Option<CompactString>,
}

impl Default for ImageTraits {
    fn default() -> Self {
        Self {
            architecture: "x86_64".into(),
            root_device_name: Some("/dev/xvda".into()),
            root_device_type: RootDeviceType::Ebs,
            virtualization_type: "hvm".into(),
            ena_support: true,
            sriov_net_support: Some("simple".into()),
            boot_mode: None,
            tpm_support: None,
            imds_support: None,
            platform: None,
            kernel: None,
            ramdisk: None,
        }
    }
}

impl Image {
    /// `Public`.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.permissions.iter().any(|grantee| matches!(grantee, Grantee::Group(_)))
    }

    /// Whether it is deprecated at this time.
    #[must_use]
    pub fn is_deprecated(&self, now: Moment) -> bool {
        self.deprecation_at.is_some_and(|at| at <= now)
    }

    /// Whether this account may launch it.
    #[must_use]
    pub fn is_launchable_by(&self, account: AccountId) -> bool {
        self.owner == account || self.is_public() || self.permissions.contains(&Grantee::Account(account))
    }

    /// Whether this account may see it by its id: an owner always, others while it is available and shared.
    #[must_use]
    pub fn is_visible_to(&self, account: AccountId) -> bool {
        self.owner == account || (self.state != ImageState::Disabled && self.is_launchable_by(account))
    }

    /// Whether AWS Backup manages it.
    #[must_use]
    pub fn is_of_backup(&self) -> bool {
        self.tags.get("aws:backup:source-resource").is_some()
    }

    /// The snapshots behind all devices.
    pub fn snapshots(&self) -> impl Iterator<Item = &SnapshotId> {
        self.mappings.iter().filter_map(|mapping| mapping.ebs.as_ref()?.snapshot.as_ref())
    }

    /// `ImageLocation`.
    #[must_use]
    pub fn location(&self) -> String {
        self.location.as_deref().map_or_else(|| format!("{}/{}", self.owner, self.name), str::to_owned)
    }
}

/// One entry of `BlockDeviceMappings`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// `DeviceName`.
    pub device_name: CompactString,
    /// `Ebs`.
    pub ebs: Option<MappedEbs>,
    /// `VirtualName`.
    pub virtual_name: Option<CompactString>,
    /// `NoDevice`: suppresses the device of the image that this is laid over.
    pub no_device: bool,
}

/// `Ebs` of a block device mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappedEbs {
    /// `SnapshotId`.
    pub snapshot: Option<SnapshotId>,
    /// `VolumeSize` in GiB.
    pub size_gib: Option<u32>,
    /// `VolumeType`.
    pub volume_type: Option<CompactString>,
    /// `Encrypted`.
    pub encrypted: bool,
    /// `DeleteOnTermination`.
    pub delete_on_termination: Option<bool>,
    /// `Iops`.
    pub iops: Option<u32>,
    /// `Throughput` in MiB/s.
    pub throughput: Option<u32>,
    /// `KmsKeyId`.
    pub kms_key: Option<Box<str>>,
}

/// Deregistration protection and its cooldown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Protection {
    /// Off.
    #[default]
    Disabled,
    /// On.
    Enabled,
    /// On, and on for 24 h more after it is switched off.
    EnabledWithCooldown,
    /// Switched off, but on until then.
    CoolingDown(Moment),
}

impl Protection {
    /// Seconds for which protection with a cooldown goes on.
    pub const COOLDOWN_SECS: i64 = 24 * 3600;

    /// Whether it forbids deregistration at this time.
    #[must_use]
    pub fn holds(self, now: Moment) -> bool {
        match self {
            Self::Disabled => false,
            Self::Enabled | Self::EnabledWithCooldown => true,
            Self::CoolingDown(until) => now < until,
        }
    }

    /// The text on the wire at this time.
    #[must_use]
    pub fn wire(self, now: Moment) -> String {
        match self {
            Self::Enabled => "enabled-without-cooldown".to_owned(),
            Self::EnabledWithCooldown => "enabled-with-cooldown".to_owned(),
            Self::CoolingDown(until) if now < until => format!("disabled after {}", crate::wire::wire_time(until)),
            Self::Disabled | Self::CoolingDown(_) => "disabled".to_owned(),
        }
    }
}

/// When an image was launched, as far as `LastLaunchedTime` needs it: launches show [`LAUNCH_REPORTED_AFTER_SECS`] late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Launches {
    reported: Option<Moment>,
    unreported: Option<Moment>,
    newest: Option<Moment>,
}

impl Launches {
    /// A launch of long ago, already reported.
    #[must_use]
    pub fn reported(at: Moment) -> Self {
        Self { reported: Some(at), unreported: None, newest: None }
    }

    /// Notes a launch.
    pub fn note(&mut self, now: Moment) {
        self.reported = self.shown(now);
        let is_due = |at: &Moment| now.seconds_since(*at) >= LAUNCH_REPORTED_AFTER_SECS;
        self.unreported =
            self.unreported.filter(|at| !is_due(at)).or(self.newest.filter(|at| !is_due(at))).or(Some(now));
        self.newest = Some(now);
    }

    /// `LastLaunchedTime` at this time.
    #[must_use]
    pub fn shown(&self, now: Moment) -> Option<Moment> {
        [self.newest, self.unreported]
            .into_iter()
            .flatten()
            .find(|at| now.seconds_since(*at) >= LAUNCH_REPORTED_AFTER_SECS)
            .or(self.reported)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn launches_show_a_day_late_also_when_there_are_many() {
        let hour = |hour: i64| Moment::from_secs(1_000_000 + hour * 3600);
        let mut launches = Launches::default();
        launches.note(hour(0));
        assert_eq!(launches.shown(hour(23)), None);
        assert_eq!(launches.shown(hour(24)), Some(hour(0)));
        for at in 1..=30 {
            launches.note(hour(at));
        }
        assert_eq!(launches.shown(hour(30)), Some(hour(0)));
        assert_eq!(launches.shown(hour(54)), Some(hour(30)));
    }

    #[test]
    fn protection_cools_down() {
        let (now, until) = (Moment::from_secs(1000), Moment::from_secs(2000));
        assert!(Protection::CoolingDown(until).holds(now) && !Protection::CoolingDown(until).holds(until));
        assert_eq!(Protection::CoolingDown(until).wire(now), "disabled after 1970-01-01T00:33:20.000Z");
        assert_eq!(Protection::CoolingDown(until).wire(until), "disabled");
    }
}
