//! What `amictl run` did, as one document.

use std::fmt;

use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::number::plural;
use crate::{CommandLine, Format, Output, ReportError, markdown, sink, terminal};

/// How far a run of what is due came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DueOutcome {
    /// The policy's windows are closed.
    Closed,
    /// Nothing was due.
    NothingDue,
    /// Notices could not be sent, so nothing was done.
    NoticesFailed,
    /// A plan was made that needs approvals.
    ApprovalNeeded,
    /// The plan was carried out whole.
    Applied,
    /// The plan was carried out in part.
    Partial,
    /// Carrying the plan out was interrupted.
    Interrupted,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueReport {
    /// How far it came.
    pub outcome: DueOutcome,
    /// What that means, a sentence.
    pub message: String,
    /// The inventory, where one was taken.
    pub inventory_id: Option<String>,
    /// Images that schedules asked for.
    pub images_made: u64,
    /// Copies of them that schedules asked for.
    pub copies_made: u64,
    /// Whether some of those could not be made, or not be looked for.
    pub making_failed: bool,
    /// Messages that were sent.
    pub notices_sent: u64,
    /// Messages that were not.
    pub notices_failed: u64,
    /// The plan, where one was made.
    pub plan_id: Option<String>,
    /// Where it is.
    pub plan: Option<String>,
    /// Its digest.
    pub digest: Option<String>,
    /// Its steps.
    pub steps: u64,
    /// The run that carried it out.
    pub run_id: Option<String>,
    /// What to do next: what it does, and the command.
    #[serde(skip)]
    pub next: Vec<(&'static str, CommandLine)>,
}

/// Writes what was done.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn due(out: &mut dyn fmt::Write, report: &DueReport, output: Output) -> Result<(), ReportError> {
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(report), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(report))?),
        Format::Json => sink::write_json(out, report),
        Format::Ndjson => sink::write_json_line(out, report),
        Format::Csv => {
            let header = ["outcome", "inventory_id", "notices_sent", "notices_failed", "plan_id", "steps", "run_id"];
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let outcome = serde_json::to_value(report.outcome)?;
            let row = [
                outcome.as_str().unwrap_or_default().to_owned(),
                text(&report.inventory_id),
                report.notices_sent.to_string(),
                report.notices_failed.to_string(),
                text(&report.plan_id),
                report.steps.to_string(),
                text(&report.run_id),
            ];
            sink::write_csv(out, header, [row])
        }
    }
}

fn document(report: &DueReport) -> Doc {
    let tone = match report.outcome {
        DueOutcome::Applied | DueOutcome::NothingDue => Tone::Good,
        DueOutcome::Closed => Tone::Plain,
        DueOutcome::ApprovalNeeded => Tone::Warn,
        DueOutcome::NoticesFailed | DueOutcome::Partial | DueOutcome::Interrupted => Tone::Bad,
    };
    let mut doc = Doc::default();
    if report.images_made + report.copies_made > 0 {
        let images = plural(report.images_made, "image", "images");
        let copies = plural(report.copies_made, "copy", "copies");
        doc.line(Tone::Plain, format!("Schedules asked for {images} and {copies}."));
    }
    if report.making_failed {
        doc.line(Tone::Bad, "Not everything that schedules ask for was made; the next run tries again.".to_owned());
    }
    doc.line(tone, report.message.clone());
    doc.commands(report.next.clone());
    doc
}
