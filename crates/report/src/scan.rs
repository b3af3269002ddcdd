//! What a scan saw and what it cost.

use std::collections::BTreeMap;
use std::fmt;

use amictl_model::{Inventory, Scope};
use serde::Serialize;

use crate::coverage::coverage_rows;
use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, count, len, plural};
use crate::{Calls, Format, Output, ReportError, markdown, sink, terminal};

/// A scan and what belongs beside it.
#[derive(Debug, Clone)]
pub struct ScanReport<'a> {
    /// What it saw.
    pub inventory: &'a Inventory,
    /// Calls by operation.
    pub calls: BTreeMap<&'a str, Calls>,
    /// Where the inventory is kept.
    pub file: String,
}

/// Writes what a scan saw: numbers by Region, coverage by source, calls by operation.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn scan(out: &mut dyn fmt::Write, report: &ScanReport<'_>, output: Output) -> Result<(), ReportError> {
    let rows = || coverage_rows(&report.inventory.scopes, true);
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(report), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(report))?),
        Format::Json => sink::write_json(
            out,
            &Document {
                inventory_id: &report.inventory.id,
                file: &report.file,
                complete: report.inventory.is_complete(),
                scopes: scopes(report.inventory),
                coverage: rows(),
                calls: &report.calls,
            },
        ),
        Format::Ndjson => rows().iter().try_for_each(|row| sink::write_json_line(out, row)),
        Format::Csv => sink::write_csv(
            out,
            ["account", "region", "source", "status", "items", "calls", "detail"],
            rows().into_iter().map(|row| {
                [
                    row.account.to_string(),
                    row.region.to_string(),
                    row.source.to_string(),
                    row.status.as_str().to_owned(),
                    row.items.to_string(),
                    row.calls.to_string(),
                    row.detail.to_owned(),
                ]
            }),
        ),
    }
}

#[derive(Serialize)]
struct Document<'a, C> {
    inventory_id: &'a str,
    file: &'a str,
    complete: bool,
    scopes: Vec<ScopeNumbers<'a>>,
    coverage: C,
    calls: &'a BTreeMap<&'a str, Calls>,
}

#[derive(Serialize)]
struct ScopeNumbers<'a> {
    #[serde(flatten)]
    scope: &'a Scope,
    images: usize,
    snapshots: usize,
    references: usize,
}

fn scopes(inventory: &Inventory) -> Vec<ScopeNumbers<'_>> {
    let numbers = inventory.scopes.iter().map(|scope| ScopeNumbers {
        scope: &scope.scope,
        images: scope.images.len(),
        snapshots: scope.snapshots.len(),
        references: scope.references.len(),
    });
    numbers.collect()
}

fn document(report: &ScanReport<'_>) -> Doc {
    let inventory = report.inventory;
    let mut doc = Doc::default();
    doc.title(format!("Inventory {}", inventory.id));
    let mut grid = Grid::new(&[
        ("Account", Kind::Id),
        ("Region", Kind::Id),
        ("Images", Kind::Number),
        ("Snapshots", Kind::Number),
        ("Uses", Kind::Number),
    ]);
    for numbers in scopes(inventory) {
        grid.row(vec![
            numbers.scope.account.to_string(),
            numbers.scope.region.to_string(),
            count(len(numbers.images)),
            count(len(numbers.snapshots)),
            count(len(numbers.references)),
        ]);
    }
    doc.grid(grid);
    let problems = coverage_rows(&inventory.scopes, false);
    if problems.is_empty() {
        doc.line(Tone::Good, "Every source was read whole.");
    } else {
        let sources = plural(len(problems.len()), "source", "sources");
        doc.line(Tone::Bad, format!("{sources} could not be read whole: images that they could protect are blocked."));
        let mut grid =
            Grid::new(&[("Status", Kind::Word), ("Source", Kind::Word), ("Region", Kind::Id), ("Detail", Kind::Note)]);
        for row in problems {
            let detail = if row.detail.is_empty() { NONE.to_owned() } else { row.detail.to_owned() };
            grid.row(vec![row.status.as_str().to_owned(), row.source.to_string(), row.region.to_string(), detail]);
        }
        doc.grid(grid);
    }
    let sent: u64 = report.calls.values().map(|calls| calls.sent).sum();
    let throttled: u64 = report.calls.values().map(|calls| calls.throttled).sum();
    doc.facts(vec![
        ("API calls", format!("{}, {} throttled", count(sent), count(throttled))),
        ("kept in", report.file.clone()),
    ]);
    doc
}
