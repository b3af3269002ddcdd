//! An instance.

use amictl_model::{ImageId, Moment, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// An instance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Instance {
    /// `InstanceId`.
    pub id: CompactString,
    /// `ReservationId`.
    pub reservation: CompactString,
    /// `ImageId`.
    pub image: ImageId,
    /// `State`.
    pub state: InstanceState,
    /// When it came into its state.
    pub state_since: Moment,
    /// `InstanceType`.
    pub instance_type: CompactString,
    /// `LaunchTime`.
    pub launched_at: Moment,
    /// `Placement.AvailabilityZone`.
    pub zone: CompactString,
    /// `AmiLaunchIndex`.
    pub launch_index: u32,
    /// `PrivateIpAddress`.
    pub private_ip: CompactString,
    /// `Architecture`.
    pub architecture: CompactString,
    /// `KeyName`.
    pub key_name: Option<CompactString>,
    /// `RootDeviceName`.
    pub root_device_name: Option<CompactString>,
    /// `BlockDeviceMappings`.
    pub devices: Box<[InstanceDevice]>,
    /// `Operator.Principal` of an instance that another service manages and that listings hide unless asked.
    pub hidden_for: Option<CompactString>,
    /// The Auto Scaling group that it belongs to.
    pub group: Option<CompactString>,
    /// `Tags`.
    pub tags: Tags,
}

/// A volume of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceDevice {
    /// `DeviceName`.
    pub name: CompactString,
    /// `VolumeId`.
    pub volume: CompactString,
    /// `DeleteOnTermination`.
    pub delete_on_termination: bool,
}

/// `InstanceStateName`; the sandbox passes through the states between at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceState {
    /// `running`.
    Running,
    /// `stopped`.
    Stopped,
    /// `terminated`: shown for an hour more.
    Terminated,
}

impl InstanceState {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Terminated => "terminated",
        }
    }

    /// The code on the wire.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Running => 16,
            Self::Terminated => 48,
            Self::Stopped => 80,
        }
    }
}

impl Instance {
    /// Seconds for which a terminated instance is still shown.
    const TERMINATED_SHOWN_SECS: i64 = 3600;

    /// Whether listings still show it.
    #[must_use]
    pub fn is_shown(&self, now: Moment) -> bool {
        self.state != InstanceState::Terminated || now.seconds_since(self.state_since) < Self::TERMINATED_SHOWN_SECS
    }
}
