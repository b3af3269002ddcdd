//! What belongs to an account's snapshots and volumes in a Region and is neither: the Recycle Bin, fast restores, imports,
//! and whether snapshots may be public.

use std::sync::Arc;

use amictl_model::{Moment, SnapshotId, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::{IN_BIN_TAG, ResourceKind, Scope, Shelf, Snapshot, Volume, retention};

/// What belongs to snapshots and volumes and is neither.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SnapshotShelves {
    /// Deleted snapshots that a rule retains.
    pub(crate) bin: Shelf<SnapshotId, Arc<BinnedSnapshot>>,
    /// Deleted volumes that a rule retains.
    pub(crate) volume_bin: Shelf<CompactString, Arc<BinnedVolume>>,
    /// Fast restores by snapshot and zone, as `snap-…/us-east-1a`.
    pub(crate) fast_restores: Shelf<CompactString, Arc<FastRestore>>,
    /// Imports by `ImportTaskId`.
    pub(crate) imports: Shelf<CompactString, Arc<ImportTask>>,
    /// Whether snapshots may be public.
    pub(crate) public_access: PublicAccess,
}

/// A snapshot in the Recycle Bin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BinnedSnapshot {
    /// The snapshot; its tags can still be changed.
    pub snapshot: Arc<Snapshot>,
    /// `RecycleBinEnterTime`.
    pub entered_at: Moment,
    /// `RecycleBinExitTime`: from then on it is gone.
    pub exits_at: Moment,
}

/// A volume in the Recycle Bin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BinnedVolume {
    /// The volume.
    pub volume: Arc<Volume>,
    /// `RecycleBinEnterTime`.
    pub entered_at: Moment,
    /// `RecycleBinExitTime`: from then on it is gone.
    pub exits_at: Moment,
}

/// `SnapshotBlockPublicAccessState`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PublicAccess {
    /// `unblocked`.
    #[default]
    Unblocked,
    /// `block-new-sharing`: what is public stays so.
    BlockNew,
    /// `block-all-sharing`: what is public is treated as private.
    BlockAll,
}

impl PublicAccess {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unblocked => "unblocked",
            Self::BlockNew => "block-new-sharing",
            Self::BlockAll => "block-all-sharing",
        }
    }
}

/// Fast restore of a snapshot in a zone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FastRestore {
    /// `SnapshotId`.
    pub snapshot: SnapshotId,
    /// `AvailabilityZone`.
    pub zone: CompactString,
    /// `EnablingTime`.
    pub enabling_at: Moment,
    /// When it is enabled; half of the time before it is optimizing.
    pub enabled_at: Moment,
    /// When it was switched off, and when it is off.
    pub disabling_at: Option<(Moment, Moment)>,
}

impl FastRestore {
    /// `OptimizingTime`.
    #[must_use]
    pub fn optimizing_at(&self) -> Moment {
        Moment::from_millis(self.enabling_at.as_millis().midpoint(self.enabled_at.as_millis()))
    }

    /// `State` at this time.
    #[must_use]
    pub fn state(&self, now: Moment) -> &'static str {
        match self.disabling_at {
            Some((_, done)) if now >= done => "disabled",
            Some(_) => "disabling",
            None if now >= self.enabled_at => "enabled",
            None if now >= self.optimizing_at() => "optimizing",
            None => "enabling",
        }
    }
}

/// An import of a disk image.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportTask {
    /// `ImportTaskId`.
    pub id: CompactString,
    /// `Description`.
    pub description: Option<Box<str>>,
    /// `Format`.
    pub format: CompactString,
    /// `DiskContainer.Description`.
    pub disk_description: Option<Box<str>>,
    /// Where the disk image is.
    pub place: DiskPlace,
    /// The snapshot that is made: pending until the task is done.
    pub snapshot: SnapshotId,
    /// Bytes of the disk image.
    pub image_bytes: u64,
    /// `Encrypted`.
    pub encrypted: bool,
    /// `KmsKeyId`.
    pub kms_key: Option<Box<str>>,
    /// When it was asked for.
    pub started_at: Moment,
    /// When it is done.
    pub done_at: Moment,
    /// `StatusMessage` of a task that was cancelled.
    pub cancelled: Option<Box<str>>,
    /// `StatusMessage` of a task that fails; it has no snapshot.
    pub failure: Option<Box<str>>,
    /// `Tags`.
    pub tags: Tags,
}

/// Where a disk image is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiskPlace {
    /// `UserBucket`.
    Bucket {
        /// `S3Bucket`.
        bucket: Box<str>,
        /// `S3Key`.
        key: Box<str>,
    },
    /// `Url`.
    Url(Box<str>),
}

impl ImportTask {
    /// `Status` at this time.
    #[must_use]
    pub fn status(&self, now: Moment) -> &'static str {
        match (&self.cancelled, now < self.done_at, &self.failure) {
            (Some(_), _, _) | (None, false, Some(_)) => "deleted",
            (None, true, _) => "active",
            (None, false, None) => "completed",
        }
    }

    /// `StatusMessage` at this time.
    #[must_use]
    pub fn status_message(&self, now: Moment) -> Option<&str> {
        match self.status(now) {
            "deleted" => self.cancelled.as_deref().or(self.failure.as_deref()),
            "active" => Some("pending"),
            _ => None,
        }
    }
}

impl Scope {
    /// The snapshot of this id in the bin, unless its time is over.
    pub(crate) fn binned_snapshot(&self, id: &SnapshotId, now: Moment) -> Option<&BinnedSnapshot> {
        self.snapshot_shelves.bin.get(id).map(Arc::as_ref).filter(|binned| now < binned.exits_at)
    }

    /// Takes a snapshot out: into the bin until some time, or for good.
    pub(crate) fn remove_snapshot(&mut self, id: &SnapshotId, now: Moment, kept_until: Option<Moment>) {
        let Some(snapshot) = self.snapshots.remove(id) else { return };
        if let Some(exits_at) = kept_until {
            let mut snapshot = Arc::unwrap_or_clone(snapshot);
            snapshot.tags = snapshot.tags.iter().chain([(IN_BIN_TAG, "true")]).collect();
            let binned = BinnedSnapshot { snapshot: Arc::new(snapshot), entered_at: now, exits_at };
            self.snapshot_shelves.bin.insert(id.clone(), Arc::new(binned));
        }
    }

    /// Takes a snapshot out of the bin.
    pub(crate) fn unbin_snapshot(&mut self, id: &SnapshotId) -> Option<Snapshot> {
        let binned = self.snapshot_shelves.bin.remove(id)?;
        let mut snapshot = Arc::unwrap_or_clone(Arc::unwrap_or_clone(binned).snapshot);
        snapshot.tags = snapshot.tags.iter().filter(|(key, _)| *key != IN_BIN_TAG).collect();
        Some(snapshot)
    }

    /// Takes a volume out, into the bin if a rule retains it.
    pub(crate) fn discard_volume(&mut self, id: &str, now: Moment) {
        let Some(volume) = self.volumes.remove(id) else { return };
        let Some(kept) = retention(self, ResourceKind::Volume, &volume.tags, now) else { return };
        let mut volume = Arc::unwrap_or_clone(volume);
        volume.attachment = None;
        let binned = BinnedVolume { volume: Arc::new(volume), entered_at: now, exits_at: kept.until };
        self.snapshot_shelves.volume_bin.insert(id.into(), Arc::new(binned));
    }
}
