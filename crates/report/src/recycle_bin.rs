//! What is in the Recycle Bin.

use std::fmt;

use amictl_model::{AccountId, ImageId, Moment, Region};
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, date_time, len, plural};
use crate::{Format, Output, ReportError, markdown, sink, terminal};

/// The bins of all accounts and Regions.
#[derive(Debug, Serialize)]
pub struct BinList {
    /// What is in them.
    pub rows: Vec<BinRow>,
}

/// One thing in the bin.
#[derive(Debug, Serialize)]
pub struct BinRow {
    /// `image`, `snapshot` or `volume`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// The name of an image, the description of a snapshot. Attacker-controlled text.
    pub name: String,
    /// The image that a snapshot was made for, where its description says so.
    pub image: Option<ImageId>,
    /// When it came there, where AWS says so.
    pub entered_at: Option<Moment>,
    /// When it is gone for good.
    pub leaves_at: Option<Moment>,
}

/// Writes what is in the Recycle Bin.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn bin(out: &mut dyn fmt::Write, list: &BinList, output: Output) -> Result<(), ReportError> {
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(list), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(list))?),
        Format::Json => sink::write_json(out, list),
        Format::Ndjson => list.rows.iter().try_for_each(|row| sink::write_json_line(out, row)),
        Format::Csv => sink::write_csv(
            out,
            ["kind", "id", "account", "region", "name", "image_id", "entered_at", "leaves_at"],
            list.rows.iter().map(|row| {
                let time = |at: Option<Moment>| at.map(|at| at.to_string()).unwrap_or_default();
                [
                    row.kind.to_owned(),
                    row.id.clone(),
                    row.account.to_string(),
                    row.region.to_string(),
                    row.name.clone(),
                    row.image.as_ref().map(ToString::to_string).unwrap_or_default(),
                    time(row.entered_at),
                    time(row.leaves_at),
                ]
            }),
        ),
    }
}

fn document(list: &BinList) -> Doc {
    let mut doc = Doc::default();
    doc.title("Recycle Bin".to_owned());
    if list.rows.is_empty() {
        doc.line(Tone::Plain, "It is empty, or nothing is kept by a rule.");
        return doc;
    }
    doc.heading(plural(len(list.rows.len()), "resource", "resources"));
    let mut grid = Grid::new(&[
        ("Kind", Kind::Word),
        ("Id", Kind::Id),
        ("Account", Kind::Id),
        ("Region", Kind::Id),
        ("Until", Kind::Word),
        ("Of image", Kind::Id),
        ("Name", Kind::Name),
    ]);
    for row in &list.rows {
        grid.row(vec![
            row.kind.to_owned(),
            row.id.clone(),
            row.account.to_string(),
            row.region.to_string(),
            row.leaves_at.map_or_else(|| NONE.to_owned(), date_time),
            row.image.as_ref().map_or_else(|| NONE.to_owned(), ToString::to_string),
            row.name.clone(),
        ]);
    }
    doc.grid(grid);
    doc
}
