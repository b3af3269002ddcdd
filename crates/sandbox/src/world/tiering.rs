//! Moves of a snapshot between the standard tier and the archive.

use amictl_model::{Moment, StorageTier};
use serde::{Deserialize, Serialize};

use super::snapshot::percent;

/// The last move of a snapshot between the tiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tiering {
    /// What was asked for.
    pub kind: TieringKind,
    /// `LastTieringStartTime`.
    pub started_at: Moment,
    /// When it is done.
    pub done_at: Moment,
    /// `ArchivalCompleteTime`.
    pub archived_at: Moment,
}

/// A kind of move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TieringKind {
    /// Into the archive.
    Archive,
    /// Out of the archive until some time.
    TemporaryRestore {
        /// `RestoreExpiryTime`.
        expires_at: Moment,
    },
    /// Out of the archive.
    PermanentRestore,
}

impl Tiering {
    /// Whether it is still going on at this time.
    #[must_use]
    pub fn is_running(&self, now: Moment) -> bool {
        now < self.done_at
    }

    /// The tier in which the snapshot can be found at this time.
    #[must_use]
    pub fn tier_at(&self, now: Moment) -> StorageTier {
        let is_standard = match self.kind {
            TieringKind::Archive => self.is_running(now),
            TieringKind::TemporaryRestore { expires_at } => !self.is_running(now) && now < expires_at,
            TieringKind::PermanentRestore => !self.is_running(now),
        };
        if is_standard { StorageTier::Standard } else { StorageTier::Archive }
    }

    /// `RestoreExpiryTime` of a snapshot that is restored for a time.
    #[must_use]
    pub fn restore_expiry(&self, now: Moment) -> Option<Moment> {
        match self.kind {
            TieringKind::TemporaryRestore { expires_at } if now < expires_at => Some(expires_at),
            _ => None,
        }
    }

    /// `ArchivalCompleteTime` of a snapshot that is in the archive, also while it is restored for a time.
    #[must_use]
    pub fn archival_complete(&self, now: Moment) -> Option<Moment> {
        let is_archived = self.kind != TieringKind::PermanentRestore || self.is_running(now);
        (is_archived && self.archived_at <= now).then_some(self.archived_at)
    }

    /// `LastTieringOperationStatus` at this time.
    #[must_use]
    pub fn status(&self, now: Moment) -> &'static str {
        match (self.kind, self.is_running(now)) {
            (TieringKind::Archive, true) => "archival-in-progress",
            (TieringKind::Archive, false) => "archival-completed",
            (TieringKind::TemporaryRestore { .. }, true) => "temporary-restore-in-progress",
            (TieringKind::TemporaryRestore { .. }, false) => "temporary-restore-completed",
            (TieringKind::PermanentRestore, true) => "permanent-restore-in-progress",
            (TieringKind::PermanentRestore, false) => "permanent-restore-completed",
        }
    }

    /// `LastTieringProgress` at this time, in percent.
    #[must_use]
    pub fn progress(&self, now: Moment) -> i64 {
        if self.is_running(now) { percent(self.started_at, self.done_at, now) } else { 100 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_where_its_move_has_brought_it() {
        let at = Moment::from_secs;
        let tiering = |kind| Tiering { kind, started_at: at(100), done_at: at(200), archived_at: at(200) };
        let (standard, archive) = (StorageTier::Standard, StorageTier::Archive);
        let temporary = TieringKind::TemporaryRestore { expires_at: at(300) };
        for (kind, moments) in [
            (TieringKind::Archive, [(199, standard), (200, archive), (999, archive)]),
            (temporary, [(199, archive), (200, standard), (300, archive)]),
            (TieringKind::PermanentRestore, [(199, archive), (200, standard), (999, standard)]),
        ] {
            for (now, tier) in moments {
                assert_eq!(tiering(kind).tier_at(at(now)), tier, "{kind:?} {now}");
            }
        }
        assert_eq!(tiering(temporary).restore_expiry(at(299)), Some(at(300)));
        assert_eq!(tiering(temporary).restore_expiry(at(300)), None);
        assert_eq!((tiering(temporary).progress(at(150)), tiering(temporary).progress(at(200))), (50, 100));
    }
}
