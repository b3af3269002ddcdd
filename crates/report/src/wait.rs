//! What waiting came to.

use std::fmt;

use amictl_apply::{Awaited, WaitEnd, Waited};
use amictl_model::{AccountId, Region, Scope};
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{len, plural};
use crate::{Format, Output, ReportError, markdown, sink, terminal};

/// Writes what came of waiting for each thing, in the order given.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn wait(out: &mut dyn fmt::Write, ends: &[(Scope, Awaited, WaitEnd)], output: Output) -> Result<(), ReportError> {
    let rows: Vec<Row<'_>> = ends.iter().map(Row::of).collect();
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(&rows), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(&rows))?),
        Format::Json => sink::write_json(out, &rows),
        Format::Ndjson => rows.iter().try_for_each(|row| sink::write_json_line(out, row)),
        Format::Csv => sink::write_csv(
            out,
            ["id", "account", "region", "outcome", "state", "reason"],
            rows.iter().map(|row| {
                [
                    row.id.to_owned(),
                    row.account.to_string(),
                    row.region.to_string(),
                    row.outcome.to_owned(),
                    row.state.unwrap_or_default().to_owned(),
                    row.reason.unwrap_or_default().to_owned(),
                ]
            }),
        ),
    }
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    account: AccountId,
    region: &'a Region,
    /// `ready`, `bad`, `timed_out`, `failed` or `interrupted`.
    outcome: &'static str,
    /// The state of what is bad.
    state: Option<&'a str>,
    reason: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of((scope, awaited, end): &'a (Scope, Awaited, WaitEnd)) -> Self {
        let id = match awaited {
            Awaited::Image(id) => id.as_str(),
            Awaited::Snapshot(id) => id.as_str(),
        };
        let (outcome, state, reason) = match end {
            WaitEnd::Waited(Waited::Ready) => ("ready", None, None),
            WaitEnd::Waited(Waited::Bad { state, why }) => ("bad", Some(*state), Some(why.as_str())),
            WaitEnd::Waited(Waited::TimedOut(last)) => ("timed_out", None, Some(last.as_str())),
            WaitEnd::Failed(why) => ("failed", None, Some(why.as_str())),
            WaitEnd::Interrupted => ("interrupted", None, None),
        };
        Self { id, account: scope.account, region: &scope.region, outcome, state, reason }
    }
}

fn document(rows: &[Row<'_>]) -> Doc {
    let mut doc = Doc::default();
    let ready = rows.iter().filter(|row| row.outcome == "ready").count();
    let tone = if ready == rows.len() { Tone::Good } else { Tone::Warn };
    doc.line(tone, format!("{ready} of {} can be used.", plural(len(rows.len()), "thing", "things")));
    let mut grid = Grid::new(&[
        ("Outcome", Kind::Word),
        ("Id", Kind::Id),
        ("Region", Kind::Id),
        ("State", Kind::Word),
        ("Why", Kind::Note),
    ]);
    for row in rows {
        grid.row(vec![
            row.outcome.replace('_', " "),
            row.id.to_owned(),
            row.region.to_string(),
            row.state.unwrap_or_default().to_owned(),
            row.reason.unwrap_or_default().to_owned(),
        ]);
    }
    doc.grid(grid);
    doc
}
