//! The `schedules` of the schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::DurationText;
use super::family::KeepSection;

/// Images that are made by the clock, of every instance with some tags.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ScheduleSection {
    /// Names it in errors, in families and in the tags of its images.
    #[schemars(regex(pattern = "^[A-Za-z0-9._-]{1,64}$"))]
    name: String,
    /// Of which instances.
    instances: ScheduledInstances,
    /// Every 1h, 2h, 3h, 4h, 6h, 8h, 12h or 24h, counted from `at`; or `cron`.
    every: Option<DurationText>,
    /// The time of day that `every` is counted from (00:00).
    #[schemars(regex(pattern = "^[0-9]{2}:[0-9]{2}$"))]
    at: Option<String>,
    /// Five fields of a crontab, such as `0 3 * * mon-fri`; or `every`.
    cron: Option<String>,
    /// By whose clocks: a name of the IANA database (UTC).
    time_zone: Option<String>,
    /// Whether the instance is stopped for it, so that its file systems are at rest.
    reboot: bool,
    /// What an image is called (`{schedule}-{instance}-{time}`).
    image: Option<String>,
    /// Tags of the image and its snapshots, with the same placeholders.
    tags: Option<BTreeMap<String, String>>,
    /// How long after it was made an image is deprecated.
    deprecate_after: Option<DurationText>,
    /// The accounts that may launch it.
    share_with: Option<Vec<String>>,
    /// Regions that it is copied to.
    copy_to: Option<Vec<CopySection>>,
    /// What is kept of the images of each instance; the others go with their snapshots. All are without.
    keep: Option<KeepSection>,
}

/// Which instances.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ScheduledInstances {
    /// Those with all these tags; `*` and `?` in values.
    tags: BTreeMap<String, String>,
}

/// A Region that images are copied to.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct CopySection {
    /// The Region.
    region: String,
    /// Whether the copy is encrypted also where the image is not.
    encrypted: Option<bool>,
    /// The key that it is encrypted with, of that Region.
    kms_key: Option<String>,
    /// How long after it was made a copy is deprecated.
    deprecate_after: Option<DurationText>,
    /// What is kept of the copies there; all are without.
    keep: Option<KeepSection>,
}
