//! A run as CSV: one row a step.

use std::fmt;

use super::RunReport;
use super::step_row::StepRow;
use crate::{ReportError, sink};

const HEADER: [&str; 14] = [
    "run_id",
    "step",
    "action",
    "image_id",
    "account",
    "region",
    "name",
    "outcome",
    "reason",
    "left",
    "snapshots_deleted",
    "snapshots_kept",
    "snapshots_failed",
    "made",
];

/// Writes the rows in the plan's order; ids of snapshots are separated by spaces.
pub(super) fn write(out: &mut dyn fmt::Write, report: &RunReport<'_>) -> Result<(), ReportError> {
    let run = &report.run.run;
    sink::write_csv(
        out,
        HEADER,
        report.run.steps.iter().map(|step| {
            let row = StepRow::of(step);
            let snapshots = |fates: &[&str]| {
                let ids = row.snapshots.iter().filter(|snapshot| fates.contains(&snapshot.fate));
                ids.map(|snapshot| snapshot.id.as_str()).collect::<Vec<_>>().join(" ")
            };
            [
                run.run_id.clone(),
                row.id.to_owned(),
                row.action.as_str().to_owned(),
                row.target.to_string(),
                run.account.to_string(),
                row.region.to_string(),
                row.name.to_owned(),
                row.outcome.to_owned(),
                row.reason.unwrap_or_default().to_owned(),
                row.left.unwrap_or_default().to_owned(),
                snapshots(&["deleted", "already_gone"]),
                snapshots(&["kept"]),
                snapshots(&["failed"]),
                row.made.map(ToString::to_string).unwrap_or_default(),
            ]
        }),
    )
}
