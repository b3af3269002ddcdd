//! How runs look in every format.

use amictl_apply::RunStatus;
use amictl_report::{Calls, CommandLine, Format, Output, RunReport, run, runs};

use crate::common::{self, assert_harmless, output};

/// A command in a state folder of its own, as `cli` makes it.
fn command(words: &[&str]) -> CommandLine {
    CommandLine::new(["amictl"].iter().chain(words).copied())
}

fn render(output: Output) -> String {
    let summary = common::run();
    let mut report = RunReport::new(&summary, command);
    report.calls.insert("DisableImage", Calls { sent: 1_204, throttled: 3 });
    report.calls.insert("DeregisterImage", Calls { sent: 12, throttled: 0 });
    let mut text = String::new();
    run(&mut text, &report, output).unwrap();
    assert_harmless(&text);
    text
}

fn render_list(output: Output) -> String {
    let mut finished = common::run();
    finished.run.run_id = "run-0".to_owned();
    finished.status = Some(RunStatus::Finished);
    finished.steps.truncate(1);
    let mut killed = common::run();
    killed.run.run_id = "run-2".to_owned();
    killed.status = None;
    let mut text = String::new();
    runs(&mut text, &[finished, common::run(), killed], output).unwrap();
    assert_harmless(&text);
    text
}

#[test]
fn run_table() {
    insta::assert_snapshot!(render(output(Format::Table, 140)));
}

#[test]
fn run_table_on_a_narrow_terminal() {
    insta::assert_snapshot!(render(output(Format::Table, 80)));
}

#[test]
fn run_markdown() {
    insta::assert_snapshot!(render(output(Format::Markdown, 0)));
}

#[test]
fn run_csv() {
    insta::assert_snapshot!(render(output(Format::Csv, 0)));
}

#[test]
fn run_json() {
    insta::assert_snapshot!(render(output(Format::Json, 0)));
}

#[test]
fn run_ndjson_has_one_document_a_line() {
    let text = render(output(Format::Ndjson, 0));
    let kinds: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["run", "step", "step", "step", "step", "step", "step", "step"]);
}

#[test]
fn run_all_done_offers_nothing_to_undo() {
    let mut summary = common::run();
    summary.steps.truncate(1);
    summary.status = Some(RunStatus::Finished);
    let mut text = String::new();
    run(&mut text, &RunReport::new(&summary, command), output(Format::Table, 100)).unwrap();
    insta::assert_snapshot!(text);
}

#[test]
fn list_table() {
    insta::assert_snapshot!(render_list(output(Format::Table, 120)));
}

#[test]
fn list_csv() {
    insta::assert_snapshot!(render_list(output(Format::Csv, 0)));
}

#[test]
fn list_json() {
    insta::assert_snapshot!(render_list(output(Format::Json, 0)));
}
