//! `cargo xtask bench`: the speeds that amictl promises, measured, with the command that reproduces each.

mod apply;
mod copy;
mod http;
mod import;
mod judge;
mod moto;
mod organization;
mod peers;
mod process;
mod sandbox;
mod scan;
mod version;

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::workspace;
use crate::workspace::Profile;

/// One line of the table.
pub(crate) struct Row {
    /// What was measured.
    what: String,
    /// What came out.
    measured: String,
    /// What is promised; empty when nothing is.
    promised: String,
    /// Whether the promise is kept, when there is one.
    kept: Option<bool>,
    /// What to type to measure it again.
    command: String,
}

impl Row {
    /// A measurement and the promise that it is held against.
    fn promised(what: &str, measured: String, promised: &str, kept: bool, command: &str) -> Self {
        let (what, promised, command) = (what.to_owned(), promised.to_owned(), command.to_owned());
        Self { what, measured, promised, kept: Some(kept), command }
    }

    /// A measurement for information.
    fn shown(what: &str, measured: String, command: &str) -> Self {
        Self { what: what.to_owned(), measured, promised: String::new(), kept: None, command: command.to_owned() }
    }
}

/// Measures one thing or all, and prints the table.
pub(crate) fn run(which: &str) -> Result<()> {
    let benches: &[fn() -> Result<Vec<Row>>] = match which {
        "all" => &[
            judge::rows,
            version::rows,
            scan::rows,
            organization::rows,
            apply::rows,
            sandbox::rows,
            copy::rows,
            import::rows,
            peers::rows,
        ],
        "judge" => &[judge::rows],
        "version" => &[version::rows],
        "scan" => &[scan::rows, organization::rows],
        "apply" => &[apply::rows],
        "copy" => &[copy::rows],
        "import" => &[import::rows],
        "sandbox" => &[sandbox::rows],
        "peers" => &[peers::rows],
        other => bail!("`{other}` is none of all, judge, version, scan, apply, copy, import, sandbox, peers"),
    };
    let mut rows = Vec::new();
    for bench in benches {
        rows.extend(bench()?);
    }
    println!("\n{}", table(&rows));
    let broken = rows.iter().filter(|row| row.kept == Some(false)).count();
    if broken > 0 {
        bail!("{broken} of the promises {} not kept on this machine", if broken == 1 { "is" } else { "are" });
    }
    Ok(())
}

/// The binary that `AMICTL_BIN` names, or the release build.
fn built_binary() -> Result<PathBuf> {
    if let Some(binary) = workspace::chosen_binary() {
        return Ok(binary);
    }
    workspace::run(&mut workspace::cargo(&["build", "--release", "--bin", "amictl"]))?;
    workspace::binary(Profile::Release)
}

fn table(rows: &[Row]) -> String {
    let heads = ["what", "measured", "promised", "", "measure it again with"];
    let mut cells: Vec<[String; 5]> = vec![heads.map(str::to_owned)];
    cells.extend(rows.iter().map(|row| {
        let verdict = match row.kept {
            Some(true) => "kept",
            Some(false) => "NOT KEPT",
            None => "",
        };
        [row.what.clone(), row.measured.clone(), row.promised.clone(), verdict.to_owned(), row.command.clone()]
    }));
    aligned(&cells)
}

/// Lines of cells, each column as wide as its widest cell.
fn aligned<const COLUMNS: usize>(cells: &[[String; COLUMNS]]) -> String {
    let mut widths = [0; COLUMNS];
    for line in cells {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |line: &[String; COLUMNS]| {
        let padded: Vec<String> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    cells.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_promise_stands_out() {
        let rows = [
            Row::promised("start", "12 ms".to_owned(), "≤ 10 ms", false, "cargo xtask bench version"),
            Row::shown("calls", "3".to_owned(), "cargo xtask bench scan"),
        ];
        let table = table(&rows);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1].contains("NOT KEPT"), "{table}");
        assert_eq!(lines[1].find("cargo").is_some(), lines[2].find("cargo").is_some());
    }
}
