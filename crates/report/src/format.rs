//! How output is asked for: the format, and what the terminal can show.

use std::fmt;
use std::str::FromStr;

/// A format of `--output`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people, on a terminal or in a log.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One JSON document a line.
    Ndjson,
    /// One row an item, with a header.
    Csv,
    /// GitHub-flavoured Markdown, small enough for a step summary.
    Markdown,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Table, Self::Json, Self::Ndjson, Self::Csv, Self::Markdown];

    /// The name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| "not one of table, json, ndjson, csv, markdown".to_owned())
    }
}

/// What the terminal can show; matters to [`Format::Table`] only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Columns; 0 for as many as it takes, which suits a pipe.
    pub width: usize,
    /// Whether to use ANSI colours.
    pub color: bool,
}

/// Format and style together: how one output is to look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Output {
    /// The format.
    pub format: Format,
    /// The style.
    pub style: Style,
}
