//! What a scan would cost.

use std::fmt;

use amictl_collect::ScanEstimate;
use amictl_model::Inventory;
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{count, date_time, len, plural};
use crate::{Format, Output, ReportError, markdown, sink, terminal};

/// How long a call is taken to last.
const CALL_SECONDS: f64 = 0.05;

/// What a scan would cost, and from what that is known.
#[derive(Debug, Clone, Copy)]
pub struct EstimateReport<'a> {
    /// The calls.
    pub estimate: &'a ScanEstimate,
    /// The earlier inventory that it is taken from.
    pub inventory: Option<&'a Inventory>,
    /// Calls under way at once.
    pub concurrency: usize,
}

#[derive(Serialize)]
struct Document<'a> {
    inventory_id: Option<&'a str>,
    known_scopes: usize,
    unknown_scopes: usize,
    calls: u64,
    seconds_by_limits: f64,
    seconds: f64,
    operations: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    service: &'static str,
    operation: &'static str,
    calls: u64,
    most_in_one_scope: u64,
    bucket_capacity: f64,
    bucket_refill_per_second: f64,
}

/// Writes how many calls a scan would take, and the least time.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn estimate(out: &mut dyn fmt::Write, report: &EstimateReport<'_>, output: Output) -> Result<(), ReportError> {
    let rows = rows(report);
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(report, &rows), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(report, &rows))?),
        Format::Json => {
            let document = Document {
                inventory_id: report.inventory.map(|inventory| inventory.id.as_str()),
                known_scopes: report.estimate.known,
                unknown_scopes: report.estimate.unknown,
                calls: report.estimate.total(),
                seconds_by_limits: report.estimate.seconds_by_limits,
                seconds: seconds(report),
                operations: rows,
            };
            sink::write_json(out, &document)
        }
        Format::Ndjson => rows.iter().try_for_each(|row| sink::write_json_line(out, row)),
        Format::Csv => sink::write_csv(
            out,
            ["service", "operation", "calls", "most_in_one_scope"],
            rows.iter().map(|row| {
                [
                    row.service.to_owned(),
                    row.operation.to_owned(),
                    row.calls.to_string(),
                    row.most_in_one_scope.to_string(),
                ]
            }),
        ),
    }
}

fn seconds(report: &EstimateReport<'_>) -> f64 {
    report.estimate.seconds(report.concurrency, CALL_SECONDS)
}

fn rows(report: &EstimateReport<'_>) -> Vec<Row> {
    let of = report.estimate.calls.values().map(|of| {
        let bucket = of.operation.bucket();
        Row {
            service: of.operation.service.iam_prefix(),
            operation: of.operation.name,
            calls: of.calls,
            most_in_one_scope: of.most,
            bucket_capacity: bucket.capacity,
            bucket_refill_per_second: bucket.refill_per_second,
        }
    });
    of.collect()
}

fn document(report: &EstimateReport<'_>, rows: &[Row]) -> Doc {
    let estimate = report.estimate;
    let mut doc = Doc::default();
    doc.title("What a scan would take");
    let scopes = plural(len(estimate.known + estimate.unknown), "account and Region", "accounts and Regions");
    let calls = plural(estimate.total(), "call", "calls");
    doc.line(
        Tone::Plain,
        format!(
            "{calls} in {scopes}: at least {:.1} s with {} at once of {:.0} ms each, and {:.1} s by AWS's documented request limits.",
            seconds(report),
            report.concurrency,
            CALL_SECONDS * 1000.0,
            estimate.seconds_by_limits,
        ),
    );
    if let Some(inventory) = report.inventory {
        let (id, at) = (&inventory.id, date_time(inventory.created_at));
        let known = plural(len(estimate.known), "account and Region", "accounts and Regions");
        doc.line(Tone::Plain, format!("{known} as inventory {id} of {at} found them."));
    }
    if estimate.unknown > 0 {
        let unknown = plural(len(estimate.unknown), "account and Region was", "accounts and Regions were");
        doc.line(
            Tone::Warn,
            format!("{unknown} never read: one page of each listing is counted there, and it may be more."),
        );
    }
    let mut grid = Grid::new(&[
        ("Service", Kind::Word),
        ("Operation", Kind::Word),
        ("Calls", Kind::Number),
        ("Most in one Region", Kind::Number),
        ("At once", Kind::Number),
        ("A second", Kind::Number),
    ]);
    for row in rows {
        grid.row(vec![
            row.service.to_owned(),
            row.operation.to_owned(),
            count(row.calls),
            count(row.most_in_one_scope),
            row.bucket_capacity.to_string(),
            row.bucket_refill_per_second.to_string(),
        ]);
    }
    doc.grid(grid);
    doc
}
