//! What undoing a run gave back.

use std::fmt;

use amictl_apply::StepResult;
use amictl_plan::Target;
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{len, plural};
use crate::{Format, Output, ReportError, markdown, sink, terminal};

/// What came of one step.
#[derive(Debug, Clone, Copy)]
pub struct UndoResult<'a> {
    /// The step.
    pub step: &'a str,
    /// Its image, or what else it was about.
    pub image: &'a Target,
    /// What came of taking it back.
    pub result: &'a StepResult,
}

/// Writes what undoing a run came to, step by step.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn undo(
    out: &mut dyn fmt::Write,
    run_id: &str,
    results: &[UndoResult<'_>],
    output: Output,
) -> Result<(), ReportError> {
    let rows: Vec<Row<'_>> = results.iter().map(Row::of).collect();
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(run_id, &rows), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(run_id, &rows))?),
        Format::Json => sink::write_json(out, &Document { run_id, steps: &rows }),
        Format::Ndjson => rows.iter().try_for_each(|row| sink::write_json_line(out, row)),
        Format::Csv => sink::write_csv(
            out,
            ["step", "image_id", "outcome", "reason"],
            rows.iter().map(|row| {
                [row.id.to_owned(), row.image_id.to_string(), row.outcome.to_owned(), row.reason.to_owned()]
            }),
        ),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    run_id: &'a str,
    steps: &'a [Row<'a>],
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    image_id: &'a Target,
    outcome: &'static str,
    reason: &'a str,
}

impl<'a> Row<'a> {
    fn of(result: &UndoResult<'a>) -> Self {
        let reason = match result.result {
            StepResult::Done { .. } => "",
            StepResult::Skipped { why } | StepResult::Returned { why } | StepResult::Failed { why, .. } => why,
        };
        Self { id: result.step, image_id: result.image, outcome: result.result.as_str(), reason }
    }
}

fn document(run_id: &str, rows: &[Row<'_>]) -> Doc {
    let mut doc = Doc::default();
    let returned = rows.iter().filter(|row| row.outcome == "returned").count();
    doc.title(format!("Undo of run {run_id}"));
    let tone = if returned == rows.len() { Tone::Good } else { Tone::Warn };
    doc.line(tone, format!("{returned} of {} came back.", plural(len(rows.len()), "image", "images")));
    let mut grid =
        Grid::new(&[("Outcome", Kind::Word), ("Step", Kind::Word), ("Image", Kind::Id), ("Why", Kind::Note)]);
    for row in rows {
        grid.row(vec![row.outcome.to_owned(), row.id.to_owned(), row.image_id.to_string(), row.reason.to_owned()]);
    }
    doc.grid(grid);
    doc
}
