//! One image with all evidence, as JSON.

use amictl_model::{AccountId, Image, ImageId, Moment, Reference, Region, Snapshot, SnapshotId};
use amictl_plan::Step;
use serde::Serialize;

use super::row::VerdictRow;
use super::{ImageEntry, ImageReport};
use crate::coverage::{CoverageRow, coverage_rows};

/// The document.
#[derive(Serialize)]
pub(super) struct Detail<'a> {
    account: AccountId,
    region: &'a Region,
    now: Moment,
    deprecated: bool,
    image: &'a Image,
    verdict: Option<VerdictRow<'a>>,
    references: &'a [Reference],
    /// Whether `references` may be trusted to be all.
    references_complete: bool,
    pub(super) snapshots: Vec<SnapshotUse<'a>>,
    coverage: Vec<CoverageRow<'a>>,
    steps: &'a [&'a Step],
}

/// A snapshot of the image, and what else has it.
#[derive(Serialize)]
pub(super) struct SnapshotUse<'a> {
    pub(super) id: &'a SnapshotId,
    pub(super) device_name: &'a str,
    pub(super) size_gib: Option<u32>,
    /// The snapshot as the account owns it; `None` when it is another's, gone, or was not read.
    pub(super) snapshot: Option<&'a Snapshot>,
    pub(super) other_images: Vec<&'a ImageId>,
}

impl<'a> Detail<'a> {
    pub(super) fn of(report: &'a ImageReport<'a>) -> Self {
        let entry = &report.entry;
        Self {
            account: entry.scope.scope.account,
            region: &entry.scope.scope.region,
            now: report.now,
            deprecated: entry.image.is_deprecated(report.now),
            image: entry.image,
            verdict: VerdictRow::of(entry),
            references: entry.scope.references_to(&entry.image.id),
            references_complete: entry.used_by_is_whole(),
            snapshots: snapshots(entry),
            coverage: coverage_rows([entry.scope], true),
            steps: &report.steps,
        }
    }
}

/// The snapshots behind all block devices.
pub(super) fn snapshots<'a>(entry: &ImageEntry<'a>) -> Vec<SnapshotUse<'a>> {
    let devices = entry.image.block_devices.iter();
    let of_device = |device: &'a amictl_model::BlockDevice| {
        device.snapshot.as_ref().map(|id| SnapshotUse {
            id,
            device_name: &device.device_name,
            size_gib: device.size_gib,
            snapshot: entry.scope.snapshot(id),
            other_images: entry.others_with(id).into_iter().map(|image| &image.id).collect(),
        })
    };
    devices.filter_map(of_device).collect()
}
