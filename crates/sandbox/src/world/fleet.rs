//! EC2 Fleets, Spot Fleets, and Windows images with fast launch.

use amictl_model::{AccountId, ImageId, Moment, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::GroupTemplate;
use crate::wire::Params;

/// An EC2 Fleet or a Spot Fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fleet {
    /// `FleetId` or `SpotFleetRequestId`.
    pub id: CompactString,
    /// `CreateTime`.
    pub created_at: Moment,
    /// `Type`: `request`, `maintain` or `instant`.
    pub kind: CompactString,
    /// `TotalTargetCapacity`.
    pub target: u32,
    /// `OnDemandTargetCapacity`: the rest are Spot Instances.
    pub on_demand: u32,
    /// `LaunchTemplateConfigs`.
    pub configs: Vec<FleetConfig>,
    /// The request, as it was sent.
    pub(crate) request: Params,
    /// Its instances, terminated ones too.
    pub members: Vec<FleetMember>,
    /// Launches that failed.
    pub errors: Vec<FleetError>,
    /// When it was fulfilled or gave up.
    pub settled_at: Moment,
    /// When it was deleted, and when the instances that go with it are gone; without them none go.
    pub ended: Option<(Moment, Option<Moment>)>,
    /// `Tags`.
    pub tags: Tags,
}

/// One of `LaunchTemplateConfigs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetConfig {
    /// `LaunchTemplateSpecification`, with both names filled in.
    pub template: GroupTemplate,
    /// `Overrides`, as they were sent.
    pub(crate) overrides: Vec<Params>,
}

/// An instance of a fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetMember {
    /// `InstanceId`.
    pub instance: CompactString,
    /// Whether it is a Spot Instance.
    pub is_spot: bool,
    /// Capacity units that it counts for.
    pub weight: u32,
    /// The config and the override that it was started from.
    pub origin: (usize, usize),
}

/// A launch that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetError {
    /// `ErrorCode`.
    pub code: CompactString,
    /// `ErrorMessage`.
    pub message: Box<str>,
    /// Whether a Spot Instance was asked for.
    pub is_spot: bool,
    /// The config and the override that were tried.
    pub origin: (usize, usize),
}

impl Fleet {
    /// Seconds for which a deleted fleet is still shown.
    const DELETED_SHOWN_SECS: i64 = 48 * 3600;

    /// Whether it is a Spot Fleet.
    #[must_use]
    pub fn is_spot_fleet(&self) -> bool {
        self.id.starts_with("sfr-")
    }

    /// `FleetState` or `SpotFleetRequestState` at this time.
    #[must_use]
    pub fn state(&self, now: Moment) -> &'static str {
        let is_spot = self.is_spot_fleet();
        match self.ended {
            Some((_, None)) if is_spot => "cancelled_running",
            Some((_, None)) => "deleted_running",
            Some((_, Some(gone))) if now < gone && is_spot => "cancelled_terminating",
            Some((_, Some(gone))) if now < gone => "deleted_terminating",
            Some(_) if is_spot => "cancelled",
            Some(_) => "deleted",
            None if now < self.settled_at && now <= self.created_at => "submitted",
            None => "active",
        }
    }

    /// `ActivityStatus` at this time, with this capacity.
    #[must_use]
    pub fn activity(&self, now: Moment, capacity: u32) -> &'static str {
        if self.ended.is_some() {
            "pending_termination"
        } else if now < self.settled_at {
            "pending_fulfillment"
        } else if capacity >= self.target {
            "fulfilled"
        } else {
            "error"
        }
    }

    /// Whether it is still shown.
    #[must_use]
    pub fn is_shown(&self, now: Moment) -> bool {
        self.ended.is_none_or(|(at, _)| now.seconds_since(at) < Self::DELETED_SHOWN_SECS)
    }
}

/// A Windows image with fast launch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FastLaunch {
    /// `ImageId`.
    pub image: ImageId,
    /// `OwnerId`.
    pub owner: AccountId,
    /// `SnapshotConfiguration.TargetResourceCount`.
    pub target: u32,
    /// `MaxParallelLaunches`.
    pub max_parallel: u32,
    /// `LaunchTemplate`.
    pub template: Option<GroupTemplate>,
    /// Whether it is going to be on.
    pub is_on: bool,
    /// When it is.
    pub since: Moment,
    /// `StateTransitionReason`.
    pub reason: Box<str>,
}

impl FastLaunch {
    /// `State` at this time; none when it is off.
    #[must_use]
    pub fn state(&self, now: Moment) -> Option<&'static str> {
        match (self.is_on, now >= self.since) {
            (true, true) => Some("enabled"),
            (true, false) => Some("enabling"),
            (false, false) => Some("disabling"),
            (false, true) => None,
        }
    }
}
