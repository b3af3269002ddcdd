//! Draws a table on a terminal: ids whole, names shortened, sentences beside or below their rows.

use std::fmt;

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use crate::doc::Tone;
use crate::grid::{Grid, Kind};
use crate::terminal::paint;
use crate::text_width::{shorten, width, wrap};
use crate::{Style, escape};

/// Spaces between two columns.
const GAP: usize = 2;
/// A name is not shortened to less than this.
const NAME_MIN: usize = 12;
/// A name is shortened to this where something else needs the room.
const NAME_FAIR: usize = 36;
/// A sentence beside its row gets at least this, or goes below.
const NOTE_MIN: usize = 36;

/// How the cells that can give way are fitted in.
struct Fit {
    name_max: usize,
    /// Columns for the sentence beside its row; `None` when it goes below.
    note: Option<usize>,
}

/// Draws the table.
pub(crate) fn draw_grid(out: &mut dyn fmt::Write, grid: &Grid, style: Style) -> fmt::Result {
    let cells: Vec<Vec<String>> =
        grid.rows.iter().map(|row| row.iter().map(|cell| escape::terminal(cell).into_owned()).collect()).collect();
    let fit = fit(grid, &cells, style.width);
    let note_at = grid.columns.iter().position(|column| column.kind == Kind::Note);
    let hidden = note_at.filter(|_| fit.note.is_none());
    let table = table(grid, &cells, &fit, hidden);

    let text = table.trim_fmt();
    let mut lines = text.lines();
    // The header and its rule.
    for line in lines.by_ref().take(2) {
        writeln!(out, "{line}")?;
    }
    let mut notes = hidden.map(|at| cells.iter().map(move |row| row.get(at).map_or("", String::as_str)));
    for line in lines {
        writeln!(out, "{}", paint_first_word(line, style))?;
        let note = notes.as_mut().and_then(Iterator::next).filter(|note| !note.is_empty());
        for line in note.iter().flat_map(|note| wrap(note, style.width.saturating_sub(4).max(20))) {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(())
}

fn fit(grid: &Grid, cells: &[Vec<String>], available: usize) -> Fit {
    if available == 0 {
        return Fit { name_max: usize::MAX, note: Some(usize::MAX) };
    }
    let natural = |at: usize| {
        let title = width(grid.columns[at].title);
        cells.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0).max(title)
    };
    let (mut fixed, mut names, mut names_max, mut note) = (0, 0, 0, None);
    for (at, column) in grid.columns.iter().enumerate() {
        match column.kind {
            Kind::Word | Kind::Id | Kind::Number => fixed += natural(at) + GAP,
            Kind::Name => {
                names += 1;
                names_max = names_max.max(natural(at));
            }
            Kind::Note => note = Some(natural(at)),
        }
    }
    let left = available.saturating_sub(fixed);
    let per_name = |left: usize| (left / names.max(1)).saturating_sub(GAP);
    match note {
        // The sentence takes what the names leave; both are content with less than they would like.
        Some(natural) => {
            let names_fair = names * (names_max.min(NAME_FAIR) + GAP);
            let beside = left.saturating_sub(names_fair);
            if beside >= NOTE_MIN.min(natural) {
                let name_max = per_name(left.saturating_sub(natural)).clamp(names_max.min(NAME_FAIR), names_max.max(1));
                Fit { name_max, note: Some(left.saturating_sub(names * (name_max + GAP))) }
            } else {
                Fit { name_max: per_name(left + GAP).max(NAME_MIN), note: None }
            }
        }
        None => Fit { name_max: per_name(left + GAP).max(NAME_MIN), note: None },
    }
}

fn table(grid: &Grid, cells: &[Vec<String>], fit: &Fit, hidden: Option<usize>) -> Table {
    let shown = |at: usize| Some(at) != hidden;
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(grid.columns.iter().enumerate().filter(|(at, _)| shown(*at)).map(|(_, column)| column.title));
    for row in cells {
        table.add_row(row.iter().zip(&grid.columns).enumerate().filter(|(at, _)| shown(*at)).map(
            |(_, (cell, column))| match (column.kind, fit.note) {
                (Kind::Name, _) => shorten(cell, fit.name_max),
                (Kind::Note, Some(columns)) => wrap(cell, columns).join("\n"),
                _ => cell.clone(),
            },
        ));
    }
    let columns = grid.columns.iter().enumerate().filter(|(at, _)| shown(*at)).map(|(_, column)| column);
    let last = columns.clone().count().saturating_sub(1);
    for (at, column) in columns.enumerate() {
        if let Some(drawn) = table.column_mut(at) {
            drawn.set_padding((0, if at == last { 0 } else { 2 }));
            if column.kind == Kind::Number {
                drawn.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    table
}

/// Colours the word that a row begins with, where it says how things stand.
fn paint_first_word(line: &str, style: Style) -> String {
    let word = line.split(' ').next().unwrap_or_default();
    let tone = match word {
        "ok" | "keep" | "done" | "complete" | "finished" | "deleted" => Tone::Good,
        "in_part" | "deprecate" | "disable" | "deregister" | "skipped" | "returned" | "pending" | "fenced"
        | "deregistering" | "kept" | "interrupted" | "unfinished" => Tone::Warn,
        "blocked" | "failed" | "denied" | "stopped" => Tone::Bad,
        _ => return line.to_owned(),
    };
    format!("{}{}", paint(word, tone, style), &line[word.len()..])
}
