//! One image with all evidence, as JSON.

use amictl_model::{AccountId, Image, ImageId, Moment, Region, Snapshot, SnapshotId};
use amictl_plan::Step;
use serde::Serialize;

use super::row::VerdictRow;
use super::undo::Undoable;
use super::{Beyond, ImageEntry, ImageReport, Lineage, Places, ReferenceRow};
use crate::coverage::{CoverageRow, evidence_coverage};

/// The document.
#[derive(Serialize)]
pub(super) struct Detail<'a> {
    account: AccountId,
    region: &'a Region,
    now: Moment,
    deprecated: bool,
    image: &'a Image,
    verdict: Option<VerdictRow<'a>>,
    references: Vec<ReferenceRow<'a>>,
    /// Whether `references` may be trusted to be all.
    references_complete: bool,
    #[serde(flatten)]
    beyond: Beyond<'a>,
    pub(super) snapshots: Vec<SnapshotUse<'a>>,
    /// The image that this one was copied from, and those that were copied from it.
    source_image: Option<Relative<'a>>,
    copies: Vec<Relative<'a>>,
    undo: Undoable,
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

/// An image that is a copy of this one, or of which this one is a copy.
#[derive(Serialize)]
pub(super) struct Relative<'a> {
    pub(super) id: &'a str,
    /// Where the inventory has it; `None` when it is not there.
    pub(super) account: Option<AccountId>,
    pub(super) region: Option<&'a Region>,
}

impl<'a> Relative<'a> {
    fn of(id: &'a str, entry: Option<ImageEntry<'a>>) -> Self {
        let scope = entry.map(|entry| &entry.scope.scope);
        Self { id, account: scope.map(|scope| scope.account), region: scope.map(|scope| &scope.region) }
    }
}

/// What an image was copied from, and what was copied from it.
pub(super) fn relatives<'a>(report: &ImageReport<'a>) -> (Option<Relative<'a>>, Vec<Relative<'a>>) {
    let lineage = Lineage::of(report.inventory);
    let image = report.entry.image;
    let source = image.source_image.as_deref().map(|id| Relative::of(id, lineage.get(id)));
    let copies = lineage.copies_of(image.id.as_str());
    (source, copies.iter().map(|copy| Relative::of(copy.image.id.as_str(), Some(*copy))).collect())
}

impl<'a> Detail<'a> {
    pub(super) fn of(report: &'a ImageReport<'a>) -> Self {
        let entry = &report.entry;
        let places = Places::of(report.inventory);
        let (source_image, copies) = relatives(report);
        Self {
            account: entry.scope.scope.account,
            region: &entry.scope.scope.region,
            now: report.now,
            deprecated: entry.image.is_deprecated(report.now),
            image: entry.image,
            verdict: VerdictRow::of(entry),
            references: ReferenceRow::all(&places, entry),
            references_complete: places.is_whole(entry),
            beyond: Beyond::of(&places, entry),
            snapshots: snapshots(entry),
            source_image,
            copies,
            undo: Undoable::of(entry.image),
            coverage: evidence_coverage(&places, entry),
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
