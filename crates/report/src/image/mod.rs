//! Images of an inventory: lists of them, and one with all its evidence.

mod beyond;
mod detail;
mod document;
mod entry;
mod evidence;
mod find;
mod lineage;
mod list;
mod places;
mod reference_row;
mod row;
mod selection;
mod undo;

use std::fmt;

use amictl_model::{Inventory, Moment};
use amictl_plan::Step;

use crate::{CommandLine, Format, Output, ReportError, markdown, sink, terminal};

pub(crate) use beyond::Beyond;
pub use entry::ImageEntry;
pub use find::FindError;
pub(crate) use lineage::{Lineage, Node};
pub(crate) use places::{Places, Use};
pub(crate) use reference_row::{ReferenceRow, UnreadRow};
pub use selection::{ImageFilter, ImageOrder, Selected, StateFilter, TagFilter, limit};

/// A list of images.
#[derive(Debug)]
pub struct ImageList<'a> {
    /// Where they are from.
    pub inventory: &'a Inventory,
    /// The moment that they are shown for.
    pub now: Moment,
    /// The images, in the order in which they are shown; [`ImageEntry::all`] has every one.
    pub entries: Vec<ImageEntry<'a>>,
    /// What a reader has to know of the choice: sentences.
    pub notes: Vec<String>,
}

/// One image: its verdict with all evidence, or without a verdict just the facts.
#[derive(Debug)]
pub struct ImageReport<'a> {
    /// Where it is from.
    pub inventory: &'a Inventory,
    /// The image.
    pub entry: ImageEntry<'a>,
    /// The moment that it is shown for.
    pub now: Moment,
    /// What a plan would do to it.
    pub steps: Vec<&'a Step>,
    /// What to run next.
    pub next: Option<CommandLine>,
}

/// Writes a list of images.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn images(out: &mut dyn fmt::Write, list: &ImageList<'_>, output: Output) -> Result<(), ReportError> {
    match output.format {
        Format::Table => Ok(terminal::draw(out, &list::document(list), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &list::document(list))?),
        Format::Json => list::write_json(out, list),
        Format::Ndjson => list::write_ndjson(out, list),
        Format::Csv => row::write_csv(out, list),
    }
}

/// Writes one image: `show` without a verdict, `explain` with one.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn image(out: &mut dyn fmt::Write, report: &ImageReport<'_>, output: Output) -> Result<(), ReportError> {
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document::document(report), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document::document(report))?),
        Format::Json => sink::write_json(out, &detail::Detail::of(report)),
        Format::Ndjson => sink::write_json_line(out, &detail::Detail::of(report)),
        Format::Csv => evidence::write_csv(out, report),
    }
}
