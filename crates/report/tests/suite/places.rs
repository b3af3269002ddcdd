//! How scans, uses and undos look.

use std::collections::BTreeMap;

use amictl_apply::StepResult;
use amictl_model::{AccountUse, FileEvidence, FileMention, ImageId, ImageUsage, UsageReport};
use amictl_report::{Calls, Format, ImageEntry, Output, ScanReport, UndoResult, refs, scan, undo};

use crate::common::{HOSTILE, assert_harmless, inventory, output};

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

/// The uses of an image that files name and that another account uses by a usage report.
fn render_beyond(output: Output) -> String {
    let mut inventory = inventory();
    let image = inventory.scopes[0].images[0].id.clone();
    let uses = [AccountUse { account: "444455556666".parse().unwrap(), resource_type: HOSTILE.into(), count: 3 }];
    let made_at = "2026-11-21T08:00:00Z".parse().unwrap();
    let report = UsageReport::Read { made_at, uses: uses.into() };
    inventory.scopes[0].usage = vec![ImageUsage { image: image.clone(), report }];
    inventory.files = Some(FileEvidence {
        read_at: made_at,
        places: Vec::new(),
        mentions: vec![FileMention { image, place: format!("{HOSTILE}/prod.tfstate:12").into() }],
        files: 2,
        failures: vec![format!("{HOSTILE}: permission denied").into()],
    });
    let mut text = String::new();
    refs(&mut text, &inventory, &ImageEntry::all(&inventory)[0], output).unwrap();
    assert_harmless(&text);
    text
}

fn render_undo(output: Output) -> String {
    let image: ImageId = "ami-0123456789abcdef0".parse().unwrap();
    let back = StepResult::Returned { why: "taken back".to_owned() };
    let failed = StepResult::Failed { why: HOSTILE.to_owned(), left: "deregistered".to_owned() };
    let target = amictl_plan::Target::Image(image);
    let results = [
        UndoResult { step: "s1", image: &target, result: &back },
        UndoResult { step: "s2", image: &target, result: &failed },
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
fn refs_tell_files_and_usage_reports() {
    let (table, csv) = (output(Format::Table, 120), output(Format::Csv, 0));
    insta::assert_snapshot!(render_beyond(table) + "\n" + &render_beyond(csv));
}

#[test]
fn undo_table() {
    insta::assert_snapshot!(render_undo(output(Format::Table, 120)));
}

#[test]
fn every_format_is_harmless() {
    for format in Format::ALL {
        let output = output(format, 0);
        for text in [render_scan(output), render_refs(0, output), render_beyond(output), render_undo(output)] {
            assert!(!text.is_empty(), "{format}");
        }
    }
}
