//! Draws a report for a terminal or a log.

use std::fmt;

use crate::doc::{Block, Doc, Tone};
use crate::terminal_grid::draw_grid;
use crate::text_width::{width, wrap};
use crate::{Style, escape};

/// Draws the whole report.
pub(crate) fn draw(out: &mut dyn fmt::Write, doc: &Doc, style: Style) -> fmt::Result {
    let mut gap_before_line = false;
    for (at, block) in doc.blocks.iter().enumerate() {
        // Sentences stay together; every other block stands apart from the one above, but not from its own heading.
        let is_line = matches!(block, Block::Line(..));
        let below_heading = at > 0 && matches!(doc.blocks[at - 1], Block::Heading(_));
        if at > 0 && !below_heading && (!is_line || gap_before_line) {
            out.write_char('\n')?;
        }
        gap_before_line = !is_line;
        draw_block(out, block, style)?;
    }
    Ok(())
}

fn draw_block(out: &mut dyn fmt::Write, block: &Block, style: Style) -> fmt::Result {
    match block {
        Block::Title(text) | Block::Heading(text) => {
            for line in lines_of(text, style, 0) {
                writeln!(out, "{}", bold(&line, style))?;
            }
            Ok(())
        }
        Block::Line(tone, text) => {
            for line in lines_of(text, style, 0) {
                writeln!(out, "{}", paint(&line, *tone, style))?;
            }
            Ok(())
        }
        Block::Facts(facts) => draw_facts(out, facts, style),
        Block::Grid(grid) => draw_grid(out, grid, style),
        Block::Commands(commands) => commands.iter().try_for_each(|(what, command)| {
            writeln!(out, "{what}:")?;
            // Never wrapped: it is there to be copied.
            writeln!(out, "  {}", bold(&command.to_string(), style))
        }),
    }
}

fn draw_facts(out: &mut dyn fmt::Write, facts: &[(&'static str, String)], style: Style) -> fmt::Result {
    let label_width = facts.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
    for (label, value) in facts {
        for (at, line) in lines_of(value, style, label_width + 2).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            writeln!(out, "{label:label_width$}  {line}")?;
        }
    }
    Ok(())
}

fn lines_of(text: &str, style: Style, indent: usize) -> Vec<String> {
    let text = escape::terminal(text);
    if style.width == 0 { vec![text.into_owned()] } else { wrap(&text, style.width.saturating_sub(indent).max(20)) }
}

/// A text in the colour of its tone.
pub(crate) fn paint(text: &str, tone: Tone, style: Style) -> String {
    let code = match tone {
        Tone::Plain => return text.to_owned(),
        Tone::Good => 32,
        Tone::Warn => 33,
        Tone::Bad => 31,
    };
    if style.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

fn bold(text: &str, style: Style) -> String {
    if style.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}
