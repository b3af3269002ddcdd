//! Snapshots as records and as a table.

use amictl_model::{AccountId, ImageId, Inventory, Moment, Region, SnapshotId, Tags};
use amictl_plan::monthly_usd_upper_bound;
use amictl_policy::{Leftover, SnapshotVerdict};
use serde::Serialize;

use super::{Words, said};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, bytes, date, gib, len, plural, usd};

/// A snapshot as a record.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    snapshot_id: &'a SnapshotId,
    account: AccountId,
    region: &'a Region,
    standing: Leftover,
    because: &'a str,
    started_at: Option<Moment>,
    size_gib: u32,
    full_size_bytes: Option<u64>,
    monthly_usd_upper_bound: f64,
    images: &'a [&'a ImageId],
    volumes: &'a [&'a str],
    made_for: Option<&'a ImageId>,
    volume_id: Option<&'a str>,
    description: Option<&'a str>,
    tags: &'a Tags,
}

pub(super) const COLUMNS: [&str; 14] = [
    "snapshot_id",
    "account",
    "region",
    "standing",
    "because",
    "started_at",
    "size_gib",
    "full_size_bytes",
    "monthly_usd_upper_bound",
    "images",
    "volumes",
    "made_for",
    "volume_id",
    "description",
];

impl<'a> Row<'a> {
    pub(super) fn of(inventory: &'a Inventory, verdict: &'a SnapshotVerdict<'a>) -> Self {
        let scope = &inventory.scopes[verdict.scope].scope;
        let snapshot = verdict.snapshot;
        Self {
            snapshot_id: &snapshot.id,
            account: scope.account,
            region: &scope.region,
            standing: verdict.standing,
            because: &verdict.because,
            started_at: snapshot.started_at,
            size_gib: snapshot.size_gib,
            full_size_bytes: snapshot.full_size_bytes,
            monthly_usd_upper_bound: monthly_usd_upper_bound(snapshot),
            images: &verdict.images,
            volumes: &verdict.volumes,
            made_for: verdict.origin.as_ref(),
            volume_id: snapshot.volume.as_deref(),
            description: snapshot.description.as_deref(),
            tags: &snapshot.tags,
        }
    }

    pub(super) fn cells(&self) -> [String; 14] {
        let joined = |ids: Vec<&str>| ids.join(" ");
        [
            self.snapshot_id.to_string(),
            self.account.to_string(),
            self.region.to_string(),
            self.standing.as_str().to_owned(),
            self.because.to_owned(),
            self.started_at.map(|at| at.to_string()).unwrap_or_default(),
            self.size_gib.to_string(),
            self.full_size_bytes.map(|bytes| bytes.to_string()).unwrap_or_default(),
            format!("{:.4}", self.monthly_usd_upper_bound),
            joined(self.images.iter().map(|image| image.as_str()).collect()),
            joined(self.volumes.to_vec()),
            self.made_for.map(ToString::to_string).unwrap_or_default(),
            self.volume_id.unwrap_or_default().to_owned(),
            self.description.unwrap_or_default().to_owned(),
        ]
    }

    pub(super) fn words(rows: &[Self]) -> Words {
        let mut grid = Grid::new(&[
            ("Snapshot", Kind::Id),
            ("Account", Kind::Id),
            ("Region", Kind::Id),
            ("Made", Kind::Word),
            ("Volume", Kind::Number),
            ("Full size", Kind::Number),
            ("A month", Kind::Number),
            ("It is", Kind::Word),
            ("Because", Kind::Note),
        ]);
        for row in rows {
            grid.row(vec![
                row.snapshot_id.to_string(),
                row.account.to_string(),
                row.region.to_string(),
                date(row.started_at),
                gib(row.size_gib.into()),
                row.full_size_bytes.map_or_else(|| NONE.to_owned(), bytes),
                format!("≤ {}", usd(row.monthly_usd_upper_bound)),
                said(row.standing).to_owned(),
                row.because.to_owned(),
            ]);
        }
        let orphans: Vec<&Self> = rows.iter().filter(|row| row.standing == Leftover::Orphan).collect();
        let cost: f64 = orphans.iter().map(|row| row.monthly_usd_upper_bound).sum();
        let count = plural(len(orphans.len()), "snapshot that is", "snapshots that are");
        Words {
            noun: ("snapshot", "snapshots"),
            orphans: format!("{count} left over from images, {} a month at most", usd(cost)),
            grid,
        }
    }
}
