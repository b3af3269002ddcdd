//! The policy file, and judging an inventory by it: pure functions of policy × inventory × now.

mod built_in;
mod convert;
mod diff;
mod duration;
mod error;
mod fixture;
mod forecast;
#[doc(hidden)]
pub mod fuzzing;
mod glob;
mod grammar;
mod judge;
mod keep;
mod keep_until;
mod leftovers;
mod limits;
mod name_family;
mod name_pattern;
mod named;
mod node;
mod notices;
mod notify;
mod policy;
mod protect;
mod recipe;
mod schedules;
mod schema;
mod selector;
mod spot;
mod stage_tags;
mod stages;
mod truth;
mod unmatched;
mod verdict;
mod version;
mod versions;
mod windows;

pub use built_in::BUILT_IN_TEXT;
pub use convert::{Conversion, ConvertFrom, LeftOut, convert};
pub use diff::{VerdictChange, diff};
pub use duration::Duration;
pub use error::{Located, PolicyErrors};
pub use fixture::{Expected, ExpectedVerdict, PolicyTest, PolicyTests, TestOutcome, TestWorld};
pub use forecast::{Forecast, ForecastEvent, RefusedDay, forecast};
pub use glob::Glob;
pub use judge::{judge, needs_launch_permissions, needs_usage_report, needs_witness};
pub use keep::{Calendar, Channels, Keep, NewestIn};
pub use keep_until::{KEEP_UNTIL_TAG, is_kept_until};
pub use leftovers::{
    Leftover, Origin, SnapshotVerdict, VolumeVerdict, judge_snapshots, judge_volumes, kept_by_tags,
    needs_snapshot_permissions, snapshot_left_alone, snapshot_stays,
};
pub use limits::{Caps, Limits};
pub use name_family::name_family;
pub use name_pattern::NamePattern;
pub use named::{NAMED_FAMILY, Naming, is_kept_for_use, overrule};
pub use notices::{UpcomingStage, upcoming_stages};
pub use notify::{Notify, NotifyTarget, TopicArn, Webhook, WebhookUrl};
pub use policy::{
    Ancestors, Family, FamilyMatch, GroupKey, LaunchTemplateVersions, OtherAccounts, Policy, ReferenceRules,
    Retirement, SnapshotRule,
};
pub use protect::ProtectRule;
pub use recipe::RecipePattern;
pub use schedules::{
    CopyTarget, DueImage, INSTANCE_TAG, SCHEDULE_TAG, SLOT_TAG, Schedule, ScheduledInstance, Template, Times,
};
pub use schema::policy_schema;
pub use selector::{Selector, Subject};
pub use spot::Spot;
pub use stage_tags::{BeforeStages, NoRoom, before_stages, is_stage_tag, stage_tags};
pub use stages::{
    NextStage, POLICY_TAG, Reached, SINCE_TAG, STAGE_TAG, StageRecord, Unclear, next_stage, stage_record,
};
pub use truth::Truth;
pub use unmatched::unmatched_families;
pub use verdict::{Decision, Ladder, Reason, ReasonCode, Stage, Verdict};
pub use version::{VersionRange, VersionSource};
pub use versions::{Bump, VersionScheme, VersionedFamily, next_version, sort_by_version};
pub use windows::{Window, Windows};
