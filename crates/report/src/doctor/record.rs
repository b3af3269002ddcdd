//! A check-up as records.

use std::collections::BTreeSet;
use std::fmt;

use amictl_cloud::Need;
use amictl_cloud::ops::{RegionSetting, RetentionRule};
use amictl_collect::doctor::{Answer, Checkup, Health, NeedHealth};
use amictl_model::{AccountId, Region};
use serde::Serialize;

use super::DoctorReport;
use super::rules::describe;
use crate::{ReportError, sink};

/// The whole check-up.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    account: AccountId,
    caller: &'a str,
    regions_enabled: Option<usize>,
    regions_known: Option<usize>,
    /// Whether images stay in some Region that would go otherwise.
    blocked: bool,
    missing_actions: BTreeSet<&'a str>,
    needs: Vec<Row<'a>>,
    settings: Vec<Settings<'a>>,
    unreachable: Vec<Unreachable<'a>>,
}

/// An account and Region that cannot be worked in.
#[derive(Serialize)]
struct Unreachable<'a> {
    account: AccountId,
    region: &'a Region,
    why: &'a str,
}

/// How a need stands in one Region.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    kind: &'static str,
    account: AccountId,
    region: &'a Region,
    need: &'static str,
    status: Health,
    blocks: bool,
    without: &'static str,
    missing_actions: &'a [String],
    detail: &'a str,
}

/// The settings of one Region.
#[derive(Serialize)]
pub(super) struct Settings<'a> {
    kind: &'static str,
    account: AccountId,
    region: &'a Region,
    image_rules: Told<&'a [RetentionRule]>,
    snapshot_rules: Told<&'a [RetentionRule]>,
    /// Days for which whatever is deregistered can be restored; `null` when that is not so for all.
    restorable_days: Option<u64>,
    allowed_images: Told<&'a RegionSetting>,
    block_public_access: Told<&'a RegionSetting>,
    images_max: Told<Option<f64>>,
}

/// A value, or why it could not be read.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Told<T> {
    Value(T),
    Unreadable(String),
}

fn told<'a, T, U>(answer: &'a Answer<T>, value: impl FnOnce(&'a T) -> U) -> Told<U> {
    match answer {
        Ok(answer) => Told::Value(value(answer)),
        Err(why) => Told::Unreadable(why.clone()),
    }
}

impl<'a> Document<'a> {
    pub(super) fn of(report: &'a DoctorReport<'a>) -> Self {
        Self {
            account: report.account,
            caller: report.caller,
            regions_enabled: report.regions.map(|(enabled, _)| enabled),
            regions_known: report.regions.map(|(_, known)| known),
            blocked: !report.unreachable.is_empty() || report.checkups.iter().any(Checkup::is_blocked),
            missing_actions: report.missing(),
            needs: rows(report),
            settings: report.checkups.iter().map(Settings::of).collect(),
            unreachable: report
                .unreachable
                .iter()
                .map(|(scope, why)| Unreachable { account: scope.account, region: &scope.region, why })
                .collect(),
        }
    }
}

/// Every need in every Region.
pub(super) fn rows<'a>(report: &'a DoctorReport<'a>) -> Vec<Row<'a>> {
    let row = |checkup: &'a Checkup, health: &'a NeedHealth| Row {
        kind: "need",
        account: checkup.scope.account,
        region: &checkup.scope.region,
        need: name(health.need),
        status: health.health,
        blocks: health.blocks,
        without: health.without,
        missing_actions: &health.missing,
        detail: &health.detail,
    };
    report.checkups.iter().flat_map(|checkup| checkup.needs.iter().map(move |health| row(checkup, health))).collect()
}

impl<'a> Settings<'a> {
    pub(super) fn of(checkup: &'a Checkup) -> Self {
        let settings = &checkup.settings;
        Self {
            kind: "settings",
            account: checkup.scope.account,
            region: &checkup.scope.region,
            image_rules: told(&settings.recovery.images, Vec::as_slice),
            snapshot_rules: told(&settings.recovery.snapshots, Vec::as_slice),
            restorable_days: settings.recovery.days_for_all(),
            allowed_images: told(&settings.allowed_images, |setting| setting),
            block_public_access: told(&settings.public_access, |setting| setting),
            images_max: told(&settings.images_max, |quota| *quota),
        }
    }
}

/// The name of a need; that of a source where it is one.
pub(super) fn name(need: Need) -> &'static str {
    match need {
        Need::Session => "session",
        Need::Source(source) => source.as_str(),
        Need::Names => "names",
        Need::Witness => "image_references",
        Need::UsageReports => "image_usage",
        Need::Aggregator => "config_aggregator",
        Need::FilesInS3 => "files",
        Need::Quotas => "quotas",
        Need::Accounts => "accounts",
        Need::Recovery => "recovery",
        Need::Held => "held_snapshots",
        Need::Settings => "settings",
        Need::Fence => "fence",
        Need::Deregister => "deregister",
        Need::Stages => "stages",
        Need::Archive => "archive",
        Need::Unarchive => "unarchive",
        Need::Undo => "undo",
        Need::Restore => "restore",
        Need::Notices => "notices",
        Need::Deprecation => "deprecation",
        Need::Disabling => "disabling",
        Need::Protection => "protection",
        Need::Sharing => "sharing",
        Need::SnapshotSharing => "snapshot_sharing",
        Need::Copying => "copying",
        Need::Creating => "creating",
        Need::Registering => "registering",
        Need::Publishing => "publishing",
        Need::LeftSnapshots => "left_snapshots",
        Need::LeftVolumes => "left_volumes",
        Need::Terminating => "terminating",
        Need::Bin => "bin",
        Need::Bundles => "bundles",
        Need::DeleteBundles => "delete_bundles",
        Need::Storing => "storing",
        Need::Restoring => "restore_from_s3",
        Need::Importing => "importing",
        Need::ImportingByS3 => "importing_by_s3",
        Need::Rollout => "rollout",
        Need::Launching => "launching",
        Need::Finding => "finding",
    }
}

/// A row for each need and each setting of each Region.
pub(super) fn write_csv(out: &mut dyn fmt::Write, report: &DoctorReport<'_>) -> Result<(), ReportError> {
    let needs = report.checkups.iter().flat_map(|checkup| {
        checkup.needs.iter().map(move |health| {
            [
                "need".to_owned(),
                checkup.scope.account.to_string(),
                checkup.scope.region.to_string(),
                name(health.need).to_owned(),
                health.health.as_str().to_owned(),
                health.blocks.to_string(),
                health.missing.join(" "),
                health.detail.clone(),
            ]
        })
    });
    let settings = report.checkups.iter().flat_map(|checkup| {
        let row = move |name: &str, status: &str, detail: String| {
            let (account, region) = (checkup.scope.account.to_string(), checkup.scope.region.to_string());
            let blocks = false.to_string();
            ["setting".to_owned(), account, region, name.to_owned(), status.to_owned(), blocks, String::new(), detail]
        };
        let settings = &checkup.settings;
        [
            row("recycle_bin_images", read(&settings.recovery.images), describe(&settings.recovery.images)),
            row("recycle_bin_snapshots", read(&settings.recovery.snapshots), describe(&settings.recovery.snapshots)),
            row("allowed_images", read(&settings.allowed_images), state(&settings.allowed_images)),
            row("block_public_access", read(&settings.public_access), state(&settings.public_access)),
            row("images_max", read(&settings.images_max), quota(&settings.images_max).replace(',', "")),
        ]
    });
    let unreachable = report.unreachable.iter().map(|(scope, why)| {
        let (account, region) = (scope.account.to_string(), scope.region.to_string());
        let (name, status, blocks) = ("account".to_owned(), "unreachable".to_owned(), true.to_string());
        ["account".to_owned(), account, region, name, status, blocks, String::new(), why.clone()]
    });
    let header = ["kind", "account", "region", "name", "status", "blocks", "missing_actions", "detail"];
    sink::write_csv(out, header, needs.chain(settings).chain(unreachable))
}

fn read<T>(answer: &Answer<T>) -> &'static str {
    if answer.is_ok() { "ok" } else { "unreadable" }
}

/// A setting's state and who set it.
pub(super) fn state(answer: &Answer<RegionSetting>) -> String {
    match answer {
        Ok(RegionSetting { state, managed_by: Some(by) }) if by != "account" => format!("{state}, set by {by}"),
        Ok(setting) => setting.state.clone(),
        Err(why) => format!("could not be read: {why}"),
    }
}

/// The quota of images.
pub(super) fn quota(answer: &Answer<Option<f64>>) -> String {
    match answer {
        Ok(Some(quota)) => crate::number::count(quota.max(0.0) as u64),
        Ok(None) => "not told".to_owned(),
        Err(why) => format!("could not be read: {why}"),
    }
}
