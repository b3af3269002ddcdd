//! A plan, for whoever reviews it.

mod ages;
mod command;
mod coverage;
mod csv;
mod document;
mod kept;
mod ndjson;
mod snapshots;

use std::fmt;

use amictl_model::Inventory;
use amictl_plan::Plan;

use crate::change::is_of_command;
use crate::{CommandLine, Format, Output, ReportError, markdown, sink, terminal};

pub use kept::{KeptReason, kept_by_reason};

/// Above so many rows a list of what stays is summarised.
const ROWS_MAX: usize = 40;

/// A plan and what belongs beside it.
#[derive(Debug)]
pub struct PlanReport<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The inventory that it rests on, where it is at hand: without it ages are not shown.
    pub inventory: Option<&'a Inventory>,
    /// Whether to list every kept image of a large plan instead of counting them by reason.
    pub all: bool,
    /// The caps that the plan exceeds, a sentence each.
    pub caps_exceeded: &'a [String],
    /// What carries the plan out.
    pub next: Option<CommandLine>,
}

/// Writes a plan. As JSON it is the plan file's own content.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn plan(out: &mut dyn fmt::Write, report: &PlanReport<'_>, output: Output) -> Result<(), ReportError> {
    let is_of_command = is_of_command(report.plan);
    let document = || if is_of_command { command::document(report) } else { document::document(report) };
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document())?),
        Format::Json => sink::write_json(out, report.plan),
        Format::Ndjson => ndjson::write(out, report.plan),
        Format::Csv if is_of_command => command::csv(out, report),
        Format::Csv => csv::write(out, report),
    }
}
