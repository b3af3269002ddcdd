//! A place that names an image.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::{ImageId, Source};

/// One use of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The image that is named, in the same Region; it may be of another account and need not be in the inventory.
    pub image: ImageId,
    /// Where it was seen.
    pub source: Source,
    /// What names it: an id, a name, an ARN, `lt-…:3`. Attacker-controlled text.
    pub resource: CompactString,
    /// How it names it.
    pub usage: Usage,
}

/// How a resource uses an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// An instance in this state runs or ran from it.
    Instance {
        /// `State.Name`, such as `stopped`.
        state: CompactString,
    },
    /// A launch template's version starts instances from it.
    LaunchTemplateVersion {
        /// `VersionNumber`.
        version: u64,
        /// 0 for the newest version of the template, 1 for the one before it, and so on.
        age_rank: u32,
        /// Whether it is the template's default version.
        default: bool,
        /// Whether the version named the image through `resolve:ssm:…`.
        alias: bool,
    },
    /// A launch configuration starts instances from it.
    LaunchConfiguration,
    /// An Auto Scaling group starts instances from it, through what is named here.
    AutoScalingGroup {
        /// Such as `launch template lt-…:3` or `mixed instances override`.
        via: CompactString,
    },
    /// Any other resource names it.
    Other {
        /// What the resource is and how it names the image, such as `EC2 Fleet, active, by launch template lt-…:3`.
        what: CompactString,
    },
}
