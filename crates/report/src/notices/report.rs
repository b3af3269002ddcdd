//! What came of telling owners.

use std::fmt;

use amictl_model::{Inventory, Moment};
use amictl_policy::{Duration, UpcomingStage};
use serde::Serialize;

use super::StageRow;
use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, count, date, len, plural};
use crate::{Format, Output, ReportError, markdown, sink, terminal};

/// What came of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeOutcome {
    /// It was taken.
    Sent,
    /// It would be sent (`--dry-run`).
    WouldBeSent,
    /// It was not taken, as far as is known; why. Text from outside.
    Failed(String),
}

impl NoticeOutcome {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::WouldBeSent => "would_be_sent",
            Self::Failed(_) => "failed",
        }
    }

    fn why(&self) -> Option<&str> {
        match self {
            Self::Failed(why) => Some(why),
            Self::Sent | Self::WouldBeSent => None,
        }
    }
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    /// What the target is called to people.
    pub target: String,
    /// The owner. Attacker-controlled text.
    pub owner: Option<Box<str>>,
    /// Its subject.
    pub subject: String,
    /// What it tells of.
    pub about: Vec<UpcomingStage>,
    /// What came of it.
    pub outcome: NoticeOutcome,
}

/// The messages of one run.
#[derive(Debug)]
pub struct NoticesReport<'a> {
    /// The inventory.
    pub inventory: &'a Inventory,
    /// The time.
    pub now: Moment,
    /// How long before a stage owners are told.
    pub before: Duration,
    /// Stages that come within that time.
    pub upcoming: usize,
    /// How often a stage had been told to a target before.
    pub told_before: usize,
    /// The messages.
    pub messages: &'a [NoticeRow],
}

#[derive(Serialize)]
struct Document<'a> {
    inventory_id: &'a str,
    now: Moment,
    before: String,
    upcoming: u64,
    told_before: u64,
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct Message<'a> {
    target: &'a str,
    owner: Option<&'a str>,
    subject: &'a str,
    outcome: &'static str,
    why: Option<&'a str>,
    stages: Vec<StageRow<'a>>,
}

impl<'a> Message<'a> {
    fn of(inventory: &'a Inventory, row: &'a NoticeRow) -> Self {
        Self {
            target: &row.target,
            owner: row.owner.as_deref(),
            subject: &row.subject,
            outcome: row.outcome.as_str(),
            why: row.outcome.why(),
            stages: StageRow::all(inventory, &row.about),
        }
    }
}

/// Writes what came of telling owners.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn notices(out: &mut dyn fmt::Write, report: &NoticesReport<'_>, output: Output) -> Result<(), ReportError> {
    let mut messages = report.messages.iter().map(|row| Message::of(report.inventory, row));
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(report), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(report))?),
        Format::Json => {
            let document = Document {
                inventory_id: &report.inventory.id,
                now: report.now,
                before: report.before.to_string(),
                upcoming: len(report.upcoming),
                told_before: len(report.told_before),
                messages: messages.collect(),
            };
            sink::write_json(out, &document)
        }
        Format::Ndjson => messages.try_for_each(|message| sink::write_json_line(out, &message)),
        Format::Csv => {
            const HEADER: [&str; 11] = [
                "target",
                "owner",
                "outcome",
                "why",
                "image_id",
                "account",
                "region",
                "name",
                "stage",
                "not_before",
                "family",
            ];
            sink::write_csv(out, HEADER, messages.flat_map(|message| csv_rows(&message)))
        }
    }
}

/// A row for each stage that a message tells of.
fn csv_rows(message: &Message<'_>) -> Vec<[String; 11]> {
    let of_stage = |stage: &StageRow<'_>| {
        [
            message.target.to_owned(),
            message.owner.unwrap_or_default().to_owned(),
            message.outcome.to_owned(),
            message.why.unwrap_or_default().to_owned(),
            stage.image_id.to_owned(),
            stage.account.to_string(),
            stage.region.to_string(),
            stage.name.to_owned(),
            stage.stage.to_owned(),
            stage.not_before.to_string(),
            stage.family.unwrap_or_default().to_owned(),
        ]
    };
    message.stages.iter().map(of_stage).collect()
}

fn document(report: &NoticesReport<'_>) -> Doc {
    let mut doc = Doc::default();
    doc.title("Notices");
    let stages = plural(len(report.upcoming), "stage comes", "stages come");
    doc.line(Tone::Plain, format!("{stages} within {} by inventory {}.", report.before, report.inventory.id));
    if report.told_before > 0 {
        let times = plural(len(report.told_before), "notice", "notices");
        doc.line(Tone::Plain, format!("{times} of a stage to a target had been sent before."));
    }
    if report.messages.is_empty() {
        doc.line(Tone::Good, "Nobody is left to be told.");
        return doc;
    }
    let mut grid = Grid::new(&[
        ("Outcome", Kind::Word),
        ("Target", Kind::Id),
        ("Owner", Kind::Name),
        ("Stages", Kind::Number),
        ("First", Kind::Word),
        ("Why not", Kind::Note),
    ]);
    for row in report.messages {
        grid.row(vec![
            row.outcome.as_str().replace('_', " "),
            row.target.clone(),
            row.owner.as_deref().unwrap_or(NONE).to_owned(),
            count(len(row.about.len())),
            date(row.about.iter().map(|stage| stage.not_before).min()),
            row.outcome.why().unwrap_or_default().to_owned(),
        ]);
    }
    doc.grid(grid);
    let failed = report.messages.iter().filter(|row| matches!(row.outcome, NoticeOutcome::Failed(_))).count();
    if failed > 0 {
        let messages = plural(len(failed), "message was not sent and is", "messages were not sent and are");
        doc.line(Tone::Bad, format!("{messages} tried again by the next run."));
    }
    doc
}
