//! Volumes as records and as a table.

use amictl_model::{AccountId, Inventory, Moment, Region, SnapshotId, Tags};
use amictl_policy::{Leftover, VolumeVerdict};
use serde::Serialize;

use super::{Words, said};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, date, gib, len, plural};

/// A volume as a record.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    volume_id: &'a str,
    account: AccountId,
    region: &'a Region,
    standing: Leftover,
    because: &'a str,
    state: &'a str,
    created_at: Option<Moment>,
    size_gib: u32,
    volume_type: &'a str,
    snapshot_id: Option<&'a SnapshotId>,
    attached_to: Vec<&'a str>,
    tags: &'a Tags,
}

pub(super) const COLUMNS: [&str; 11] = [
    "volume_id",
    "account",
    "region",
    "standing",
    "because",
    "state",
    "created_at",
    "size_gib",
    "volume_type",
    "snapshot_id",
    "attached_to",
];

impl<'a> Row<'a> {
    pub(super) fn of(inventory: &'a Inventory, verdict: &'a VolumeVerdict<'a>) -> Self {
        let scope = &inventory.scopes[verdict.scope].scope;
        let volume = verdict.volume;
        Self {
            volume_id: &volume.id,
            account: scope.account,
            region: &scope.region,
            standing: verdict.standing,
            because: &verdict.because,
            state: &volume.state,
            created_at: volume.created_at,
            size_gib: volume.size_gib,
            volume_type: &volume.volume_type,
            snapshot_id: volume.snapshot.as_ref(),
            attached_to: volume.attached_to.iter().map(|instance| &**instance).collect(),
            tags: &volume.tags,
        }
    }

    pub(super) fn cells(&self) -> [String; 11] {
        [
            self.volume_id.to_owned(),
            self.account.to_string(),
            self.region.to_string(),
            self.standing.as_str().to_owned(),
            self.because.to_owned(),
            self.state.to_owned(),
            self.created_at.map(|at| at.to_string()).unwrap_or_default(),
            self.size_gib.to_string(),
            self.volume_type.to_owned(),
            self.snapshot_id.map(ToString::to_string).unwrap_or_default(),
            self.attached_to.join(" "),
        ]
    }

    pub(super) fn words(rows: &[Self]) -> Words {
        let mut grid = Grid::new(&[
            ("Volume", Kind::Id),
            ("Account", Kind::Id),
            ("Region", Kind::Id),
            ("Made", Kind::Word),
            ("Size", Kind::Number),
            ("Type", Kind::Word),
            ("State", Kind::Word),
            ("Snapshot", Kind::Id),
            ("It is", Kind::Word),
            ("Because", Kind::Note),
        ]);
        for row in rows {
            grid.row(vec![
                row.volume_id.to_owned(),
                row.account.to_string(),
                row.region.to_string(),
                date(row.created_at),
                gib(row.size_gib.into()),
                row.volume_type.to_owned(),
                row.state.to_owned(),
                row.snapshot_id.map_or_else(|| NONE.to_owned(), ToString::to_string),
                said(row.standing).to_owned(),
                row.because.to_owned(),
            ]);
        }
        let orphans: Vec<&Self> = rows.iter().filter(|row| row.standing == Leftover::Orphan).collect();
        let size: u64 = orphans.iter().map(|row| u64::from(row.size_gib)).sum();
        let count = plural(len(orphans.len()), "volume that is", "volumes that are");
        Words { noun: ("volume", "volumes"), orphans: format!("{count} left over from images, {}", gib(size)), grid }
    }
}
