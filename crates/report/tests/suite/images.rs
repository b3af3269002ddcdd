//! How lists of images and single images look in every format.

use amictl_model::{Inventory, Moment};
use amictl_plan::Plan;
use amictl_policy::Verdict;
use amictl_report::{Format, ImageEntry, ImageList, ImageReport, Output, image, images};

use crate::common::{self, assert_harmless, inventory, now, output, verdicts};

fn list(inventory: &Inventory, verdicts: Option<&[Verdict]>, output: Output) -> String {
    let entries =
        verdicts.map_or_else(|| ImageEntry::all(inventory), |verdicts| ImageEntry::judged(inventory, verdicts));
    let mut text = String::new();
    images(&mut text, &ImageList { inventory, now: now(), entries, notes: Vec::new() }, output).unwrap();
    assert_harmless(&text);
    text
}

fn explain(at: usize, with_plan: bool, output: Output) -> String {
    let (inventory, verdicts): (Inventory, Vec<Verdict>) = (inventory(), verdicts());
    let (plan, now): (Plan, Moment) = (common::plan(), now());
    let entry = ImageEntry::of(&inventory, &verdicts[at]).unwrap();
    let steps = plan.steps.iter().filter(|step| with_plan && step.target == entry.image.id).collect();
    let mut text = String::new();
    image(&mut text, &ImageReport { inventory: &inventory, entry, now, steps, next: None }, output).unwrap();
    assert_harmless(&text);
    text
}

#[test]
fn list_table() {
    insta::assert_snapshot!(list(&inventory(), None, output(Format::Table, 140)));
}

#[test]
fn list_table_with_verdicts_on_a_narrow_terminal() {
    insta::assert_snapshot!(list(&inventory(), Some(&verdicts()), output(Format::Table, 110)));
}

#[test]
fn list_markdown() {
    insta::assert_snapshot!(list(&inventory(), Some(&verdicts()), output(Format::Markdown, 0)));
}

#[test]
fn list_csv() {
    insta::assert_snapshot!(list(&inventory(), Some(&verdicts()), output(Format::Csv, 0)));
}

#[test]
fn list_json() {
    insta::assert_snapshot!(list(&inventory(), Some(&verdicts()), output(Format::Json, 0)));
}

#[test]
fn list_ndjson_has_one_document_a_line() {
    let text = list(&inventory(), None, output(Format::Ndjson, 0));
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().filter(|line| line["kind"] == "image").count(), 4);
    let unread = |line: &&serde_json::Value| line["kind"] == "coverage" && line["status"] != "complete";
    assert_eq!(lines.iter().filter(unread).count(), 2, "one denied, one never read");
}

#[test]
fn explain_kept_table() {
    insta::assert_snapshot!(explain(0, true, output(Format::Table, 120)));
}

#[test]
fn explain_retired_table() {
    insta::assert_snapshot!(explain(1, true, output(Format::Table, 120)));
}

#[test]
fn explain_blocked_markdown() {
    insta::assert_snapshot!(explain(3, true, output(Format::Markdown, 0)));
}

#[test]
fn explain_csv() {
    insta::assert_snapshot!(explain(0, true, output(Format::Csv, 0)));
}

#[test]
fn explain_json() {
    insta::assert_snapshot!(explain(1, true, output(Format::Json, 0)));
}

#[test]
fn show_has_no_verdict() {
    let inventory = inventory();
    let entry = ImageEntry::all(&inventory)[3];
    let mut text = String::new();
    image(
        &mut text,
        &ImageReport { inventory: &inventory, entry, now: now(), steps: Vec::new(), next: None },
        output(Format::Table, 100),
    )
    .unwrap();
    insta::assert_snapshot!(text);
}
