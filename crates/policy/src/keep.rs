//! What a family keeps.

use amictl_model::Region;

use crate::version::VersionRange;
use crate::{Duration, Glob};

/// What a family keeps; each rule by itself keeps an image.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Keep {
    /// So many of the newest usable images of each group.
    pub newest: u32,
    /// Where those are counted.
    pub newest_in: NewestIn,
    /// Images younger than this.
    pub younger_than: Option<Duration>,
    /// Images launched within this time.
    pub launched_within: Option<Duration>,
    /// The newest image of each of the last slots.
    pub calendar: Calendar,
    /// Images of a version in one of these ranges.
    pub versions: Vec<VersionRange>,
    /// Images that a channel points to.
    pub channels: Option<Channels>,
}

/// Where the newest images are counted (`newest: {count: 5, in: …}`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum NewestIn {
    /// In each account and Region by itself.
    #[default]
    EachRegion,
    /// Over the Regions of an account: a version counts only if it is in every Region that has images of the group.
    AllRegions,
    /// The same with these Regions.
    Regions(Vec<Region>),
}

/// Channels: parameters of Systems Manager that point to the image of the day.
#[derive(Debug, Clone, PartialEq)]
pub struct Channels {
    /// The names of the parameters.
    pub parameters: Vec<Glob>,
    /// So many images of the group before the one that a channel points to stay as well, to go back to.
    pub previous: u32,
}

/// How many slots of each length keep their newest image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Days.
    pub daily: u32,
    /// Weeks, from Monday.
    pub weekly: u32,
    /// Months.
    pub monthly: u32,
    /// Years.
    pub yearly: u32,
}

impl Calendar {
    /// Whether it keeps anything.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}
