//! A launch template that is to launch another image, and the Auto Scaling groups that are to follow.

use serde::{Deserialize, Serialize};

/// What a launch template is to launch from then on, with the groups whose instances are replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// `LaunchTemplateId`.
    pub template: Box<str>,
    /// `LaunchTemplateName`. Text from outside.
    pub template_name: Box<str>,
    /// What its version is to name: an image's id, or `resolve:ssm:…`.
    pub image: Box<str>,
    /// Which version names it.
    pub version: RolloutVersion,
    /// The default version when the plan was made, where another one is to be; `None` where it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_before: Option<u64>,
    /// The groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<RolloutGroup>,
    /// How their instances are replaced.
    #[serde(default)]
    pub settings: RefreshSettings,
    /// How long the step waits for the refreshes, at most, in seconds.
    pub wait_seconds: u64,
    /// Whether everything is put back when the refresh of a group fails.
    pub roll_back: bool,
}

/// The version of a launch template that a rollout leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RolloutVersion {
    /// One that is there.
    There(u64),
    /// A new one.
    New {
        /// The version that it is like but for the image.
        like: u64,
        /// What that one names: an image's id or `resolve:ssm:…`; `None` where it names nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        like_image: Option<Box<str>>,
        /// `ClientToken`, by which EC2 makes no second version: of this plan and step, set where the plan is made.
        #[serde(default)]
        client_token: Box<str>,
    },
}

/// A group of a rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutGroup {
    /// `AutoScalingGroupName`. Text from outside.
    pub name: Box<str>,
    /// Which version of the template it uses.
    pub uses: GroupVersion,
    /// Whether Auto Scaling itself can roll its refresh back: it names a version by its number, and neither that nor the new one a
    /// parameter.
    #[serde(default, skip_serializing_if = "crate::change::is_false")]
    pub is_reversible: bool,
}

/// How a group names the version of its launch template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupVersion {
    /// `$Default`: it follows the template's default version.
    Default,
    /// `$Latest`: it follows the newest version.
    Latest,
    /// This one: only a refresh with a desired configuration moves it to another.
    Pinned(u64),
}

/// How the instances of a group are replaced (Auto Scaling API Reference, `RefreshPreferences`); what is not set is as the group has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshSettings {
    /// `MinHealthyPercentage`, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_healthy: Option<u8>,
    /// `MaxHealthyPercentage`, 100 to 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_healthy: Option<u8>,
    /// `InstanceWarmup`, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warmup_seconds: Option<u32>,
    /// `CheckpointPercentages`, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checkpoints: Vec<u8>,
    /// `CheckpointDelay`, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_delay_seconds: Option<u32>,
    /// `BakeTime`, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bake_seconds: Option<u32>,
    /// CloudWatch alarms that fail a refresh.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alarms: Vec<Box<str>>,
}

/// What begins the name of an SSM parameter where EC2 takes one in place of an image's id.
const ALIAS: &str = "resolve:ssm:";

impl Rollout {
    /// The parameter that the version names, where it names no image itself.
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        self.image.strip_prefix(ALIAS)
    }
}
