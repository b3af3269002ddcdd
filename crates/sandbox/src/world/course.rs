//! What goes on in an Auto Scaling group: its activities, its warm pool and its instance refreshes.

use amictl_model::Moment;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::{GroupInstance, GroupTemplate, MixedInstances};
use crate::wire::Params;

/// What goes on in a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Scaling activities, the newest last.
    pub activities: Vec<Activity>,
    /// `SuspendedProcesses`.
    pub suspended: Vec<CompactString>,
    /// `WarmPoolConfiguration` and the instances of the pool.
    pub warm_pool: Option<WarmPool>,
    /// Instance refreshes, the newest last.
    pub refreshes: Vec<Refresh>,
}

/// A scaling activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// `ActivityId`.
    pub id: CompactString,
    /// `Description`.
    pub description: Box<str>,
    /// `Cause`.
    pub cause: Box<str>,
    /// `StartTime`.
    pub started_at: Moment,
    /// `EndTime`, once it has come.
    pub ends_at: Moment,
    /// `StatusMessage` of an activity that failed.
    pub failure: Option<Box<str>>,
}

/// A warm pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarmPool {
    /// `MinSize`.
    pub min_size: u32,
    /// `MaxGroupPreparedCapacity`.
    pub max_prepared: Option<u32>,
    /// `PoolState`: `Stopped`, `Running` or `Hibernated`.
    pub state: CompactString,
    /// `InstanceReusePolicy.ReuseOnScaleIn`.
    pub reuse: Option<bool>,
    /// The instances that wait in it.
    pub instances: Vec<GroupInstance>,
}

/// `DesiredConfiguration` of an instance refresh.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesiredConfiguration {
    /// `LaunchTemplate`.
    pub template: Option<GroupTemplate>,
    /// `MixedInstancesPolicy`.
    pub mixed: Option<MixedInstances>,
}

/// An instance refresh. It goes on batch by batch; each batch ends at a moment that is known beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refresh {
    /// `InstanceRefreshId`.
    pub id: CompactString,
    /// `StartTime`.
    pub started_at: Moment,
    /// `EndTime`.
    pub ended_at: Option<Moment>,
    /// `Preferences`, as they were sent.
    pub(crate) preferences: Params,
    /// `DesiredConfiguration`.
    pub desired: Option<DesiredConfiguration>,
    /// Instances that were to be replaced when it began.
    pub total: u32,
    /// Instances that are still to be replaced; in a rollback those that are still to be put back.
    pub waiting: Vec<CompactString>,
    /// Instances that it started.
    pub started: Vec<CompactString>,
    /// Instances that are replaced at once.
    pub batch: u32,
    /// Where it is.
    pub phase: RefreshPhase,
    /// When the batch in hand ends.
    pub next_at: Moment,
    /// `StatusReason`.
    pub reason: Option<Box<str>>,
    /// `RollbackDetails`.
    pub rollback: Option<Rollback>,
}

/// Where an instance refresh is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefreshPhase {
    /// It replaces instances.
    Replacing,
    /// It ends without replacing more.
    Cancelling,
    /// It puts back what it replaced.
    RollingBack,
    /// `Successful`.
    Successful,
    /// `Failed`.
    Failed,
    /// `Cancelled`.
    Cancelled,
    /// `RollbackSuccessful`.
    RolledBack,
    /// `RollbackFailed`.
    RollbackFailed,
}

/// `RollbackDetails`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollback {
    /// `RollbackReason`.
    pub reason: Box<str>,
    /// `RollbackStartTime`.
    pub started_at: Moment,
    /// `PercentageCompleteOnRollback`.
    pub percentage: u32,
    /// `InstancesToUpdateOnRollback`.
    pub to_update: u32,
}

impl Refresh {
    /// Whether it goes on.
    #[must_use]
    pub fn is_active(&self) -> bool {
        matches!(self.phase, RefreshPhase::Replacing | RefreshPhase::Cancelling | RefreshPhase::RollingBack)
    }

    /// `Status` at this time.
    #[must_use]
    pub fn status(&self, now: Moment) -> &'static str {
        match self.phase {
            RefreshPhase::Replacing if now <= self.started_at => "Pending",
            RefreshPhase::Replacing => "InProgress",
            RefreshPhase::Cancelling => "Cancelling",
            RefreshPhase::RollingBack => "RollbackInProgress",
            RefreshPhase::Successful => "Successful",
            RefreshPhase::Failed => "Failed",
            RefreshPhase::Cancelled => "Cancelled",
            RefreshPhase::RolledBack => "RollbackSuccessful",
            RefreshPhase::RollbackFailed => "RollbackFailed",
        }
    }

    /// `PercentageComplete`: of the instances that were to be replaced, those that are; in a rollback those that still are.
    #[must_use]
    pub fn percentage(&self) -> u32 {
        let waiting = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        let done = match self.phase {
            RefreshPhase::RollingBack | RefreshPhase::RolledBack | RefreshPhase::RollbackFailed => waiting,
            _ => self.total.saturating_sub(waiting),
        };
        (done * 100).checked_div(self.total).unwrap_or(100).min(100)
    }
}
