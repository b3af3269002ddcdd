//! A table's columns and raw cells, apart from how they are drawn.

/// A table.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) kind: Kind,
}

/// What the cells of a column are, which says how they may be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A word of amictl's own.
    Word,
    /// An id to be copied: never cut, never wrapped.
    Id,
    /// A number, aligned to the right.
    Number,
    /// A name: may be shortened in the middle, as its end often tells versions apart.
    Name,
    /// A sentence: may be wrapped, and goes below its row where there is no room beside it. The last column only.
    Note,
}

impl Grid {
    pub(crate) fn new(columns: &[(&'static str, Kind)]) -> Self {
        let columns = columns.iter().map(|&(title, kind)| Column { title, kind }).collect();
        Self { columns, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }
}
