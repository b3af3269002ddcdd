//! A run of a plan, for whoever started it and whoever asks later.

mod csv;
mod document;
mod list;
mod step_row;

use std::collections::BTreeMap;
use std::fmt;

use amictl_apply::{RunCounts, RunStatus, RunSummary};
use amictl_model::{AccountId, Moment, Region};
use serde::Serialize;

use crate::{CommandLine, Format, Output, ReportError, markdown, sink, terminal};
use step_row::StepRow;

/// What was sent to one API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// Requests sent, retries too.
    pub sent: u64,
    /// Those that were answered with throttling.
    pub throttled: u64,
}

/// A run and what belongs beside it.
#[derive(Debug)]
pub struct RunReport<'a> {
    /// The run.
    pub run: &'a RunSummary,
    /// Calls by operation, where they were counted.
    pub calls: BTreeMap<&'a str, Calls>,
    /// What goes on with it; shown while steps are unfinished.
    pub resume: CommandLine,
    /// What takes it back; shown while there is something to take back.
    pub undo: CommandLine,
}

impl<'a> RunReport<'a> {
    /// A run; `command` makes the commands that go on with it and take it back of words such as `["resume", "r-1"]`.
    pub fn new(run: &'a RunSummary, command: impl Fn(&[&str]) -> CommandLine) -> Self {
        let id = &run.run.run_id;
        Self { run, calls: BTreeMap::new(), resume: command(&["resume", id]), undo: command(&["undo", id]) }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    run_id: &'a str,
    plan_id: &'a str,
    plan_digest: &'a str,
    account: AccountId,
    regions: &'a [Region],
    started_at: Moment,
    last_at: Moment,
    /// `null` when it is still at work or was killed.
    status: Option<RunStatus>,
    counts: RunCounts,
    /// Not in NDJSON, where each has a line of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<StepRow<'a>>>,
    calls: &'a BTreeMap<&'a str, Calls>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Run(Document<'a>),
    Step(StepRow<'a>),
}

fn document<'a>(report: &'a RunReport<'a>, steps: Option<Vec<StepRow<'a>>>) -> Document<'a> {
    let run = report.run;
    Document {
        run_id: &run.run.run_id,
        plan_id: &run.run.plan_id,
        plan_digest: &run.run.plan_digest,
        account: run.run.account,
        regions: &run.run.regions,
        started_at: run.started_at,
        last_at: run.last_at,
        status: run.status,
        counts: run.counts(),
        steps,
        calls: &report.calls,
    }
}

/// Writes a run.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn run(out: &mut dyn fmt::Write, report: &RunReport<'_>, output: Output) -> Result<(), ReportError> {
    let steps = || report.run.steps.iter().map(StepRow::of);
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document::document(report), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document::document(report))?),
        Format::Json => sink::write_json(out, &document(report, Some(steps().collect()))),
        Format::Ndjson => {
            sink::write_json_line(out, &Line::Run(document(report, None)))?;
            steps().map(Line::Step).try_for_each(|line| sink::write_json_line(out, &line))
        }
        Format::Csv => csv::write(out, report),
    }
}

/// Writes a list of runs, in the order given.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn runs(out: &mut dyn fmt::Write, runs: &[RunSummary], output: Output) -> Result<(), ReportError> {
    match output.format {
        Format::Table => Ok(terminal::draw(out, &list::document(runs), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &list::document(runs))?),
        Format::Json => sink::write_json(out, &list::rows(runs)),
        Format::Ndjson => list::rows(runs).iter().try_for_each(|row| sink::write_json_line(out, row)),
        Format::Csv => list::write_csv(out, runs),
    }
}
