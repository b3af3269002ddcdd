//! How the family tree of an image looks.

#![expect(clippy::needless_pass_by_value, reason = "`json!` values read best where they are made")]

use amictl_model::Inventory;
use amictl_report::{Format, ImageEntry, Output, TreeReport, tree};
use serde_json::{Value, json};

use crate::common::{FORMULA, HOSTILE, assert_harmless, now, output};

fn image(id: &str, name: &str, source: Option<&str>) -> Value {
    json!({
        "id": id, "name": name, "owner": "111122223333", "state": "available", "root_device_type": "ebs",
        "created_at": "2026-11-01T00:00:00Z", "source_image": source,
    })
}

fn scope(account: &str, region: &str, images: Value) -> Value {
    json!({
        "scope": {"account": account, "region": region}, "images": images, "snapshots": [], "references": [], "coverage": [],
    })
}

fn inventory(scopes: Value) -> Inventory {
    let inventory: Inventory = serde_json::from_value(json!({
        "format_version": "1.0", "id": "inv-1", "created_at": "2026-11-21T09:00:00Z", "scopes": scopes,
    }))
    .unwrap();
    inventory.validate().unwrap();
    inventory
}

/// A golden image that is gone, its copy, two copies of that elsewhere, and one of another account.
fn family() -> Inventory {
    inventory(json!([
        scope(
            "111122223333",
            "eu-west-1",
            json!([
                image("ami-0000000000000000a", "base", Some("ami-00000000000000dad")),
                image("ami-0000000000000000b", HOSTILE, Some("ami-0000000000000000a")),
                image("ami-0000000000000000f", "a stranger", None),
            ])
        ),
        scope(
            "111122223333",
            "us-east-1",
            json!([image("ami-0000000000000000c", FORMULA, Some("ami-0000000000000000b"))])
        ),
        scope(
            "444455556666",
            "us-east-1",
            json!([image("ami-0000000000000000d", "theirs", Some("ami-0000000000000000a"))])
        ),
    ]))
}

fn render(inventory: &Inventory, id: &str, output: Output) -> String {
    let entry = ImageEntry::find(inventory, id).unwrap();
    let mut text = String::new();
    tree(&mut text, &TreeReport { inventory, entry, now: now() }, output).unwrap();
    assert_harmless(&text);
    text
}

#[test]
fn table() {
    insta::assert_snapshot!(render(&family(), "ami-0000000000000000a", output(Format::Table, 140)));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(render(&family(), "ami-0000000000000000a", output(Format::Markdown, 0)));
}

#[test]
fn json() {
    insta::assert_snapshot!(render(&family(), "ami-0000000000000000b", output(Format::Json, 0)));
}

#[test]
fn csv() {
    insta::assert_snapshot!(render(&family(), "ami-0000000000000000a", output(Format::Csv, 0)));
}

#[test]
fn the_tree_of_a_copy_has_its_ancestors_and_not_its_siblings() {
    let text = render(&family(), "ami-0000000000000000d", output(Format::Ndjson, 0));
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<_> =
        rows.iter().map(|row| (row["image_id"].as_str().unwrap(), row["generation"].as_i64().unwrap())).collect();
    assert_eq!(ids, [("ami-00000000000000dad", -2), ("ami-0000000000000000a", -1), ("ami-0000000000000000d", 0)]);
    assert_eq!(rows[0]["in_inventory"], false);
}

#[test]
fn images_that_are_copies_of_each_other_end_the_tree() {
    let circle = inventory(json!([scope(
        "111122223333",
        "eu-west-1",
        json!([
            image("ami-0000000000000000a", "a", Some("ami-0000000000000000c")),
            image("ami-0000000000000000b", "b", Some("ami-0000000000000000a")),
            image("ami-0000000000000000c", "c", Some("ami-0000000000000000b")),
            image("ami-0000000000000000e", "itself", Some("ami-0000000000000000e")),
        ])
    )]));
    assert_eq!(render(&circle, "ami-0000000000000000a", output(Format::Ndjson, 0)).lines().count(), 3);
    assert_eq!(render(&circle, "ami-0000000000000000e", output(Format::Ndjson, 0)).lines().count(), 1);
}

#[test]
fn a_line_of_descent_longer_than_aws_keeps_is_cut_and_not_followed_for_ever() {
    let id = |at: usize| format!("ami-{at:017x}");
    let images: Vec<Value> = (0..10_000).map(|at| image(&id(at), "x", at.checked_sub(1).map(id).as_deref())).collect();
    let line = inventory(json!([scope("111122223333", "eu-west-1", Value::from(images))]));
    assert_eq!(render(&line, &id(5_000), output(Format::Ndjson, 0)).lines().count(), 64 + 1 + 64);
}
