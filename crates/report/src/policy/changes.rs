//! The verdicts that change from one policy to another.

use std::collections::BTreeMap;
use std::fmt;

use amictl_model::{AccountId, Inventory, Moment, Region};
use amictl_policy::{Verdict, VerdictChange};
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, count, date_time, len, plural};
use crate::{Format, ImageEntry, Output, ReportError, markdown, sink, terminal, words};

/// The verdicts that change, and where.
#[derive(Debug, Clone, Copy)]
pub struct PolicyDiffReport<'a> {
    /// The inventory that both policies judged.
    pub inventory: &'a Inventory,
    /// The moment that was judged for.
    pub now: Moment,
    /// The changes.
    pub changes: &'a [VerdictChange],
}

#[derive(Serialize)]
struct Document<'a> {
    inventory_id: &'a str,
    now: Moment,
    images: usize,
    changes: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    image_id: &'a str,
    account: AccountId,
    region: &'a Region,
    name: &'a str,
    old: Side<'a>,
    new: Side<'a>,
}

#[derive(Serialize)]
struct Side<'a> {
    verdict: &'static str,
    family: Option<&'a str>,
    why: String,
}

impl<'a> Side<'a> {
    fn of(verdict: &'a Verdict) -> Self {
        Self {
            verdict: words::decision(verdict.decision),
            family: verdict.family.as_deref(),
            why: words::all_reasons(&verdict.reasons),
        }
    }

    fn family(&self) -> String {
        self.family.unwrap_or(NONE).to_owned()
    }
}

impl<'a> Row<'a> {
    fn of(inventory: &'a Inventory, change: &'a VerdictChange) -> Option<Self> {
        let entry = ImageEntry::of(inventory, &change.new)?;
        Some(Self {
            image_id: entry.image.id.as_str(),
            account: entry.scope.scope.account,
            region: &entry.scope.scope.region,
            name: &entry.image.name,
            old: Side::of(&change.old),
            new: Side::of(&change.new),
        })
    }

    fn cells(&self) -> [String; 10] {
        [
            self.image_id.to_owned(),
            self.account.to_string(),
            self.region.to_string(),
            self.name.to_owned(),
            self.old.verdict.to_owned(),
            self.new.verdict.to_owned(),
            self.old.family.unwrap_or_default().to_owned(),
            self.new.family.unwrap_or_default().to_owned(),
            self.old.why.clone(),
            self.new.why.clone(),
        ]
    }
}

/// Writes the images whose verdict changes, each with both verdicts.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn policy_diff(out: &mut dyn fmt::Write, report: &PolicyDiffReport<'_>, output: Output) -> Result<(), ReportError> {
    let mut rows = report.changes.iter().filter_map(|change| Row::of(report.inventory, change));
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(report), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(report))?),
        Format::Json => {
            let document = Document {
                inventory_id: &report.inventory.id,
                now: report.now,
                images: report.inventory.image_count(),
                changes: rows.collect(),
            };
            sink::write_json(out, &document)
        }
        Format::Ndjson => rows.try_for_each(|row| sink::write_json_line(out, &row)),
        Format::Csv => {
            let header = [
                "image_id",
                "account",
                "region",
                "name",
                "old_verdict",
                "new_verdict",
                "old_family",
                "new_family",
                "old_why",
                "new_why",
            ];
            sink::write_csv(out, header, rows.map(|row| row.cells()))
        }
    }
}

fn document(report: &PolicyDiffReport<'_>) -> Doc {
    let mut doc = Doc::default();
    doc.title("Verdicts that change");
    let images = plural(len(report.inventory.image_count()), "image", "images");
    let changed = count(len(report.changes.len()));
    doc.line(
        Tone::Plain,
        format!("{changed} of {images} of inventory {}, judged for {}", report.inventory.id, date_time(report.now)),
    );
    let rows: Vec<Row<'_>> = report.changes.iter().filter_map(|change| Row::of(report.inventory, change)).collect();
    let mut kinds: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for row in &rows {
        *kinds.entry((row.old.verdict, row.new.verdict)).or_default() += 1;
    }
    let mut summary = Grid::new(&[("Images", Kind::Number), ("Old", Kind::Word), ("New", Kind::Word)]);
    for ((old, new), images) in kinds {
        summary.row(vec![count(images), old.to_owned(), new.to_owned()]);
    }
    doc.grid(summary);
    let columns = [
        ("Image", Kind::Id),
        ("Region", Kind::Id),
        ("Name", Kind::Name),
        ("Old", Kind::Word),
        ("New", Kind::Word),
        ("Old family", Kind::Name),
        ("New family", Kind::Name),
        ("Why now", Kind::Note),
    ];
    let mut grid = Grid::new(&columns);
    for row in &rows {
        grid.row(vec![
            row.image_id.to_owned(),
            row.region.to_string(),
            row.name.to_owned(),
            row.old.verdict.to_owned(),
            row.new.verdict.to_owned(),
            row.old.family(),
            row.new.family(),
            row.new.why.clone(),
        ]);
    }
    doc.grid(grid);
    doc
}
