//! The uses of one image.

use std::fmt;

use amictl_model::{AccountId, ImageId, Inventory, Region};
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::image::{Beyond, Places, ReferenceRow, UnreadRow};
use crate::{Format, ImageEntry, Output, ReportError, markdown, sink, terminal, words};

/// Writes every use of an image that was seen, in any account that was scanned, and the sources that could not be read.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn refs(
    out: &mut dyn fmt::Write,
    inventory: &Inventory,
    entry: &ImageEntry<'_>,
    output: Output,
) -> Result<(), ReportError> {
    let places = Places::of(inventory);
    let report = Document {
        image_id: &entry.image.id,
        account: entry.scope.scope.account,
        region: &entry.scope.scope.region,
        name: &entry.image.name,
        references: ReferenceRow::all(&places, entry),
        unread: UnreadRow::all(&places, entry),
        beyond: Beyond::of(&places, entry),
    };
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(&report), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(&report))?),
        Format::Json => sink::write_json(out, &report),
        Format::Ndjson => {
            report.references.iter().try_for_each(|row| sink::write_json_line(out, &Line::Reference(row)))?;
            report.unread.iter().try_for_each(|row| sink::write_json_line(out, &Line::Unread(row)))?;
            sink::write_json_line(out, &Line::Beyond(&report.beyond))
        }
        Format::Csv => write_csv(out, &report),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    image_id: &'a ImageId,
    account: AccountId,
    region: &'a Region,
    name: &'a str,
    references: Vec<ReferenceRow<'a>>,
    /// Sources that were not read whole: the image may be used there.
    unread: Vec<UnreadRow<'a>>,
    #[serde(flatten)]
    beyond: Beyond<'a>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Reference(&'a ReferenceRow<'a>),
    Unread(&'a UnreadRow<'a>),
    Beyond(&'a Beyond<'a>),
}

/// A row for each use, and one for each source that was not read whole.
fn write_csv(out: &mut dyn fmt::Write, report: &Document<'_>) -> Result<(), ReportError> {
    let uses = report.references.iter().map(|row| {
        [
            "reference".to_owned(),
            row.account.to_string(),
            row.region.to_string(),
            row.reference.source.to_string(),
            row.reference.resource.to_string(),
            words::usage(&row.reference.usage),
        ]
    });
    let unread = report.unread.iter().map(|row| {
        [
            "unread".to_owned(),
            row.account.to_string(),
            row.region.to_string(),
            row.source.to_string(),
            row.status.to_owned(),
            row.detail.to_owned(),
        ]
    });
    let beyond = report.beyond.rows().into_iter().map(|[kind, source, resource, detail]| {
        [kind, report.account.to_string(), report.region.to_string(), source, resource, detail]
    });
    sink::write_csv(out, ["kind", "account", "region", "source", "resource", "usage"], uses.chain(unread).chain(beyond))
}

fn document(report: &Document<'_>) -> Doc {
    let mut doc = Doc::default();
    doc.title(format!("Uses of {} {}", report.image_id, report.name));
    doc.line(Tone::Plain, format!("In {} of account {}", report.region, report.account));
    if report.references.is_empty() && report.beyond.count() == 0 {
        doc.line(Tone::Plain, "No use was seen.");
    }
    doc.grid(reference_grid(&report.references, report.account, Kind::Id));
    report.beyond.tell(&mut doc);
    unread_section(&mut doc, &report.unread, report.account);
    doc
}

/// The uses as a table; the account stands there only where it is not always the image's own. The Region is always the image's.
pub(crate) fn reference_grid(rows: &[ReferenceRow<'_>], own: AccountId, resource: Kind) -> Grid {
    let with_account = rows.iter().any(|row| row.account != own);
    let mut columns = vec![("Source", Kind::Word), ("Resource", resource)];
    columns.extend(with_account.then_some(("Account", Kind::Id)));
    columns.push(("How", Kind::Note));
    let mut grid = Grid::new(&columns);
    for row in rows {
        let mut cells = vec![row.reference.source.to_string(), row.reference.resource.to_string()];
        cells.extend(with_account.then(|| row.account.to_string()));
        cells.push(words::usage(&row.reference.usage));
        grid.row(cells);
    }
    grid
}

/// What could not be read, with a warning, if there is anything.
pub(crate) fn unread_section(doc: &mut Doc, rows: &[UnreadRow<'_>], own: AccountId) {
    if rows.is_empty() {
        return;
    }
    doc.line(Tone::Bad, "These could not be read whole, so there may be uses that were not seen:");
    let with_account = rows.iter().any(|row| row.account != own);
    let mut columns = vec![("Status", Kind::Word), ("Source", Kind::Word)];
    columns.extend(with_account.then_some(("Account", Kind::Id)));
    columns.push(("Detail", Kind::Note));
    let mut grid = Grid::new(&columns);
    for row in rows {
        let mut cells = vec![row.status.to_owned(), row.source.to_string()];
        cells.extend(with_account.then(|| row.account.to_string()));
        cells.push(row.detail.to_owned());
        grid.row(cells);
    }
    doc.grid(grid);
}
