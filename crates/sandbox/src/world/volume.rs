//! A volume.

use std::sync::Arc;

use amictl_model::{Moment, SnapshotId, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::{Lineage, fingerprint};

/// A volume.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Volume {
    /// `VolumeId`.
    pub id: CompactString,
    /// `Size` in GiB.
    pub size_gib: u32,
    /// `SnapshotId`.
    pub snapshot: Option<SnapshotId>,
    /// `AvailabilityZone`.
    pub zone: CompactString,
    /// `VolumeType`.
    pub volume_type: CompactString,
    /// `Iops`, if they were asked for.
    pub iops: Option<u32>,
    /// `Throughput` in MiB/s, if it was asked for.
    pub throughput: Option<u32>,
    /// `Encrypted`.
    pub encrypted: bool,
    /// `KmsKeyId`.
    pub kms_key: Option<Box<str>>,
    /// `CreateTime`.
    pub created_at: Moment,
    /// The instance and device that it is attached to, or is being attached to.
    pub attachment: Option<(CompactString, CompactString)>,
    /// `Tags`.
    pub tags: Tags,
    /// What volumes that came into being with an instance do not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<Box<VolumeMore>>,
}

/// What only some volumes have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VolumeMore {
    /// When it is no longer being created.
    pub available_at: Option<Moment>,
    /// The times of an attachment that was asked for by itself: `AttachTime`, and when it is attached.
    pub attached: Option<(Moment, Moment)>,
    /// The attachment that it is losing, and when it is gone.
    pub detaching: Option<(Attached, Moment)>,
    /// `MultiAttachEnabled`.
    pub multi_attach: bool,
    /// `VolumeInitializationRate` in MiB/s.
    pub initialization_rate: Option<u32>,
    /// Whether it was created of a snapshot that was enabled for fast restore.
    pub fast_restored: bool,
    /// The blocks of the snapshot that it was created of.
    pub base: Option<Arc<Lineage>>,
    /// `AutoEnableIO`.
    pub auto_enable_io: bool,
    /// Changes of size, type or performance, the last one last.
    pub modifications: Vec<Modification>,
}

/// An attachment at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// `InstanceId`.
    pub instance: CompactString,
    /// `Device`.
    pub device: CompactString,
    /// `AttachTime`.
    pub since: Moment,
    /// `DeleteOnTermination`.
    pub delete_on_termination: bool,
    /// `State`.
    pub state: CompactString,
}

/// A change of a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modification {
    /// Size in GiB, type, IOPS, throughput and whether it is for many instances: as it was.
    pub original: Shape,
    /// The same as it is to be.
    pub target: Shape,
    /// `StartTime`.
    pub started_at: Moment,
    /// `EndTime`.
    pub done_at: Moment,
}

/// What a modification may change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// `Size` in GiB.
    pub size_gib: u32,
    /// `VolumeType`.
    pub volume_type: CompactString,
    /// `Iops`.
    pub iops: Option<u32>,
    /// `Throughput` in MiB/s.
    pub throughput: Option<u32>,
    /// `MultiAttachEnabled`.
    pub multi_attach: bool,
}

impl Modification {
    /// `ModificationState` at this time; the last half of the time it is optimizing.
    #[must_use]
    pub fn state(&self, now: Moment) -> &'static str {
        let half = self.started_at.as_millis().midpoint(self.done_at.as_millis());
        if now >= self.done_at {
            "completed"
        } else if now.as_millis() >= half {
            "optimizing"
        } else {
            "modifying"
        }
    }

    /// `Progress` at this time, in percent.
    #[must_use]
    pub fn progress(&self, now: Moment) -> i64 {
        if now >= self.done_at { 100 } else { super::percent(self.started_at, self.done_at, now) }
    }
}

impl Volume {
    /// What volumes that came into being with an instance do not have, to change it.
    pub fn more_mut(&mut self) -> &mut VolumeMore {
        self.more.get_or_insert_default()
    }

    /// The blocks of a snapshot that is made of it at this moment; none if they follow from its id.
    #[must_use]
    pub fn lineage(&self, at: Moment) -> Option<Lineage> {
        let base = Arc::clone(self.more.as_ref()?.base.as_ref()?);
        Some(Lineage::of_restored(fingerprint(&self.id), self.size_gib, base, self.created_at, at))
    }

    /// `State` at this time.
    #[must_use]
    pub fn status(&self, now: Moment) -> &'static str {
        let more = self.more.as_deref();
        let is_being_created = more.and_then(|more| more.available_at).is_some_and(|at| now < at);
        let is_detaching = more.and_then(|more| more.detaching.as_ref()).is_some_and(|(_, at)| now < *at);
        if is_being_created {
            "creating"
        } else if self.attachment.is_some() || is_detaching {
            "in-use"
        } else {
            "available"
        }
    }

    /// Its attachment at this time; whether it goes with the instance is for the instance to say.
    #[must_use]
    pub fn attached(&self, now: Moment) -> Option<Attached> {
        let more = self.more.as_deref();
        let Some((instance, device)) = &self.attachment else {
            let (attached, gone_at) = more?.detaching.as_ref()?;
            return (now < *gone_at).then(|| attached.clone());
        };
        let (since, at) = more.and_then(|more| more.attached).unwrap_or((self.created_at, self.created_at));
        Some(Attached {
            instance: instance.clone(),
            device: device.clone(),
            since,
            delete_on_termination: false,
            state: if now < at { "attaching" } else { "attached" }.into(),
        })
    }

    /// Size, type and performance, with what AWS gives when nothing was asked for.
    #[must_use]
    pub fn shape(&self) -> Shape {
        let iops = match self.volume_type.as_str() {
            "gp2" => Some(self.size_gib.saturating_mul(3).clamp(100, 16_000)),
            "gp3" => Some(self.iops.unwrap_or(3000)),
            _ => self.iops,
        };
        let throughput = (self.volume_type == "gp3").then(|| self.throughput.unwrap_or(125));
        let multi_attach = self.more.as_ref().is_some_and(|more| more.multi_attach);
        Shape { size_gib: self.size_gib, volume_type: self.volume_type.clone(), iops, throughput, multi_attach }
    }
}
