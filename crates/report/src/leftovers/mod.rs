//! Snapshots and volumes: what uses each, and which are left over from images that are gone.

mod snapshots;
mod volumes;

use std::collections::BTreeMap;
use std::fmt;

use amictl_model::{Inventory, Moment};
use amictl_policy::{Leftover, SnapshotVerdict, VolumeVerdict};
use serde::Serialize;

use crate::coverage::{CoverageRow, coverage_rows, section};
use crate::doc::{Doc, Tone};
use crate::grid::Grid;
use crate::number::{count, date_time, len, plural};
use crate::{Format, Output, ReportError, markdown, sink, terminal};

/// Snapshots or volumes with their verdicts.
#[derive(Debug)]
pub struct LeftoverList<'a, V> {
    /// Where they are from.
    pub inventory: &'a Inventory,
    /// The moment that they are judged for.
    pub now: Moment,
    /// How many there are in all, by what they are.
    pub totals: BTreeMap<Leftover, u64>,
    /// Those that are shown, in this order.
    pub verdicts: Vec<V>,
}

/// Writes a list of snapshots.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn snapshots(
    out: &mut dyn fmt::Write,
    list: &LeftoverList<'_, SnapshotVerdict<'_>>,
    output: Output,
) -> Result<(), ReportError> {
    let rows: Vec<snapshots::Row<'_>> =
        list.verdicts.iter().map(|verdict| snapshots::Row::of(list.inventory, verdict)).collect();
    match output.format {
        Format::Csv => sink::write_csv(out, snapshots::COLUMNS, rows.iter().map(snapshots::Row::cells)),
        _ => write(out, list, &rows, &snapshots::Row::words(&rows), output),
    }
}

/// Writes a list of volumes.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn volumes(
    out: &mut dyn fmt::Write,
    list: &LeftoverList<'_, VolumeVerdict<'_>>,
    output: Output,
) -> Result<(), ReportError> {
    let rows: Vec<volumes::Row<'_>> =
        list.verdicts.iter().map(|verdict| volumes::Row::of(list.inventory, verdict)).collect();
    match output.format {
        Format::Csv => sink::write_csv(out, volumes::COLUMNS, rows.iter().map(volumes::Row::cells)),
        _ => write(out, list, &rows, &volumes::Row::words(&rows), output),
    }
}

/// What a list says to people beside the places that were read.
struct Words {
    /// One and many.
    noun: (&'static str, &'static str),
    /// What the orphans of the list amount to.
    orphans: String,
    grid: Grid,
}

#[derive(Serialize)]
struct Document<'a, R> {
    inventory_id: &'a str,
    created_at: Moment,
    now: Moment,
    /// How many there are in all, by what they are.
    totals: &'a BTreeMap<Leftover, u64>,
    coverage: Vec<CoverageRow<'a>>,
    items: &'a [R],
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a, R> {
    Coverage(CoverageRow<'a>),
    Item(&'a R),
}

fn write<V, R: Serialize>(
    out: &mut dyn fmt::Write,
    list: &LeftoverList<'_, V>,
    rows: &[R],
    words: &Words,
    output: Output,
) -> Result<(), ReportError> {
    let coverage = || coverage_rows(&list.inventory.scopes, true);
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(list, words), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(list, words))?),
        Format::Json => {
            let document = Document {
                inventory_id: &list.inventory.id,
                created_at: list.inventory.created_at,
                now: list.now,
                totals: &list.totals,
                coverage: coverage(),
                items: rows,
            };
            sink::write_json(out, &document)
        }
        Format::Ndjson | Format::Csv => {
            let lines = coverage().into_iter().map(Line::Coverage).chain(rows.iter().map(Line::Item));
            lines.into_iter().try_for_each(|line| sink::write_json_line(out, &line))
        }
    }
}

fn document<V>(list: &LeftoverList<'_, V>, words: &Words) -> Doc {
    let mut doc = Doc::default();
    doc.title(format!("Inventory {}", list.inventory.id));
    let all: u64 = list.totals.values().sum();
    let shown = len(list.verdicts.len());
    let of = if shown == all { String::new() } else { format!("{} of ", count(shown)) };
    let all = plural(all, words.noun.0, words.noun.1);
    doc.line(Tone::Plain, format!("{of}{all}, read {}", date_time(list.inventory.created_at)));
    let totals = list.totals.iter().map(|(standing, number)| format!("{} {}", count(*number), said(*standing)));
    doc.line(Tone::Plain, totals.collect::<Vec<_>>().join(", "));
    doc.line(Tone::Plain, words.orphans.clone());
    doc.grid(words.grid.clone());
    let problems = coverage_rows(&list.inventory.scopes, false);
    section(&mut doc, &format!("Not read whole: {}", plural(len(problems.len()), "source", "sources")), &problems);
    doc
}

/// What an item is, to people.
fn said(standing: Leftover) -> &'static str {
    match standing {
        Leftover::Orphan => "left over",
        Leftover::Unknown => "not known",
        Leftover::Used => "used",
        Leftover::LeftAlone => "left alone",
        Leftover::Standalone => "of their own",
    }
}
