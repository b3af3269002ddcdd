//! What came of a user's own tests of a policy.

use std::fmt;

use amictl_policy::TestOutcome;
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{len, plural};
use crate::{Format, Output, ReportError, markdown, sink, terminal};

#[derive(Serialize)]
struct Document<'a> {
    passed: usize,
    failed: usize,
    outcomes: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    test: &'a str,
    image: &'a str,
    passed: bool,
    expected: &'a str,
    got: &'a str,
    place: &'a str,
}

impl<'a> Row<'a> {
    fn of(outcome: &'a TestOutcome) -> Self {
        Self {
            test: &outcome.test,
            image: &outcome.image,
            passed: outcome.passed,
            expected: &outcome.expected,
            got: &outcome.got,
            place: &outcome.place,
        }
    }

    fn word(&self) -> &'static str {
        if self.passed { "pass" } else { "FAIL" }
    }
}

/// Writes every expectation with whether it was met.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn policy_tests(out: &mut dyn fmt::Write, outcomes: &[TestOutcome], output: Output) -> Result<(), ReportError> {
    let mut rows = outcomes.iter().map(Row::of);
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(outcomes), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(outcomes))?),
        Format::Json => {
            let failed = failed(outcomes);
            sink::write_json(out, &Document { passed: outcomes.len() - failed, failed, outcomes: rows.collect() })
        }
        Format::Ndjson => rows.try_for_each(|row| sink::write_json_line(out, &row)),
        Format::Csv => sink::write_csv(
            out,
            ["result", "test", "image", "expected", "got", "place"],
            rows.map(|row| [row.word(), row.test, row.image, row.expected, row.got, row.place].map(str::to_owned)),
        ),
    }
}

fn failed(outcomes: &[TestOutcome]) -> usize {
    outcomes.iter().filter(|outcome| !outcome.passed).count()
}

fn document(outcomes: &[TestOutcome]) -> Doc {
    let mut doc = Doc::default();
    doc.title("Policy tests");
    let failed = failed(outcomes);
    let met = format!("{} met", plural(len(outcomes.len() - failed), "expectation", "expectations"));
    if failed == 0 {
        doc.line(Tone::Good, format!("{met}."));
    } else {
        doc.line(Tone::Bad, format!("{failed} not met, {met}."));
    }
    let columns = [
        ("Result", Kind::Word),
        ("Test", Kind::Name),
        ("Image", Kind::Name),
        ("Expected", Kind::Word),
        ("Line", Kind::Id),
        ("Got", Kind::Note),
    ];
    let mut grid = Grid::new(&columns);
    for row in outcomes.iter().map(Row::of) {
        grid.row([row.word(), row.test, row.image, row.expected, row.place, row.got].map(str::to_owned).into());
    }
    doc.grid(grid);
    doc
}
