//! Spot requests.

use amictl_model::{Moment, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::wire::Params;

/// A Spot request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotRequest {
    /// `SpotInstanceRequestId`.
    pub id: CompactString,
    /// `CreateTime`.
    pub created_at: Moment,
    /// `Type`: `one-time` or `persistent`.
    pub kind: CompactString,
    /// `SpotPrice`; none is the price on demand.
    pub price: Option<Box<str>>,
    /// `InstanceInterruptionBehavior`.
    pub interruption: CompactString,
    /// `LaunchSpecification`, as it was sent.
    pub(crate) specification: Params,
    /// `ValidUntil`.
    pub valid_until: Option<Moment>,
    /// `InstanceId` of the instance that fulfils it.
    pub instance: Option<CompactString>,
    /// `LaunchedAvailabilityZone`.
    pub zone: Option<CompactString>,
    /// When it is fulfilled.
    pub active_at: Moment,
    /// When and how it ended: `closed` or `cancelled`.
    pub ended: Option<(Moment, CompactString)>,
    /// `Fault`: code and message of a request that cannot be fulfilled.
    pub fault: Option<(CompactString, Box<str>)>,
    /// `Tags`.
    pub tags: Tags,
}

impl SpotRequest {
    /// `State` at this time.
    #[must_use]
    pub fn state(&self, now: Moment) -> &str {
        match &self.ended {
            _ if self.fault.is_some() => "failed",
            Some((at, state)) if now >= *at => state,
            _ if self.instance.is_some() && now >= self.active_at => "active",
            _ => "open",
        }
    }

    /// `Status.Code`, `Status.Message` and `Status.UpdateTime` at this time.
    #[must_use]
    pub fn status(&self, now: Moment) -> (&str, &str, Moment) {
        if let Some((code, message)) = &self.fault {
            return (code, message, self.created_at);
        }
        let ended = self.ended.as_ref().map_or(self.created_at, |(at, _)| *at);
        match self.state(now) {
            "active" => ("fulfilled", "Your spot request is fulfilled.", self.active_at),
            "closed" => {
                ("instance-terminated-by-user", "Spot Instance terminated due to user-initiated termination.", ended)
            }
            "cancelled" if self.instance.is_some() => (
                "request-canceled-and-instance-running",
                "Your Spot request is canceled, but your Spot Instance is still running.",
                ended,
            ),
            "cancelled" => {
                ("canceled-before-fulfillment", "Your Spot request is canceled before it was fulfilled.", ended)
            }
            _ => (
                "pending-evaluation",
                "Your Spot request has been submitted for review, and is pending evaluation.",
                self.created_at,
            ),
        }
    }

    /// Ends it because its instance was terminated.
    pub(crate) fn close(&mut self, at: Moment) {
        if self.ended.is_none() {
            self.ended = Some((at, "closed".into()));
        }
    }
}
