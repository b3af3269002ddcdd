//! What a report says, apart from how it looks: blocks that the terminal and Markdown each draw in their own way.

use crate::CommandLine;
use crate::grid::Grid;

/// A report as a sequence of blocks. Every text in it is raw: whoever draws it escapes it.
#[derive(Debug, Default)]
pub(crate) struct Doc {
    pub(crate) blocks: Vec<Block>,
}

/// One block.
#[derive(Debug)]
pub(crate) enum Block {
    /// What the whole report is about.
    Title(String),
    /// Begins a section.
    Heading(String),
    /// A sentence.
    Line(Tone, String),
    /// Labels and values.
    Facts(Vec<(&'static str, String)>),
    /// A table.
    Grid(Grid),
    /// What to run next: what it does, and the command.
    Commands(Vec<(&'static str, CommandLine)>),
}

/// What a text means to the reader; a colour where there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it is.
    Plain,
    /// As it should be.
    Good,
    /// To be looked at.
    Warn,
    /// Went wrong, or must not be overlooked.
    Bad,
}

impl Doc {
    pub(crate) fn title(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Title(text.into()));
    }

    pub(crate) fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(text.into()));
    }

    pub(crate) fn line(&mut self, tone: Tone, text: impl Into<String>) {
        self.blocks.push(Block::Line(tone, text.into()));
    }

    pub(crate) fn facts(&mut self, facts: Vec<(&'static str, String)>) {
        if !facts.is_empty() {
            self.blocks.push(Block::Facts(facts));
        }
    }

    pub(crate) fn grid(&mut self, grid: Grid) {
        if !grid.rows.is_empty() {
            self.blocks.push(Block::Grid(grid));
        }
    }

    pub(crate) fn commands(&mut self, commands: Vec<(&'static str, CommandLine)>) {
        if !commands.is_empty() {
            self.blocks.push(Block::Commands(commands));
        }
    }
}
