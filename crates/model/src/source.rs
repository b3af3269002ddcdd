//! The places that are read for an inventory, by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One place that is read: an operation, or several that belong together. Its name stands in coverage, reasons and policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The account's images, deprecated and disabled ones too.
    Images,
    /// The account's snapshots.
    Snapshots,
    /// Launch permissions of the images whose verdict depends on them.
    LaunchPermissions,
    /// Instances in every state but terminated.
    Instances,
    /// Every version of every launch template, raw and with aliases resolved.
    LaunchTemplates,
    /// Launch configurations, attached or not.
    LaunchConfigurations,
    /// Auto Scaling groups with all their overrides.
    AutoScalingGroups,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 7] = [
        Self::Images,
        Self::Snapshots,
        Self::LaunchPermissions,
        Self::Instances,
        Self::LaunchTemplates,
        Self::LaunchConfigurations,
        Self::AutoScalingGroups,
    ];

    /// The sources that can name an image in use. One that is not complete blocks every image of its account and Region.
    pub const REFERENCES: [Self; 4] =
        [Self::Instances, Self::LaunchTemplates, Self::LaunchConfigurations, Self::AutoScalingGroups];

    /// The name in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Snapshots => "snapshots",
            Self::LaunchPermissions => "launch_permissions",
            Self::Instances => "instances",
            Self::LaunchTemplates => "launch_templates",
            Self::LaunchConfigurations => "launch_configurations",
            Self::AutoScalingGroups => "auto_scaling_groups",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|source| source.as_str() == text).ok_or_else(|| format!("`{text}` is not a source"))
    }
}
