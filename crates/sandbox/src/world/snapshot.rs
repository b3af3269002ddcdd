//! A snapshot.

use std::collections::BTreeSet;
use std::sync::Arc;

use amictl_model::{AccountId, Moment, SnapshotId, SnapshotState, StorageTier, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::{Lineage, LockState, SnapshotLock, Tiering, fingerprint};

/// A snapshot.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    /// `SnapshotId`.
    pub id: SnapshotId,
    /// `OwnerId`.
    pub owner: AccountId,
    /// `VolumeId`.
    pub volume: CompactString,
    /// `VolumeSize` in GiB.
    pub size_gib: u32,
    /// `FullSnapshotSizeInBytes`.
    pub full_size_bytes: u64,
    /// The state that it is in, or comes to: see [`Snapshot::state_at`].
    pub state: SnapshotState,
    /// The tier that it is in, or comes to: see [`Snapshot::tier_at`].
    pub tier: StorageTier,
    /// `Encrypted`.
    pub encrypted: bool,
    /// `KmsKeyId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<Box<str>>,
    /// `StartTime`.
    pub started_at: Moment,
    /// `Description`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    /// `Tags`.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// What most snapshots do not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<Box<SnapshotMore>>,
}

/// What only some snapshots have.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SnapshotMore {
    /// When it is no longer pending; none when it never was.
    pub completed_at: Option<Moment>,
    /// `StateMessage` of a snapshot that fails.
    pub error: Option<Box<str>>,
    /// `CompletionDurationMinutes` of a time-based copy.
    pub completion_duration_minutes: Option<u32>,
    /// The accounts that may create volumes of it.
    pub users: BTreeSet<AccountId>,
    /// Whether every account may.
    pub is_public: bool,
    /// The last lock, expired or not.
    pub lock: Option<SnapshotLock>,
    /// The last move between the tiers.
    pub tiering: Option<Tiering>,
    /// Where its blocks come from, if that does not follow from its volume alone.
    pub lineage: Option<Arc<Lineage>>,
    /// Of a snapshot that is written block by block, until it is complete.
    pub writing: Option<Writing>,
}

/// How a snapshot is written block by block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writing {
    /// When something was last done with it.
    pub last_at: Moment,
    /// `Timeout`: minutes without anything done after which it fails.
    pub timeout_minutes: u32,
}

/// The volume that all copies seem to be of.
pub(crate) const COPY_VOLUME: &str = "vol-ffffffff";

impl Snapshot {
    /// A completed, private, unencrypted snapshot in the standard tier, half of it written.
    #[must_use]
    pub fn new(id: SnapshotId, owner: AccountId, volume: CompactString, size_gib: u32, started_at: Moment) -> Self {
        Self {
            id,
            owner,
            volume,
            size_gib,
            full_size_bytes: u64::from(size_gib) << 29,
            state: SnapshotState::Completed,
            tier: StorageTier::Standard,
            encrypted: false,
            kms_key: None,
            started_at,
            description: None,
            tags: Tags::default(),
            more: None,
        }
    }

    /// What most snapshots do not have, to change it.
    pub fn more_mut(&mut self) -> &mut SnapshotMore {
        self.more.get_or_insert_default()
    }

    /// Lets it be pending until then.
    pub fn complete_at(&mut self, at: Moment) {
        if at > self.started_at {
            self.more_mut().completed_at = Some(at);
        }
    }

    fn completed_at(&self) -> Moment {
        self.more.as_ref().and_then(|more| more.completed_at).unwrap_or(self.started_at)
    }

    /// `State` at this time.
    #[must_use]
    pub fn state_at(&self, now: Moment) -> SnapshotState {
        match self.state {
            SnapshotState::Completed | SnapshotState::Error if now < self.completed_at() => SnapshotState::Pending,
            SnapshotState::Pending if self.is_given_up(now) => SnapshotState::Error,
            state => state,
        }
    }

    /// Whether it was written block by block, and nobody went on in time.
    fn is_given_up(&self, now: Moment) -> bool {
        let writing = self.more.as_ref().and_then(|more| more.writing);
        writing.is_some_and(|writing| now >= writing.last_at.plus_secs(i64::from(writing.timeout_minutes) * 60))
    }

    /// Where its blocks come from.
    #[must_use]
    pub fn lineage(&self) -> Arc<Lineage> {
        if let Some(lineage) = self.more.as_ref().and_then(|more| more.lineage.as_ref()) {
            return Arc::clone(lineage);
        }
        let is_alone = self.volume == COPY_VOLUME;
        let stream = fingerprint(if is_alone { self.id.as_str() } else { &self.volume });
        Arc::new(Lineage::of_volume(stream, self.size_gib, self.full_size_bytes, self.started_at))
    }

    /// `State` on the wire at this time.
    #[must_use]
    pub fn status(&self, now: Moment) -> &'static str {
        match self.state_at(now) {
            SnapshotState::Pending => "pending",
            SnapshotState::Completed | SnapshotState::Unknown => "completed",
            SnapshotState::Error => "error",
            SnapshotState::Recoverable => "recoverable",
            SnapshotState::Recovering => "recovering",
        }
    }

    /// `StateMessage` at this time.
    #[must_use]
    pub fn status_message(&self, now: Moment) -> Option<&str> {
        let message = self.more.as_ref()?.error.as_deref();
        message.filter(|_| self.state_at(now) == SnapshotState::Error)
    }

    /// `Progress` at this time.
    #[must_use]
    pub fn progress(&self, now: Moment) -> String {
        match self.state_at(now) {
            SnapshotState::Completed => "100%".to_owned(),
            SnapshotState::Pending if self.state == SnapshotState::Completed => {
                format!("{}%", percent(self.started_at, self.completed_at(), now))
            }
            _ => "0%".to_owned(),
        }
    }

    /// `CompletionTime`, once it is completed.
    #[must_use]
    pub fn completion_time(&self, now: Moment) -> Option<Moment> {
        (self.state_at(now) == SnapshotState::Completed).then(|| self.completed_at())
    }

    /// `StorageTier` at this time: of a snapshot on its way the tier that it comes from.
    #[must_use]
    pub fn tier_at(&self, now: Moment) -> StorageTier {
        self.more.as_ref().and_then(|more| more.tiering.as_ref()).map_or(self.tier, |tiering| tiering.tier_at(now))
    }

    /// `StorageTier` on the wire at this time.
    #[must_use]
    pub fn storage_tier(&self, now: Moment) -> &'static str {
        match self.tier_at(now) {
            StorageTier::Standard => "standard",
            StorageTier::Archive => "archive",
        }
    }

    /// `RestoreExpiryTime` at this time.
    #[must_use]
    pub fn restore_expiry(&self, now: Moment) -> Option<Moment> {
        self.more.as_ref()?.tiering.as_ref()?.restore_expiry(now)
    }

    /// Whether volumes, images and copies can be made of it: it is completed and in the standard tier.
    #[must_use]
    pub fn is_usable(&self, now: Moment) -> bool {
        self.state_at(now) == SnapshotState::Completed && self.tier_at(now) == StorageTier::Standard
    }

    /// `LockState` at this time, of a snapshot that was ever locked.
    #[must_use]
    pub fn lock_state(&self, now: Moment) -> Option<LockState> {
        Some(self.more.as_ref()?.lock.as_ref()?.state(now))
    }

    /// Whether a lock forbids to delete it at this time.
    #[must_use]
    pub fn is_locked(&self, now: Moment) -> bool {
        self.lock_state(now).is_some_and(|state| state != LockState::Expired)
    }

    /// Whether every account may create volumes of it, as far as its owner lets snapshots be public.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.more.as_ref().is_some_and(|more| more.is_public)
    }

    /// Whether its owner shares it with this very account.
    #[must_use]
    pub fn is_shared_with(&self, account: AccountId) -> bool {
        self.more.as_ref().is_some_and(|more| more.users.contains(&account))
    }

    /// Whether AWS Backup manages it.
    #[must_use]
    pub fn is_of_backup(&self) -> bool {
        self.tags.iter().any(|(key, _)| key.starts_with("aws:backup:"))
    }
}

/// How much of a span of time is over, from 0 to 99.
pub(crate) fn percent(start: Moment, end: Moment, now: Moment) -> i64 {
    let (whole, over) = (end.as_millis() - start.as_millis(), now.as_millis() - start.as_millis());
    (over.saturating_mul(100) / whole.max(1)).clamp(0, 99)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot {
        let id = "snap-0123456789abcdef0".parse().unwrap();
        Snapshot::new(id, "123456789012".parse().unwrap(), "vol-1".into(), 8, Moment::from_secs(1000))
    }

    #[test]
    fn a_snapshot_is_pending_until_its_time() {
        let mut snapshot = snapshot();
        let at = Moment::from_secs;
        assert_eq!((snapshot.status(at(1000)), snapshot.progress(at(1000)).as_str()), ("completed", "100%"));
        snapshot.complete_at(at(1100));
        assert_eq!((snapshot.status(at(1000)), snapshot.progress(at(1000)).as_str()), ("pending", "0%"));
        assert_eq!((snapshot.status(at(1099)), snapshot.progress(at(1099)).as_str()), ("pending", "99%"));
        assert_eq!(snapshot.completion_time(at(1099)), None);
        assert_eq!((snapshot.status(at(1100)), snapshot.progress(at(1100)).as_str()), ("completed", "100%"));
        assert_eq!(snapshot.completion_time(at(1200)), Some(at(1100)));
    }

    #[test]
    fn a_snapshot_that_fails_says_why_once_it_has() {
        let mut snapshot = snapshot();
        let at = Moment::from_secs;
        snapshot.state = SnapshotState::Error;
        snapshot.complete_at(at(1100));
        snapshot.more_mut().error = Some("no key".into());
        assert_eq!((snapshot.status(at(1050)), snapshot.status_message(at(1050))), ("pending", None));
        assert_eq!((snapshot.status(at(1100)), snapshot.status_message(at(1100))), ("error", Some("no key")));
        assert!(!snapshot.is_usable(at(1100)));
    }
}
