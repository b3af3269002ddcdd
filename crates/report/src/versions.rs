//! The versions of a family.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use amictl_model::{AccountId, Image, ImageId, ImageState, Moment, Region, Scope};
use amictl_policy::{VersionedFamily, sort_by_version};
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, count, date_time, len, plural};
use crate::{Format, Output, ReportError, markdown, sink, terminal};

/// Every version of a family, the newest first.
#[derive(Debug)]
pub struct VersionList<'a> {
    versions: Vec<Row<'a>>,
}

/// Which version comes next.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct VersionNext<'a> {
    /// The version.
    pub version: &'a str,
    /// What an image of it is called; `None` where the family leaves that open.
    pub name: Option<&'a str>,
    /// How many versions there are by now.
    pub versions_there: usize,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    version: &'a str,
    /// Whether an image of it can be launched in each account and Region.
    complete: bool,
    /// Where none can be.
    missing: Vec<Place<'a>>,
    images: Vec<VersionImage<'a>>,
}

#[derive(Debug, Serialize)]
struct Place<'a> {
    account: AccountId,
    region: &'a Region,
}

#[derive(Debug, Serialize)]
struct VersionImage<'a> {
    image_id: &'a ImageId,
    account: AccountId,
    region: &'a Region,
    name: &'a str,
    state: ImageState,
    created_at: Option<Moment>,
}

impl<'a> VersionList<'a> {
    /// The versions of these images, looked for in these accounts and Regions. Names and versions are attacker-controlled text.
    #[must_use]
    pub fn of(family: &VersionedFamily, scopes: &'a [Scope], images: &'a [(Scope, Image)]) -> Self {
        let mut by_version: BTreeMap<&str, Vec<&(Scope, Image)>> = BTreeMap::new();
        for one in images {
            if let Some(version) = family.version_of(&one.1) {
                by_version.entry(version).or_default().push(one);
            }
        }
        let mut versions: Vec<Row<'a>> =
            by_version.into_iter().map(|(version, images)| row(version, scopes, &images)).collect();
        sort_by_version(&mut versions, |row| row.version);
        versions.reverse();
        Self { versions }
    }
}

fn row<'a>(version: &'a str, scopes: &'a [Scope], images: &[&'a (Scope, Image)]) -> Row<'a> {
    let available: BTreeSet<&Scope> =
        images.iter().filter(|(_, image)| image.state == ImageState::Available).map(|(scope, _)| scope).collect();
    let missing: Vec<Place<'a>> = scopes
        .iter()
        .filter(|scope| !available.contains(scope))
        .map(|scope| Place { account: scope.account, region: &scope.region })
        .collect();
    let images = images.iter().map(|(scope, image)| VersionImage {
        image_id: &image.id,
        account: scope.account,
        region: &scope.region,
        name: &image.name,
        state: image.state,
        created_at: image.created_at,
    });
    Row { version, complete: missing.is_empty(), missing, images: images.collect() }
}

/// Writes the versions of a family.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn versions(out: &mut dyn fmt::Write, list: &VersionList<'_>, output: Output) -> Result<(), ReportError> {
    let rows = &list.versions;
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(rows), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(rows))?),
        Format::Json => sink::write_json(out, rows),
        Format::Ndjson => rows.iter().try_for_each(|row| sink::write_json_line(out, row)),
        Format::Csv => {
            let images = rows.iter().flat_map(|row| row.images.iter().map(move |image| (row, image)));
            sink::write_csv(
                out,
                ["version", "complete", "image_id", "account", "region", "state", "created_at", "name"],
                images.map(|(row, image)| {
                    [
                        row.version.to_owned(),
                        row.complete.to_string(),
                        image.image_id.to_string(),
                        image.account.to_string(),
                        image.region.to_string(),
                        image.state.as_str().to_owned(),
                        image.created_at.map(|at| at.to_string()).unwrap_or_default(),
                        image.name.to_owned(),
                    ]
                }),
            )
        }
    }
}

/// Writes which version comes next, for programs.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn version_next(out: &mut dyn fmt::Write, next: &VersionNext<'_>, output: Output) -> Result<(), ReportError> {
    match output.format {
        Format::Csv => sink::write_csv(
            out,
            ["version", "name"],
            [[next.version.to_owned(), next.name.unwrap_or_default().to_owned()]],
        ),
        Format::Ndjson => sink::write_json_line(out, next),
        _ => sink::write_json(out, next),
    }
}

fn document(rows: &[Row<'_>]) -> Doc {
    let mut doc = Doc::default();
    doc.title(plural(len(rows.len()), "version", "versions"));
    if rows.is_empty() {
        doc.line(Tone::Plain, "No image of the family says one.");
        return doc;
    }
    let mut grid = Grid::new(&[
        ("Version", Kind::Name),
        ("Created", Kind::Word),
        ("Images", Kind::Number),
        ("Regions", Kind::Note),
    ]);
    for row in rows {
        let newest = row.images.iter().filter_map(|image| image.created_at).max();
        let regions: BTreeSet<&Region> = row.images.iter().map(|image| image.region).collect();
        let regions: Vec<String> = regions.iter().map(ToString::to_string).collect();
        let missing: BTreeSet<&Region> = row.missing.iter().map(|place| place.region).collect();
        let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let missing =
            if missing.is_empty() { String::new() } else { format!("; none to launch in {}", missing.join(", ")) };
        grid.row(vec![
            row.version.to_owned(),
            newest.map_or_else(|| NONE.to_owned(), date_time),
            count(len(row.images.len())),
            regions.join(", ") + &missing,
        ]);
    }
    doc.grid(grid);
    doc
}
