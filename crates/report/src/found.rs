//! Images that can be launched.

use std::fmt;

use amictl_model::{AccountId, Image, ImageId, Moment, Region, Scope};
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, date_time, len, plural};
use crate::{Format, Output, ReportError, markdown, sink, terminal};

/// An image that was found.
#[derive(Debug, Clone, Copy)]
pub struct FoundImage<'a> {
    /// What was looked for.
    pub query: &'a str,
    /// Where.
    pub scope: &'a Scope,
    /// The image. Its name is attacker-controlled text.
    pub image: &'a Image,
}

/// Writes images that were found, in the order given.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn found(out: &mut dyn fmt::Write, images: &[FoundImage<'_>], output: Output) -> Result<(), ReportError> {
    let rows: Vec<Row<'_>> = images.iter().map(Row::of).collect();
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(&rows), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(&rows))?),
        Format::Json => sink::write_json(out, &rows),
        Format::Ndjson => rows.iter().try_for_each(|row| sink::write_json_line(out, row)),
        Format::Csv => sink::write_csv(
            out,
            [
                "image_id",
                "region",
                "architecture",
                "name",
                "owner",
                "created_at",
                "platform",
                "deprecation_at",
                "query",
            ],
            rows.iter().map(|row| {
                let moment = |moment: Option<Moment>| moment.map(|moment| moment.to_string()).unwrap_or_default();
                [
                    row.image_id.to_string(),
                    row.region.to_string(),
                    row.architecture.to_owned(),
                    row.name.to_owned(),
                    row.owner.to_string(),
                    moment(row.created_at),
                    row.platform.to_owned(),
                    moment(row.deprecation_at),
                    row.query.to_owned(),
                ]
            }),
        ),
    }
}

#[derive(Serialize)]
struct Row<'a> {
    image_id: &'a ImageId,
    region: &'a Region,
    /// Whose credentials see it.
    account: AccountId,
    architecture: &'a str,
    name: &'a str,
    owner: AccountId,
    created_at: Option<Moment>,
    platform: &'a str,
    deprecation_at: Option<Moment>,
    query: &'a str,
}

impl<'a> Row<'a> {
    fn of(found: &FoundImage<'a>) -> Self {
        let FoundImage { query, scope, image } = *found;
        Self {
            image_id: &image.id,
            region: &scope.region,
            account: scope.account,
            architecture: &image.architecture,
            name: &image.name,
            owner: image.owner,
            created_at: image.created_at,
            platform: image.platform_details.as_str(),
            deprecation_at: image.deprecation_at,
            query,
        }
    }
}

fn document(rows: &[Row<'_>]) -> Doc {
    let mut doc = Doc::default();
    doc.title(plural(len(rows.len()), "image", "images"));
    if rows.is_empty() {
        doc.line(Tone::Plain, "Nothing that can be launched fits.");
        return doc;
    }
    let mut grid = Grid::new(&[
        ("Image", Kind::Id),
        ("Region", Kind::Id),
        ("Architecture", Kind::Word),
        ("Owner", Kind::Id),
        ("Created", Kind::Word),
        ("Name", Kind::Name),
    ]);
    for row in rows {
        grid.row(vec![
            row.image_id.to_string(),
            row.region.to_string(),
            row.architecture.to_owned(),
            row.owner.to_string(),
            row.created_at.map_or_else(|| NONE.to_owned(), date_time),
            row.name.to_owned(),
        ]);
    }
    doc.grid(grid);
    doc
}
