//! The Regions of the partition.

use amictl_model::Region;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A Region and whether accounts have to opt in to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionInfo {
    /// `RegionName`.
    pub region: Region,
    /// `OptInStatus`: `opt-in-not-required`, `opted-in` or `not-opted-in`.
    pub opt_in_status: CompactString,
}

impl RegionInfo {
    /// A Region with this status.
    ///
    /// # Panics
    /// When the name is not shaped like a Region's.
    #[must_use]
    pub fn new(region: &str, opt_in_status: &str) -> Self {
        Self { region: region.parse().expect("a Region's name"), opt_in_status: opt_in_status.into() }
    }

    /// Whether calls are answered there.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.opt_in_status != "not-opted-in"
    }
}

/// The Regions that every account has, and some that want to be opted in to.
pub(super) fn commercial() -> Vec<RegionInfo> {
    const DEFAULT: [&str; 17] = [
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ];
    const OPT_IN: [&str; 4] = ["af-south-1", "ap-east-1", "eu-south-1", "me-south-1"];
    let default = DEFAULT.iter().map(|name| RegionInfo::new(name, "opt-in-not-required"));
    let opt_in = OPT_IN.iter().map(|name| RegionInfo::new(name, "not-opted-in"));
    default.chain(opt_in).collect()
}
