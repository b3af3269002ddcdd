//! Snapshot locks, which forbid to delete a snapshot for some time.

use amictl_model::Moment;
use serde::{Deserialize, Serialize};

/// A lock of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotLock {
    /// Whether nobody can take it away once it has cooled off: mode `compliance`, else `governance`.
    pub is_compliance: bool,
    /// `LockDuration` in days.
    pub days: u32,
    /// `CoolOffPeriod` in hours.
    pub cool_off_hours: Option<u32>,
    /// `LockCreatedOn`.
    pub created_at: Moment,
    /// `LockDurationStartTime`.
    pub starts_at: Moment,
    /// `LockExpiresOn`.
    pub expires_at: Moment,
}

/// `LockState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockState {
    /// `governance`: who may can take it away.
    Governance,
    /// `compliance-cooloff`: it can be taken away for some hours still.
    CoolOff,
    /// `compliance`: it can only be extended.
    Compliance,
    /// `expired`.
    Expired,
}

impl LockState {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Governance => "governance",
            Self::CoolOff => "compliance-cooloff",
            Self::Compliance => "compliance",
            Self::Expired => "expired",
        }
    }
}

impl SnapshotLock {
    /// `CoolOffPeriodExpiresOn`.
    #[must_use]
    pub fn cool_off_ends_at(&self) -> Option<Moment> {
        Some(self.created_at.plus_secs(i64::from(self.cool_off_hours?) * 3600))
    }

    /// `LockState` at this time.
    #[must_use]
    pub fn state(&self, now: Moment) -> LockState {
        if now >= self.expires_at {
            LockState::Expired
        } else if !self.is_compliance {
            LockState::Governance
        } else if self.cool_off_ends_at().is_some_and(|end| now < end) {
            LockState::CoolOff
        } else {
            LockState::Compliance
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_cools_off_holds_and_expires_by_the_clock() {
        let at = Moment::from_secs;
        let mut lock = SnapshotLock {
            is_compliance: true,
            days: 1,
            cool_off_hours: Some(2),
            created_at: at(1000),
            starts_at: at(1000),
            expires_at: at(87_400),
        };
        for (now, state) in [(8199, LockState::CoolOff), (8200, LockState::Compliance), (87_400, LockState::Expired)] {
            assert_eq!(lock.state(at(now)), state, "{now}");
        }
        lock.is_compliance = false;
        assert_eq!((lock.state(at(8200)), lock.state(at(87_400))), (LockState::Governance, LockState::Expired));
    }
}
