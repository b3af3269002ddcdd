//! An image with everything that EC2 keeps about it.

use std::collections::BTreeSet;
use std::sync::Arc;

use amictl_model::{AccountId, Grantee, ImageId, ImageState, Moment, Region, RootDeviceType, SnapshotId, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::ImageExtras;

/// `LastLaunchedTime` shows a launch this many seconds after it happened.
pub const LAUNCH_REPORTED_AFTER_SECS: i64 = 24 * 3600;

/// An image.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Image {
    /// `ImageId`.
    pub id: ImageId,
    /// `OwnerId`.
    pub owner: AccountId,
    /// `Name`.
    pub name: Arc<str>,
    /// `Description`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// `ImageLocation`; for EBS-backed images it is made of owner and name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Box<str>>,
    /// `State`, once nothing is under way any more: see `state_at`.
    pub state: ImageState,
    /// `CreationDate`.
    pub created_at: Moment,
    /// When it was asked to be deprecated: see `deprecation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecation_at: Option<Moment>,
    /// The launches that `LastLaunchedTime` may have to tell of.
    #[serde(default, skip_serializing_if = "Launches::is_none")]
    pub launches: Launches,
    /// `DeregistrationProtection`.
    #[serde(default, skip_serializing_if = "Protection::is_disabled")]
    pub protection: Protection,
    /// `BlockDeviceMappings`.
    pub mappings: Box<[Mapping]>,
    /// `Tags`.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Launch permissions.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub permissions: BTreeSet<Grantee>,
    /// `SourceImageId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_image: Option<ImageId>,
    /// `SourceImageRegion`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_region: Option<Region>,
    /// `SourceInstanceId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_instance: Option<CompactString>,
    /// What many images have in common.
    #[serde(
        default = "shared::usual",
        skip_serializing_if = "shared::is_default",
        deserialize_with = "shared::traits"
    )]
    pub traits: Arc<ImageTraits>,
    /// What few images have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extras: Option<Box<ImageExtras>>,
}

/// What many images have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageTraits {
    /// `Architecture`.
    pub architecture: CompactString,
    /// `RootDeviceName`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_device_name: Option<CompactString>,
    /// `RootDeviceType`.
    pub root_device_type: RootDeviceType,
    /// `VirtualizationType`.
    pub virtualization_type: CompactString,
    /// `EnaSupport`.
    pub ena_support: bool,
    /// `SriovNetSupport`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sriov_net_support: Option<CompactString>,
    /// `BootMode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot_mode: Option<CompactString>,
    /// `TpmSupport`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpm_support: Option<CompactString>,
    /// `ImdsSupport`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imds_support: Option<CompactString>,
    /// `Platform`: `windows`, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<CompactString>,
    /// `KernelId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<CompactString>,
    /// `RamdiskId`.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    /// Years after its creation when a public image is deprecated at the latest.
    pub const PUBLIC_DEPRECATION_YEARS: i16 = 2;

    /// An available, private image without devices.
    #[must_use]
    pub fn new(id: ImageId, owner: AccountId, name: &str, created_at: Moment) -> Self {
        Self {
            id,
            owner,
            name: name.into(),
            description: None,
            location: None,
            state: ImageState::Available,
            created_at,
            deprecation_at: None,
            launches: Launches::default(),
            protection: Protection::default(),
            mappings: Box::default(),
            tags: Tags::default(),
            permissions: BTreeSet::new(),
            source_image: None,
            source_region: None,
            source_instance: None,
            traits: Arc::default(),
            extras: None,
        }
    }

    /// `Public`.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.permissions.iter().any(|grantee| matches!(grantee, Grantee::Group(_)))
    }

    /// `DeprecationTime`: public images are deprecated two years after their creation, if not before.
    #[must_use]
    pub fn deprecation(&self) -> Option<Moment> {
        if !self.is_public() {
            return self.deprecation_at;
        }
        let latest = years_after(self.created_at, Self::PUBLIC_DEPRECATION_YEARS);
        Some(self.deprecation_at.map_or(latest, |at| at.min(latest)))
    }

    /// Whether it is deprecated at this time.
    #[must_use]
    pub fn is_deprecated(&self, now: Moment) -> bool {
        self.deprecation().is_some_and(|at| at <= now)
    }

    /// Replaces the launch permissions. An image that is public no more keeps the deprecation that it had by that.
    pub fn share(&mut self, permissions: BTreeSet<Grantee>) {
        self.deprecation_at = self.deprecation();
        self.permissions = permissions;
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

/// The same date so many years later.
pub(crate) fn years_after(moment: Moment, years: i16) -> Moment {
    let zoned = moment.to_timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    match zoned.checked_add(jiff::Span::new().years(years)) {
        Ok(later) => Moment::from_millis(later.timestamp().as_millisecond()),
        Err(_) => moment,
    }
}

/// One entry of `BlockDeviceMappings`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mapping {
    /// `DeviceName`.
    pub device_name: CompactString,
    /// `Ebs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ebs: Option<MappedEbs>,
    /// `VirtualName`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_name: Option<CompactString>,
    /// `NoDevice`: suppresses the device of the image that this is laid over.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_device: bool,
}

/// `Ebs` of a block device mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MappedEbs {
    /// `SnapshotId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotId>,
    /// `VolumeSize` in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_gib: Option<u32>,
    /// `VolumeType`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_type: Option<CompactString>,
    /// `Encrypted`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub encrypted: bool,
    /// `DeleteOnTermination`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_on_termination: Option<bool>,
    /// `Iops`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops: Option<u32>,
    /// `Throughput` in MiB/s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throughput: Option<u32>,
    /// `KmsKeyId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<Box<str>>,
}

/// Deregistration protection and its cooldown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

    /// Whether it was never switched on.
    fn is_disabled(&self) -> bool {
        *self == Self::Disabled
    }

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launches {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reported: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unreported: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    newest: Option<Moment>,
}

impl Launches {
    /// Whether there were none.
    fn is_none(&self) -> bool {
        *self == Self::default()
    }

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

/// Traits in a saved world: left out when they are the usual ones, and shared again when it is loaded.
mod shared {
    use std::cell::RefCell;
    use std::sync::{Arc, LazyLock, Weak};

    use serde::{Deserialize, Deserializer};

    use super::ImageTraits;

    /// Different traits that are remembered to be shared.
    const REMEMBERED_MAX: usize = 64;

    thread_local! {
        static SEEN: RefCell<Vec<Weak<ImageTraits>>> = const { RefCell::new(Vec::new()) };
    }

    static USUAL: LazyLock<Arc<ImageTraits>> = LazyLock::new(Arc::default);

    pub(super) fn is_default(traits: &Arc<ImageTraits>) -> bool {
        Arc::ptr_eq(traits, &USUAL) || *traits == *USUAL
    }

    pub(super) fn traits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<ImageTraits>, D::Error> {
        Ok(share(ImageTraits::deserialize(deserializer)?))
    }

    pub(super) fn usual() -> Arc<ImageTraits> {
        Arc::clone(&USUAL)
    }

    /// These traits, shared with whoever has the same.
    fn share(traits: ImageTraits) -> Arc<ImageTraits> {
        SEEN.with_borrow_mut(|seen| {
            if let Some(known) = seen.iter().filter_map(Weak::upgrade).find(|known| **known == traits) {
                return known;
            }
            seen.retain(|known| known.strong_count() > 0);
            if seen.len() >= REMEMBERED_MAX {
                seen.remove(0);
            }
            let traits = Arc::new(traits);
            seen.push(Arc::downgrade(&traits));
            traits
        })
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
