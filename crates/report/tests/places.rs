//! How scans, uses and undos look.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeMap;

use amictl_apply::StepResult;
use amictl_model::ImageId;
use amictl_report::{Calls, Format, ImageEntry, Output, ScanReport, UndoResult, refs, scan, undo};
use common::{HOSTILE, assert_harmless, inventory, output};

fn render_scan(output: Output) -> String {
    let inventory = inventory();
    let calls = BTreeMap::from([("DescribeImages", Calls { sent: 1_204, throttled: 3 })]);
    let report = ScanReport { inventory: &inventory, calls, file: format!("/tmp/{HOSTILE}/inv-1.json.zst") };
    let mut text = String::new();
    scan(&mut text, &report, output).unwrap();
    assert_harmless(&text);
    text
}

fn render_refs(at: usize, output: Output) -> String {
    let inventory = inventory();
    let mut text = String::new();
    refs(&mut text, &inventory, &ImageEntry::all(&inventory)[at], output).unwrap();
    assert_harmless(&text);
    text
}

fn render_undo(output: Output) -> String {
    let image: ImageId = "ami-0123456789abcdef0".parse().unwrap();
    let back = StepResult::Returned { why: "taken back".to_owned() };
    let failed = StepResult::Failed { why: HOSTILE.to_owned(), left: "deregistered".to_owned() };
    let results = [
        UndoResult { step: "s1", image: &image, result: &back },
        UndoResult { step: "s2", image: &image, result: &failed },
    ];
    let mut text = String::new();
    undo(&mut text, "run-1", &results, output).unwrap();
    assert_harmless(&text);
    text
}

#[test]
fn scan_table() {
    insta::assert_snapshot!(render_scan(output(Format::Table, 120)));
}

#[test]
fn refs_table() {
    insta::assert_snapshot!(render_refs(0, output(Format::Table, 120)));
}

#[test]
fn refs_say_what_was_not_read() {
    insta::assert_snapshot!(render_refs(3, output(Format::Markdown, 0)));
}

#[test]
fn undo_table() {
    insta::assert_snapshot!(render_undo(output(Format::Table, 120)));
}

#[test]
fn every_format_is_harmless() {
    for format in Format::ALL {
        for text in [render_scan(output(format, 0)), render_refs(0, output(format, 0)), render_undo(output(format, 0))]
        {
            assert!(!text.is_empty(), "{format}");
        }
    }
}
