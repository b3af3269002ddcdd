//! What describes a family of a policy file.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::selector::SelectorSection;
use super::{DurationText, OneOrMore};

/// Images that belong together.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct FamilySection {
    #[schemars(regex(pattern = "^[0-9A-Za-z._-]{1,64}$"))]
    name: String,
    #[serde(rename = "match")]
    matcher: MatchSection,
    /// What splits the family into groups: `tag:KEY`, `name:PLACEHOLDER` or `name_family`.
    #[schemars(inner(regex(pattern = "^(tag:.+|name:.+|name_family)$")))]
    group_by: Option<Vec<String>>,
    /// Where the version of an image stands: `tag:KEY`, `name:PLACEHOLDER`, `recipe` or `name`.
    #[schemars(regex(pattern = "^(tag:.+|name:.+|recipe|name)$"))]
    version: Option<String>,
    keep: KeepSection,
    #[schemars(length(min = 1, max = 4))]
    retire: Vec<StageItem>,
}

/// Which images belong to a family: all that is given must hold.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
struct MatchSection {
    /// A pattern over the name, with the globs `*`, `?`, `[a-z]` and placeholders such as `{version}`.
    name: Option<String>,
    /// Tags that must all be there, their values matched by globs.
    tags: Option<BTreeMap<String, String>>,
    /// The Image Builder recipe that made it, by a glob over its name and perhaps a version: `web`, `web/1.x.x`.
    image_builder_recipe: Option<String>,
    /// A glob over the id of the Data Lifecycle Manager policy that made it.
    dlm_policy: Option<String>,
    /// What else it must be.
    #[serde(rename = "where")]
    selector: Option<SelectorSection>,
}

/// What a family keeps.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct KeepSection {
    /// So many of the newest usable images of each group.
    newest: Option<NewestRule>,
    younger_than: Option<DurationText>,
    launched_within: Option<DurationText>,
    calendar: Option<CalendarSection>,
    /// Ranges of versions, such as `>=2.1, <3`.
    versions: Option<OneOrMore<String>>,
    /// SSM parameters that point to the image of the day.
    channels: Option<ChannelsRule>,
}

/// How many of the newest images stay.
#[derive(JsonSchema)]
#[serde(untagged)]
enum NewestRule {
    InEachRegion(#[schemars(range(min = 0, max = 1000000))] u32),
    Counted(NewestSection),
}

/// So many of the newest, and where they are counted.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct NewestSection {
    #[schemars(range(min = 0, max = 1000000))]
    count: u32,
    /// `each_region`: in each account and Region by itself. `all_regions`: a version counts only if it is in every Region of the account that
    /// has images of the group. Or the Regions that it must be in.
    #[serde(rename = "in")]
    counted_in: Option<NewestIn>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum NewestIn {
    Word(NewestInWord),
    Regions(#[schemars(length(min = 1, max = 1000))] Vec<String>),
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum NewestInWord {
    EachRegion,
    AllRegions,
}

/// Globs over the names of parameters, alone or with how many images before the one that they point to stay too.
#[derive(JsonSchema)]
#[serde(untagged)]
enum ChannelsRule {
    Names(OneOrMore<String>),
    Section(ChannelsSection),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ChannelsSection {
    /// Globs over the names of parameters.
    parameters: OneOrMore<String>,
    /// So many images of the group before the one that a channel points to (0).
    #[schemars(range(min = 0, max = 1000000))]
    previous: Option<u32>,
}

/// How many slots keep their newest image, in UTC.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct CalendarSection {
    #[schemars(range(min = 0, max = 1000000))]
    daily: Option<u32>,
    #[schemars(range(min = 0, max = 1000000))]
    weekly: Option<u32>,
    #[schemars(range(min = 0, max = 1000000))]
    monthly: Option<u32>,
    #[schemars(range(min = 0, max = 1000000))]
    yearly: Option<u32>,
}

/// A stage of retirement, alone or with conditions.
#[derive(JsonSchema)]
#[serde(untagged)]
enum StageItem {
    Plain(StageWord),
    WithConditions(StageConditions),
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum StageWord {
    Deprecate,
    Disable,
    ArchiveSnapshots,
    Deregister,
}

/// A stage with its conditions: exactly one of the keys.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
struct StageConditions {
    deprecate: Option<DeprecateConditions>,
    disable: Option<DisableConditions>,
    archive_snapshots: Option<ArchiveConditions>,
    deregister: Option<DeregisterConditions>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct DeprecateConditions {
    /// Time since the image became unused.
    after: Option<DurationText>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct DisableConditions {
    /// Time since the image became unused.
    after: Option<DurationText>,
}

/// Snapshots of the disabled image go to the archive tier, but for those that anything else uses.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ArchiveConditions {
    /// Time since the image became unused.
    after: Option<DurationText>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct DeregisterConditions {
    /// Time since the image became unused.
    after: Option<DurationText>,
    /// What becomes of the snapshots (`delete`).
    snapshots: Option<SnapshotsWord>,
    /// The shortest retention that Recycle Bin rules must give.
    require_recycle_bin: Option<DurationText>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum SnapshotsWord {
    Delete,
    Keep,
}
