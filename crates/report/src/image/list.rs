//! A list of images for people, and as JSON.

use std::fmt;

use amictl_model::{Moment, Scope};
use serde::Serialize;

use super::places::Places;
use super::row::Row;
use super::{ImageEntry, ImageList};
use crate::coverage::{CoverageRow, coverage_rows, section};
use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{count, date, date_time, gib, len, plural};
use crate::{ReportError, sink, words};

/// What the list says to people.
pub(super) fn document(list: &ImageList<'_>) -> Doc {
    let mut doc = Doc::default();
    doc.title(format!("Inventory {}", list.inventory.id));
    let all = list.inventory.image_count();
    let shown = if all == list.entries.len() {
        plural(len(all), "image", "images")
    } else {
        format!("{} of {}", count(len(list.entries.len())), plural(len(all), "image", "images"))
    };
    let size: u64 = list.entries.iter().map(ImageEntry::size_gib).sum();
    let problems = coverage_rows(&list.inventory.scopes, false);
    doc.line(Tone::Plain, format!("{shown}, {} of volumes, read {}", gib(size), date_time(list.inventory.created_at)));
    if !problems.is_empty() {
        let sources = plural(len(problems.len()), "source", "sources");
        doc.line(
            Tone::Bad,
            format!("The evidence is not whole: {sources} could not be read whole, so there may be uses not shown."),
        );
    }
    for note in &list.notes {
        doc.line(Tone::Warn, note.clone());
    }
    doc.grid(table(list));
    section(&mut doc, &format!("Not read whole: {}", plural(len(problems.len()), "source", "sources")), &problems);
    doc
}

fn table(list: &ImageList<'_>) -> Grid {
    let with_account =
        list.entries.iter().any(|entry| entry.scope.scope.account != list.entries[0].scope.scope.account);
    let places = Places::of(list.inventory);
    let with_verdict = list.entries.iter().any(|entry| entry.verdict.is_some());
    let mut columns = vec![("Image", Kind::Id)];
    if with_account {
        columns.push(("Account", Kind::Id));
    }
    columns.extend([
        ("Region", Kind::Id),
        ("Name", Kind::Name),
        ("State", Kind::Word),
        ("Created", Kind::Word),
        ("Launched", Kind::Word),
        ("Size", Kind::Number),
        ("Snaps", Kind::Number),
        ("Used by", Kind::Number),
    ]);
    if with_verdict {
        columns.extend([("Verdict", Kind::Word), ("Why", Kind::Note)]);
    }
    let mut grid = Grid::new(&columns);
    for entry in &list.entries {
        let Scope { account, region } = &entry.scope.scope;
        let mut row = vec![entry.image.id.to_string()];
        if with_account {
            row.push(account.to_string());
        }
        row.extend([
            region.to_string(),
            entry.image.name.to_string(),
            words::state(entry.image, list.now),
            date(entry.image.created_at),
            date(entry.image.last_launched_at),
            gib(entry.size_gib()),
            count(len(entry.image.snapshots().count())),
            places.used_by_text(entry),
        ]);
        if with_verdict {
            let verdict = entry.verdict;
            row.push(verdict.map(|verdict| words::decision(verdict.decision)).unwrap_or_default().to_owned());
            row.push(verdict.map(|verdict| words::reasons(&verdict.reasons)).unwrap_or_default());
        }
        grid.row(row);
    }
    grid
}

#[derive(Serialize)]
struct Document<'a> {
    inventory_id: &'a str,
    created_at: Moment,
    now: Moment,
    complete: bool,
    /// What the list leaves out and why.
    notes: &'a [String],
    coverage: Vec<CoverageRow<'a>>,
    images: Vec<Row<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Coverage(CoverageRow<'a>),
    Image(Row<'a>),
}

/// One document: the images, and how well the places that may use them were read.
pub(super) fn write_json(out: &mut dyn fmt::Write, list: &ImageList<'_>) -> Result<(), ReportError> {
    let places = Places::of(list.inventory);
    let document = Document {
        inventory_id: &list.inventory.id,
        created_at: list.inventory.created_at,
        now: list.now,
        complete: list.inventory.is_complete(),
        notes: &list.notes,
        coverage: coverage_rows(&list.inventory.scopes, true),
        images: list.entries.iter().map(|entry| Row::of(entry, &places, list.now)).collect(),
    };
    sink::write_json(out, &document)
}

/// The same, a line each.
pub(super) fn write_ndjson(out: &mut dyn fmt::Write, list: &ImageList<'_>) -> Result<(), ReportError> {
    let places = Places::of(list.inventory);
    coverage_rows(&list.inventory.scopes, true)
        .into_iter()
        .map(Line::Coverage)
        .chain(list.entries.iter().map(|entry| Line::Image(Row::of(entry, &places, list.now))))
        .try_for_each(|line| sink::write_json_line(out, &line))
}
