//! Runs, one a line.

use std::fmt;

use amictl_apply::{RunCounts, RunStatus, RunSummary};
use amictl_model::{AccountId, Moment};
use serde::Serialize;

use super::document::status;
use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{count, date_time, len, plural};
use crate::{ReportError, sink};

/// The record of a run in a list.
#[derive(Serialize)]
pub(super) struct RunRow<'a> {
    run_id: &'a str,
    started_at: Moment,
    last_at: Moment,
    plan_id: &'a str,
    account: AccountId,
    /// `null` when it is still at work or was killed.
    status: Option<RunStatus>,
    steps: u64,
    counts: RunCounts,
}

/// The records.
pub(super) fn rows(runs: &[RunSummary]) -> Vec<RunRow<'_>> {
    let row = |run: &'_ RunSummary| (len(run.steps.len()), run.counts());
    runs.iter()
        .map(|run| {
            let (steps, counts) = row(run);
            RunRow {
                run_id: &run.run.run_id,
                started_at: run.started_at,
                last_at: run.last_at,
                plan_id: &run.run.plan_id,
                account: run.run.account,
                status: run.status,
                steps,
                counts,
            }
        })
        .collect()
}

/// What the list says to people.
pub(super) fn document(runs: &[RunSummary]) -> Doc {
    let mut doc = Doc::default();
    doc.title(if runs.is_empty() { "No runs".to_owned() } else { plural(len(runs.len()), "run", "runs") });
    let mut grid = Grid::new(&[
        ("Status", Kind::Word),
        ("Run", Kind::Id),
        ("Started", Kind::Word),
        ("Plan", Kind::Id),
        ("Steps", Kind::Number),
        ("Done", Kind::Number),
        ("Skipped", Kind::Number),
        ("Returned", Kind::Number),
        ("Failed", Kind::Number),
        ("Open", Kind::Number),
    ]);
    for run in runs {
        let counts = run.counts();
        let numbers = [counts.done, counts.skipped, counts.returned, counts.failed, counts.unfinished];
        let mut row = vec![
            status(run).to_owned(),
            run.run.run_id.clone(),
            date_time(run.started_at),
            run.run.plan_id.clone(),
            count(len(run.steps.len())),
        ];
        row.extend(numbers.map(count));
        grid.row(row);
    }
    doc.grid(grid);
    if runs.iter().any(|run| run.counts().unfinished > 0) {
        doc.line(
            Tone::Warn,
            "A run with open steps goes on with `amictl resume RUN`, or is taken back with `amictl undo RUN`.",
        );
    }
    doc
}

/// Writes the list as CSV.
pub(super) fn write_csv(out: &mut dyn fmt::Write, runs: &[RunSummary]) -> Result<(), ReportError> {
    const HEADER: [&str; 12] = [
        "run_id",
        "started_at",
        "last_at",
        "plan_id",
        "account",
        "status",
        "steps",
        "done",
        "skipped",
        "returned",
        "failed",
        "unfinished",
    ];
    sink::write_csv(
        out,
        HEADER,
        runs.iter().map(|run| {
            let counts = run.counts();
            [
                run.run.run_id.clone(),
                run.started_at.to_string(),
                run.last_at.to_string(),
                run.run.plan_id.clone(),
                run.run.account.to_string(),
                status(run).to_owned(),
                run.steps.len().to_string(),
                counts.done.to_string(),
                counts.skipped.to_string(),
                counts.returned.to_string(),
                counts.failed.to_string(),
                counts.unfinished.to_string(),
            ]
        }),
    )
}
