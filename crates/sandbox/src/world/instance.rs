//! An instance.

use amictl_model::{ImageId, Moment, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::InstanceSettings;

/// An instance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Instance {
    /// `InstanceId`.
    pub id: CompactString,
    /// `ReservationId`.
    pub reservation: CompactString,
    /// `ImageId`.
    pub image: ImageId,
    /// The state that it is in, or on its way to.
    pub state: InstanceState,
    /// When it is there: until then it shows the state between, such as `stopping`.
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
    /// How it was started, and what was changed about it since.
    pub settings: Box<InstanceSettings>,
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

/// Where an instance's state is going: the states between are a matter of time, see [`Instance::shown_state`].
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

/// `InstanceStateName`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownState {
    /// `pending`.
    Pending,
    /// `running`.
    Running,
    /// `shutting-down`.
    ShuttingDown,
    /// `terminated`.
    Terminated,
    /// `stopping`.
    Stopping,
    /// `stopped`.
    Stopped,
}

impl ShownState {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::ShuttingDown => "shutting-down",
            Self::Terminated => "terminated",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }

    /// The code on the wire.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Pending => 0,
            Self::Running => 16,
            Self::ShuttingDown => 32,
            Self::Terminated => 48,
            Self::Stopping => 64,
            Self::Stopped => 80,
        }
    }
}

impl InstanceState {
    /// What is shown until it is there.
    #[must_use]
    pub fn on_the_way(self) -> ShownState {
        match self {
            Self::Running => ShownState::Pending,
            Self::Stopped => ShownState::Stopping,
            Self::Terminated => ShownState::ShuttingDown,
        }
    }

    /// What is shown when it is there.
    #[must_use]
    pub fn arrived(self) -> ShownState {
        match self {
            Self::Running => ShownState::Running,
            Self::Stopped => ShownState::Stopped,
            Self::Terminated => ShownState::Terminated,
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

    /// `State` at this time.
    #[must_use]
    pub fn shown_state(&self, now: Moment) -> ShownState {
        if now >= self.state_since { self.state.arrived() } else { self.state.on_the_way() }
    }

    /// When it was launched, however often it was started since.
    #[must_use]
    pub fn first_launched_at(&self) -> Moment {
        self.settings.first_launched_at.unwrap_or(self.launched_at)
    }

    /// Starts it again if it is stopped; it runs from a moment on.
    pub(crate) fn restart(&mut self, now: Moment, until: Moment) {
        if self.state == InstanceState::Stopped {
            self.settings.first_launched_at = Some(self.first_launched_at());
            self.settings.transition = None;
            self.state = InstanceState::Running;
            self.state_since = until;
            self.launched_at = now;
        }
    }

    /// The same as the reply shows it to the call that began it: not in its state yet, however fast it gets there.
    pub(crate) fn on_its_way(self, now: Moment) -> Self {
        Self { state_since: self.state_since.max(now.plus_secs(1)), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_states_between_are_a_matter_of_time() {
        let at = Moment::from_secs;
        for (state, before, after) in [
            (InstanceState::Running, ShownState::Pending, ShownState::Running),
            (InstanceState::Stopped, ShownState::Stopping, ShownState::Stopped),
            (InstanceState::Terminated, ShownState::ShuttingDown, ShownState::Terminated),
        ] {
            let instance = Instance {
                id: "i-1".into(),
                reservation: "r-1".into(),
                image: "ami-00000001".parse().unwrap(),
                state,
                state_since: at(100),
                instance_type: "t3.micro".into(),
                launched_at: at(50),
                zone: "us-east-1a".into(),
                launch_index: 0,
                private_ip: "10.0.0.1".into(),
                architecture: "x86_64".into(),
                key_name: None,
                root_device_name: None,
                devices: Box::default(),
                hidden_for: None,
                group: None,
                tags: Tags::default(),
                settings: Box::default(),
            };
            assert_eq!((instance.shown_state(at(99)), instance.shown_state(at(100))), (before, after));
            assert!(instance.is_shown(at(100 + 3599)));
            assert_eq!(instance.is_shown(at(100 + 3600)), state != InstanceState::Terminated);
        }
    }
}
