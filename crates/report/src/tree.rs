//! The family tree of an image: what it was copied from, and what was copied from it, in every account and Region.

use std::fmt;

use amictl_model::{AccountId, Inventory, Moment, Region};
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::image::{Lineage, Node, Places};
use crate::number::{NONE, date, len, plural};
use crate::{Format, ImageEntry, Output, ReportError, markdown, sink, terminal, words};

/// The family tree of one image.
#[derive(Debug, Clone, Copy)]
pub struct TreeReport<'a> {
    /// Where it is from.
    pub inventory: &'a Inventory,
    /// The image.
    pub entry: ImageEntry<'a>,
    /// The moment that it is shown for.
    pub now: Moment,
}

/// Writes the ancestors of an image in one line down to it, and everything that was copied from it.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn tree(out: &mut dyn fmt::Write, report: &TreeReport<'_>, output: Output) -> Result<(), ReportError> {
    let root = Lineage::of(report.inventory).tree(report.entry);
    let places = Places::of(report.inventory);
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(report, &root, "   ", &places), output.style)?),
        // Blanks at the beginning of a cell are lost in Markdown.
        Format::Markdown => Ok(markdown::draw(out, &document(report, &root, "·  ", &places))?),
        Format::Json => sink::write_json(out, &Nested::of(&root, &places, report.now)),
        Format::Ndjson => lines(&root)
            .iter()
            .try_for_each(|line| sink::write_json_line(out, &Row::of(line.node, &places, report.now))),
        Format::Csv => sink::write_csv(
            out,
            [
                "relation",
                "generations",
                "image_id",
                "source_image_id",
                "account",
                "region",
                "name",
                "state",
                "created_at",
                "used_by",
                "in_inventory",
            ],
            lines(&root).iter().map(|line| Row::of(line.node, &places, report.now).cells()),
        ),
    }
}

/// An image of the tree as a record.
#[derive(Serialize)]
struct Row<'a> {
    image_id: &'a str,
    /// Generations from the image that was asked for: −1 is what it was copied from, 1 was copied from it.
    generation: i32,
    in_inventory: bool,
    account: Option<AccountId>,
    region: Option<&'a Region>,
    name: Option<&'a str>,
    state: Option<String>,
    created_at: Option<Moment>,
    /// `≥` and `?` where not every source was read whole.
    used_by: Option<String>,
    source_image_id: Option<&'a str>,
}

/// The same with everything that was copied from it.
#[derive(Serialize)]
struct Nested<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    copies: Vec<Nested<'a>>,
}

impl<'a> Nested<'a> {
    fn of(node: &Node<'a>, places: &Places<'a>, now: Moment) -> Self {
        let copies = node.copies.iter().map(|copy| Self::of(copy, places, now)).collect();
        Self { row: Row::of(node, places, now), copies }
    }
}

impl<'a> Row<'a> {
    fn of(node: &Node<'a>, places: &Places<'a>, now: Moment) -> Self {
        let entry = node.entry;
        let image = entry.map(|entry| entry.image);
        let scope = entry.map(|entry| &entry.scope.scope);
        Self {
            image_id: node.id,
            generation: node.generation,
            in_inventory: entry.is_some(),
            account: scope.map(|scope| scope.account),
            region: scope.map(|scope| &scope.region),
            name: image.map(|image| &*image.name),
            state: image.map(|image| words::state(image, now)),
            created_at: image.and_then(|image| image.created_at),
            used_by: entry.map(|entry| places.used_by_text(&entry)),
            source_image_id: image.and_then(|image| image.source_image.as_deref()),
        }
    }

    fn cells(self) -> [String; 11] {
        let relation = match self.generation {
            ..0 => "ancestor",
            0 => "self",
            1.. => "copy",
        };
        [
            relation.to_owned(),
            self.generation.unsigned_abs().to_string(),
            self.image_id.to_owned(),
            self.source_image_id.unwrap_or_default().to_owned(),
            self.account.map(|account| account.to_string()).unwrap_or_default(),
            self.region.map(ToString::to_string).unwrap_or_default(),
            self.name.unwrap_or_default().to_owned(),
            self.state.unwrap_or_default(),
            self.created_at.map(|at| at.to_string()).unwrap_or_default(),
            self.used_by.unwrap_or_default(),
            self.in_inventory.to_string(),
        ]
    }
}

/// An image of the tree, and whether each of its ancestors, and itself, is the last of its siblings.
struct Line<'t, 'a> {
    node: &'t Node<'a>,
    is_last: Vec<bool>,
}

/// The tree line by line, each image before its copies.
fn lines<'t, 'a>(root: &'t Node<'a>) -> Vec<Line<'t, 'a>> {
    let mut lines = Vec::new();
    let mut open = vec![Line { node: root, is_last: Vec::new() }];
    while let Some(line) = open.pop() {
        for (at, copy) in line.node.copies.iter().enumerate().rev() {
            let mut is_last = line.is_last.clone();
            is_last.push(at + 1 == line.node.copies.len());
            open.push(Line { node: copy, is_last });
        }
        lines.push(line);
    }
    lines
}

fn branch(is_last: &[bool], blank: &str) -> String {
    let Some((own, ancestors)) = is_last.split_last() else { return String::new() };
    let mut text: String = ancestors.iter().map(|last| if *last { blank } else { "│  " }).collect();
    text.push_str(if *own { "└─ " } else { "├─ " });
    text
}

fn document(report: &TreeReport<'_>, root: &Node<'_>, blank: &str, places: &Places<'_>) -> Doc {
    let mut doc = Doc::default();
    let lines = lines(root);
    doc.title(format!("Lineage of {} {}", report.entry.image.id, report.entry.image.name));
    let ancestors = lines.iter().filter(|line| line.node.generation < 0).count();
    let copies = lines.iter().filter(|line| line.node.generation > 0).count();
    doc.line(
        Tone::Plain,
        format!(
            "{}, {} copied from it, directly or through others",
            plural(len(ancestors), "ancestor", "ancestors"),
            plural(len(copies), "image", "images")
        ),
    );
    let mut grid = Grid::new(&[
        ("Image", Kind::Id),
        ("Gen.", Kind::Number),
        ("Account", Kind::Id),
        ("Region", Kind::Id),
        ("Name", Kind::Name),
        ("State", Kind::Word),
        ("Created", Kind::Word),
        ("Used by", Kind::Number),
    ]);
    for line in &lines {
        grid.row(cells(line, report, blank, places));
    }
    doc.grid(grid);
    if lines.iter().any(|line| line.node.entry.is_none()) {
        doc.line(
            Tone::Warn,
            "An image that is not in the inventory is gone, or lives in an account or Region that was not scanned.",
        );
    }
    doc
}

fn cells(line: &Line<'_, '_>, report: &TreeReport<'_>, blank: &str, places: &Places<'_>) -> Vec<String> {
    let id = format!("{}{}", branch(&line.is_last, blank), line.node.id);
    let generation = format!("{:+}", line.node.generation).replace("+0", "0");
    let none = || NONE.to_owned();
    let Some(entry) = line.node.entry else {
        return vec![id, generation, none(), none(), "not in the inventory".to_owned(), none(), none(), none()];
    };
    vec![
        id,
        generation,
        entry.scope.scope.account.to_string(),
        entry.scope.scope.region.to_string(),
        entry.image.name.to_string(),
        words::state(entry.image, report.now),
        date(entry.image.created_at),
        places.used_by_text(&entry),
    ]
}
