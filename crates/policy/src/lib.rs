//! The policy file, and judging an inventory by it: pure functions of policy × inventory × now.

mod built_in;
mod duration;
mod error;
mod glob;
mod grammar;
mod judge;
mod leftovers;
mod name_family;
mod name_pattern;
mod node;
mod policy;
mod schema;
mod spot;
mod unmatched;
mod unsupported;
mod verdict;

pub use built_in::BUILT_IN_TEXT;
pub use duration::Duration;
pub use error::{Located, PolicyErrors};
pub use glob::Glob;
pub use judge::{judge, needs_launch_permissions, needs_usage_report, needs_witness};
pub use leftovers::{
    Leftover, Origin, SnapshotVerdict, VolumeVerdict, judge_snapshots, judge_volumes, needs_snapshot_permissions,
    snapshot_left_alone,
};
pub use name_family::name_family;
pub use name_pattern::NamePattern;
pub use policy::{
    Ancestors, Calendar, Family, FamilyMatch, GroupKey, Keep, LaunchTemplateVersions, Limits, OtherAccounts, Policy,
    ProtectRule, ReferenceRules, Retirement, SnapshotRule,
};
pub use schema::policy_schema;
pub use spot::Spot;
pub use unmatched::unmatched_families;
pub use verdict::{Decision, Reason, ReasonCode, Stage, Verdict};
