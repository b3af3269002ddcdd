//! The uses of one image.

use std::fmt;

use amictl_model::{ImageId, Reference, Source};
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::{Format, ImageEntry, Output, ReportError, markdown, sink, terminal, words};

/// Writes every use of an image that was seen, and the sources that could not be read.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn refs(out: &mut dyn fmt::Write, entry: &ImageEntry<'_>, output: Output) -> Result<(), ReportError> {
    let references = entry.scope.references_to(&entry.image.id);
    let row = |reference: &Reference| {
        [reference.source.to_string(), reference.resource.to_string(), words::usage(&reference.usage)]
    };
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(entry, references.iter().map(row)), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(entry, references.iter().map(row)))?),
        Format::Json => {
            sink::write_json(out, &Document { image_id: &entry.image.id, references, unread: unread(entry).collect() })
        }
        Format::Ndjson => references.iter().try_for_each(|reference| sink::write_json_line(out, reference)),
        Format::Csv => sink::write_csv(out, ["source", "resource", "usage"], references.iter().map(row)),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    image_id: &'a ImageId,
    references: &'a [Reference],
    /// Sources that were not read whole: the image may be used there.
    unread: Vec<Source>,
}

fn unread(entry: &ImageEntry<'_>) -> impl Iterator<Item = Source> {
    Source::REFERENCES.iter().copied().filter(|source| !entry.scope.is_complete(*source))
}

fn document(entry: &ImageEntry<'_>, rows: impl Iterator<Item = [String; 3]>) -> Doc {
    let mut doc = Doc::default();
    doc.title(format!("Uses of {} {}", entry.image.id, entry.image.name));
    let mut grid = Grid::new(&[("Source", Kind::Word), ("Resource", Kind::Id), ("How", Kind::Note)]);
    rows.for_each(|row| grid.row(row.to_vec()));
    if grid.rows.is_empty() {
        doc.line(Tone::Plain, "No use was seen.");
    }
    doc.grid(grid);
    for source in unread(entry) {
        doc.line(Tone::Bad, format!("{source} could not be read whole: there may be uses that were not seen."));
    }
    doc
}
