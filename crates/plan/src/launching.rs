//! Instances that are to be launched of an image.

use amictl_model::Tags;
use serde::{Deserialize, Serialize};

/// Instances that are to be launched. What is `None` or empty is as the launch template has it, or by EC2's default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launching {
    /// How many: all of them, or none.
    pub count: u32,
    /// What EC2 is told: an image's id or `resolve:ssm:…`; `None` where the launch template names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Box<str>>,
    /// The launch template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<LaunchingTemplate>,
    /// `InstanceType`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<Box<str>>,
    /// `SubnetId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet: Option<Box<str>>,
    /// `SecurityGroupId`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_groups: Vec<Box<str>>,
    /// `KeyName`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_name: Option<Box<str>>,
    /// `IamInstanceProfile`: its name or ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_profile: Option<Box<str>>,
    /// `UserData`, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_data: Option<Box<str>>,
    /// Whether the metadata service asks for tokens (`HttpTokens`).
    #[serde(default, skip_serializing_if = "crate::change::is_false")]
    pub requires_imds_v2: bool,
    /// Tags of the instances and their volumes.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// `ClientToken`, by which EC2 launches once: where none is given, of this plan and step, set where the plan is made.
    #[serde(default)]
    pub client_token: Box<str>,
    /// How long the step waits until all are running, at most, in seconds; 0 for not at all.
    pub wait_seconds: u64,
}

/// A launch template and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchingTemplate {
    /// `LaunchTemplateId`.
    pub id: Box<str>,
    /// `LaunchTemplateName`. Text from outside.
    pub name: Box<str>,
    /// The version's number.
    pub version: u64,
}
