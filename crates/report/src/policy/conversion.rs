//! A policy that was made from another tool's, and what could not be carried over.

use std::fmt;

use amictl_policy::Conversion;
use serde::Serialize;

use crate::{Format, Output, ReportError, escape, sink};

#[derive(Serialize)]
struct Document<'a> {
    policy: &'a str,
    not_carried_over: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    line: u32,
    what: &'a str,
    why: &'a str,
}

/// Writes the policy as YAML, with what could not be carried over as comments at its head; as JSON both apart.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn policy_conversion(out: &mut dyn fmt::Write, conversion: &Conversion, output: Output) -> Result<(), ReportError> {
    let mut rows = conversion.left_out.iter().map(|left| Row { line: left.line, what: &left.what, why: &left.why });
    match output.format {
        Format::Json => sink::write_json(out, &Document { policy: &conversion.text, not_carried_over: rows.collect() }),
        Format::Ndjson => rows.try_for_each(|row| sink::write_json_line(out, &row)),
        Format::Csv => sink::write_csv(
            out,
            ["line", "what", "why"],
            rows.map(|row| [row.line.to_string(), row.what.to_owned(), row.why.to_owned()]),
        ),
        Format::Table | Format::Markdown => {
            for line in conversion.with_notes().lines() {
                writeln!(out, "{}", escape::terminal(line))?;
            }
            Ok(())
        }
    }
}
