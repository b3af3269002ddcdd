//! Draws a report as GitHub-flavoured Markdown, small enough for a step summary.

use std::fmt::{self, Write as _};

use crate::doc::{Block, Doc, Tone};
use crate::escape;
use crate::grid::{Column, Grid, Kind};
use crate::number::{count, len, plural};

/// GitHub takes no step summary above 1 MiB; other steps' summaries do not count, but the link text around it may.
pub(crate) const BYTES_MAX: usize = 1_000_000;
/// No single text may crowd out the rest.
const TEXT_CHARS_MAX: usize = 2_000;
/// For the line that says how many rows are not shown.
const CUT_NOTE_BYTES_MAX: usize = 200;

/// Draws the whole report; tables are cut, the longest first, until it is small enough.
pub(crate) fn draw(out: &mut dyn fmt::Write, doc: &Doc) -> fmt::Result {
    let mut blocks: Vec<String> = Vec::with_capacity(doc.blocks.len());
    for block in &doc.blocks {
        let mut text = String::new();
        draw_block(&mut text, block, BYTES_MAX)?;
        blocks.push(text);
    }
    let mut grids: Vec<usize> = (0..blocks.len()).filter(|&at| matches!(doc.blocks[at], Block::Grid(_))).collect();
    grids.sort_by_key(|&at| std::cmp::Reverse(blocks[at].len()));
    for at in grids {
        // Each block is followed by a line end.
        let others: usize = blocks.iter().map(|block| block.len() + 1).sum::<usize>() - blocks[at].len();
        let fair = BYTES_MAX.saturating_sub(others);
        if blocks[at].len() > fair {
            let mut text = String::new();
            draw_block(&mut text, &doc.blocks[at], fair)?;
            blocks[at] = text;
        }
    }
    for (at, block) in blocks.iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        write!(out, "{gap}{block}")?;
    }
    Ok(())
}

fn draw_block(out: &mut String, block: &Block, bytes_max: usize) -> fmt::Result {
    match block {
        Block::Title(text) => writeln!(out, "## {}", prose(text)),
        Block::Heading(text) => writeln!(out, "### {}", prose(text)),
        Block::Line(Tone::Bad, text) => writeln!(out, "**{}**", prose(text)),
        Block::Line(_, text) => writeln!(out, "{}", prose(text)),
        Block::Facts(facts) => {
            facts.iter().try_for_each(|(label, value)| writeln!(out, "- {}: {}", prose(label), prose(value)))
        }
        Block::Grid(grid) => draw_grid(out, grid, bytes_max),
        Block::Commands(commands) => commands.iter().try_for_each(|(what, command)| {
            let command = command.to_string();
            let longest = command.split(|c| c != '`').map(str::len).max().unwrap_or(0);
            let fence = "`".repeat(longest.max(2) + 1);
            writeln!(out, "{}:\n{fence}sh\n{command}\n{fence}", prose(what))
        }),
    }
}

fn draw_grid(out: &mut String, grid: &Grid, bytes_max: usize) -> fmt::Result {
    let start = out.len();
    for column in &grid.columns {
        write!(out, "| {} ", prose(column.title))?;
    }
    out.push_str("|\n");
    for column in &grid.columns {
        out.push_str(if column.kind == Kind::Number { "| ---: " } else { "| --- " });
    }
    out.push_str("|\n");
    let rows_bytes_max = bytes_max.saturating_sub(CUT_NOTE_BYTES_MAX);
    for (at, row) in grid.rows.iter().enumerate() {
        let before = out.len();
        for (cell, column) in row.iter().zip(&grid.columns) {
            write!(out, "| {} ", draw_cell(cell, *column))?;
        }
        out.push_str("|\n");
        if out.len() - start > rows_bytes_max {
            out.truncate(before);
            let cut = plural(len(grid.rows.len() - at), "row", "rows");
            return writeln!(out, "\n… and {cut} more of {}: see the JSON or CSV output.", count(len(grid.rows.len())));
        }
    }
    Ok(())
}

fn draw_cell(cell: &str, column: Column) -> String {
    match column.kind {
        Kind::Id | Kind::Name => escape::markdown_code(&clip(cell)),
        Kind::Word | Kind::Number | Kind::Note => prose(cell),
    }
}

fn prose(text: &str) -> String {
    escape::markdown(&clip(text))
}

fn clip(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
