//! One image of a list as a record.

use std::fmt;

use amictl_model::{AccountId, ImageId, LaunchPermissions, Moment, Platform, Region, SnapshotId, Tags};
use amictl_policy::{Decision, Reason, Stage};
use serde::Serialize;

use super::places::Places;
use super::{ImageEntry, ImageList};
use crate::number::len;
use crate::{ReportError, sink, words};

/// The record.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    image_id: &'a ImageId,
    account: AccountId,
    region: &'a Region,
    name: &'a str,
    state: &'static str,
    deprecated: bool,
    public: bool,
    created_at: Option<Moment>,
    last_launched_at: Option<Moment>,
    size_gib: u64,
    snapshots: Vec<&'a SnapshotId>,
    used_by: u64,
    /// Whether `used_by` may be trusted to be all.
    used_by_complete: bool,
    architecture: &'a str,
    platform_details: Platform,
    root_device_type: &'static str,
    deprecation_at: Option<Moment>,
    deregistration_protection: &'a str,
    source_image_id: Option<&'a str>,
    launch_permissions: &'a LaunchPermissions,
    tags: &'a Tags,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<VerdictRow<'a>>,
}

/// A verdict as plans have it.
#[derive(Serialize)]
pub(super) struct VerdictRow<'a> {
    family: Option<&'a str>,
    decision: &'static str,
    stage: Option<Stage>,
    reasons: &'a [Reason],
}

impl<'a> Row<'a> {
    pub(super) fn of(entry: &ImageEntry<'a>, places: &Places<'a>, now: Moment) -> Self {
        Self {
            image_id: &entry.image.id,
            account: entry.scope.scope.account,
            region: &entry.scope.scope.region,
            name: &entry.image.name,
            state: entry.image.state.as_str(),
            deprecated: entry.image.is_deprecated(now),
            public: entry.image.public,
            created_at: entry.image.created_at,
            last_launched_at: entry.image.last_launched_at,
            size_gib: entry.size_gib(),
            snapshots: entry.image.snapshots().collect(),
            used_by: len(places.used_by(entry)),
            used_by_complete: places.is_whole(entry),
            architecture: &entry.image.architecture,
            platform_details: entry.image.platform_details,
            root_device_type: entry.image.root_device_type.as_str(),
            deprecation_at: entry.image.deprecation_at,
            deregistration_protection: entry.image.protection.as_str(),
            source_image_id: entry.image.source_image.as_deref(),
            launch_permissions: &entry.image.launch_permissions,
            tags: &entry.image.tags,
            verdict: VerdictRow::of(entry),
        }
    }
}

impl<'a> VerdictRow<'a> {
    pub(super) fn of(entry: &ImageEntry<'a>) -> Option<Self> {
        entry.verdict.map(|verdict| Self {
            family: verdict.family.as_deref(),
            decision: verdict.decision.as_str(),
            stage: match verdict.decision {
                Decision::Retire(stage) => Some(stage),
                Decision::Keep | Decision::Blocked => None,
            },
            reasons: &verdict.reasons,
        })
    }
}

const HEADER: [&str; 24] = [
    "image_id",
    "account",
    "region",
    "name",
    "state",
    "deprecated",
    "public",
    "created_at",
    "last_launched_at",
    "size_gib",
    "snapshots",
    "used_by",
    "used_by_complete",
    "family",
    "decision",
    "stage",
    "reasons",
    "architecture",
    "root_device_type",
    "deprecation_at",
    "deregistration_protection",
    "source_image_id",
    "launch_permissions",
    "platform_details",
];

/// Writes the list as CSV, one row an image.
pub(super) fn write_csv(out: &mut dyn fmt::Write, list: &ImageList<'_>) -> Result<(), ReportError> {
    let time = |at: Option<Moment>| at.map(|at| at.to_string()).unwrap_or_default();
    let places = Places::of(list.inventory);
    sink::write_csv(
        out,
        HEADER,
        list.entries.iter().map(|entry| {
            let row = Row::of(entry, &places, list.now);
            let snapshots: Vec<&str> = row.snapshots.iter().map(|id| id.as_str()).collect();
            let verdict = row.verdict.as_ref();
            [
                row.image_id.to_string(),
                row.account.to_string(),
                row.region.to_string(),
                row.name.to_owned(),
                row.state.to_owned(),
                row.deprecated.to_string(),
                row.public.to_string(),
                time(row.created_at),
                time(row.last_launched_at),
                row.size_gib.to_string(),
                snapshots.join(" "),
                row.used_by.to_string(),
                row.used_by_complete.to_string(),
                verdict.and_then(|verdict| verdict.family).unwrap_or_default().to_owned(),
                verdict.map(|verdict| verdict.decision).unwrap_or_default().to_owned(),
                verdict.and_then(|verdict| verdict.stage).map(Stage::as_str).unwrap_or_default().to_owned(),
                verdict.map(|verdict| words::all_reasons(verdict.reasons)).unwrap_or_default(),
                row.architecture.to_owned(),
                row.root_device_type.to_owned(),
                time(row.deprecation_at),
                row.deregistration_protection.to_owned(),
                row.source_image_id.unwrap_or_default().to_owned(),
                words::permissions(entry.image),
                row.platform_details.as_str().to_owned(),
            ]
        }),
    )
}
