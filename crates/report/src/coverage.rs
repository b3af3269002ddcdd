//! How the sources of an inventory were read. A source without an entry was never read, and that is said.

use amictl_model::{AccountId, CoverageStatus, Moment, Region, ScopeInventory, Source};
use serde::Serialize;

use crate::ImageEntry;
use crate::doc::Doc;
use crate::grid::{Grid, Kind};
use crate::image::Places;
use crate::number::{NONE, count, date_time};

/// How one source went in one account and Region.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct CoverageRow<'a> {
    pub(crate) account: AccountId,
    pub(crate) region: &'a Region,
    pub(crate) source: Source,
    pub(crate) status: CoverageStatus,
    pub(crate) detail: &'a str,
    pub(crate) items: u64,
    pub(crate) calls: u64,
    pub(crate) read_at: Option<Moment>,
}

/// Every source of these scopes, or only those that were not read whole.
pub(crate) fn coverage_rows<'a>(
    scopes: impl IntoIterator<Item = &'a ScopeInventory>,
    with_complete: bool,
) -> Vec<CoverageRow<'a>> {
    let row = |scope: &'a ScopeInventory, source: Source| {
        let (account, region) = (scope.scope.account, &scope.scope.region);
        match scope.coverage_of(source) {
            Some(coverage) => CoverageRow {
                account,
                region,
                source,
                status: coverage.status,
                detail: &coverage.detail,
                items: coverage.items,
                calls: coverage.calls,
                read_at: Some(coverage.read_at),
            },
            None => CoverageRow {
                account,
                region,
                source,
                status: CoverageStatus::Skipped,
                detail: "never read",
                items: 0,
                calls: 0,
                read_at: None,
            },
        }
    };
    scopes
        .into_iter()
        .flat_map(|scope| Source::ALL.iter().map(move |source| row(scope, *source)))
        .filter(|row| with_complete || row.status != CoverageStatus::Complete)
        .filter(|row| !row.source.is_read_on_demand() || row.read_at.is_some())
        .collect()
}

/// How the evidence on an image was read: every source of its own account, and of others that may launch it what was not read whole.
pub(crate) fn evidence_coverage<'a>(places: &Places<'a>, entry: &ImageEntry<'a>) -> Vec<CoverageRow<'a>> {
    let others = places.users(entry).filter(|scope| !std::ptr::eq(*scope, entry.scope));
    let mut rows = coverage_rows([entry.scope], true);
    rows.extend(coverage_rows(others, false));
    rows
}

/// The sources as a section with a table, if there are any.
pub(crate) fn section(doc: &mut Doc, heading: &str, rows: &[CoverageRow<'_>]) {
    if rows.is_empty() {
        return;
    }
    doc.heading(heading);
    let mut grid = Grid::new(&[
        ("Status", Kind::Word),
        ("Source", Kind::Word),
        ("Account", Kind::Id),
        ("Region", Kind::Id),
        ("Items", Kind::Number),
        ("Read", Kind::Word),
        ("Detail", Kind::Note),
    ]);
    for row in rows {
        grid.row(vec![
            row.status.as_str().to_owned(),
            row.source.to_string(),
            row.account.to_string(),
            row.region.to_string(),
            count(row.items),
            row.read_at.map_or_else(|| NONE.to_owned(), date_time),
            row.detail.to_owned(),
        ]);
    }
    doc.grid(grid);
}
