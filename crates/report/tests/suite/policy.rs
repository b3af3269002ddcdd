//! How the reports of the `policy` commands look.

use amictl_model::Inventory;
use amictl_policy::{Policy, TestOutcome, convert, diff, forecast};
use amictl_report::{
    ForecastReport, Format, Output, PolicyDiffReport, policy_conversion, policy_diff, policy_forecast, policy_tests,
};
use serde_json::{Value, json};

use crate::common::{FORMULA, HOSTILE, assert_harmless, now, output};

fn policy(rest: &str) -> Policy {
    let text = format!(
        "version: 1\nlimits: {{max_actions: 1}}\nfamilies:\n  - {{name: all, match: {{name: \"*\"}}, {rest}}}\n"
    );
    Policy::parse(&text, "test").unwrap()
}

/// Three old images, one with a hostile name, in a scope that was read whole.
fn inventory() -> Inventory {
    let coverage: Vec<Value> = amictl_model::Source::ALL
        .iter()
        .filter(|source| !source.is_read_on_demand())
        .map(|source| {
            json!({"source": source, "status": "complete", "detail": "", "items": 1, "calls": 1, "read_at": "2026-11-21T09:00:00Z"})
        })
        .collect();
    let image = |id: &str, name: &str, permissions: Value| {
        json!({
            "id": id, "name": name, "owner": "111122223333", "state": "available", "root_device_type": "ebs",
            "created_at": "2026-01-01T00:00:00Z", "launch_permissions": permissions,
        })
    };
    let inventory: Inventory = serde_json::from_value(json!({
        "format_version": "1.0", "id": "inv-1", "created_at": "2026-11-21T09:00:00Z",
        "scopes": [{
            "scope": {"account": "111122223333", "region": "eu-west-1"}, "snapshots": [], "references": [], "coverage": coverage,
            "images": [
                image("ami-0aaaaaaaaaaaaaaa1", "web-1", json!({"read": []})),
                image("ami-0aaaaaaaaaaaaaaa2", HOSTILE, json!({"read": []})),
                image("ami-0aaaaaaaaaaaaaaa3", FORMULA, json!("unread")),
            ],
        }],
    }))
    .unwrap();
    inventory.validate().unwrap();
    inventory
}

/// What is written in every format, each under its name.
fn every_format(write: impl Fn(&mut String, Output)) -> String {
    let mut all = String::new();
    for format in Format::ALL {
        let mut text = String::new();
        write(&mut text, output(format, 140));
        assert_harmless(&text);
        if format == Format::Json {
            let _: Value = serde_json::from_str(&text).unwrap();
        }
        all.push_str(&format!("--- {format}\n{text}\n"));
    }
    all
}

#[test]
fn outcomes_of_tests() {
    let outcome = |image: &str, passed| TestOutcome {
        test: "the old go".into(),
        image: image.into(),
        expected: "retire in web".into(),
        got: format!("keep in web: in_use (used by a running instance: {HOSTILE})"),
        passed,
        place: "tests.yaml:7".into(),
    };
    let outcomes = [outcome("web-1", true), outcome(HOSTILE, false)];
    insta::assert_snapshot!(every_format(|out, output| policy_tests(out, &outcomes, output).unwrap()));
    let mut text = String::new();
    policy_tests(&mut text, &outcomes[..1], output(Format::Table, 140)).unwrap();
    assert!(text.contains("1 expectation met."), "{text}");
}

#[test]
fn verdicts_that_change() {
    let inventory = inventory();
    let (old, new) = (policy("keep: {newest: 9}, retire: [disable]"), policy("keep: {newest: 0}, retire: [disable]"));
    let changes = diff(&old, &new, &inventory, now());
    let report = PolicyDiffReport { inventory: &inventory, now: now(), changes: &changes };
    insta::assert_snapshot!(every_format(|out, output| policy_diff(out, &report, output).unwrap()));
}

#[test]
fn what_the_days_to_come_bring() {
    let inventory = inventory();
    let staged = policy("keep: {newest: 0}, retire: [deprecate, {disable: {after: 7d}}]");
    let forecast = forecast(&staged, &inventory, now(), 10);
    let report = ForecastReport { inventory: &inventory, forecast: &forecast };
    insta::assert_snapshot!(every_format(|out, output| policy_forecast(out, &report, output).unwrap()));
}

#[test]
fn a_conversion_with_what_was_left_out() {
    let text = json!({"policies": [
        {"name": "old", "resource": "ami", "filters": [{"tag:\u{1b}[31mx": HOSTILE}], "actions": ["deregister", "notify"]},
        {"name": HOSTILE, "resource": "ec2"},
    ]});
    let conversion = convert(&text.to_string(), "custodian.json", None).unwrap();
    insta::assert_snapshot!(every_format(|out, output| policy_conversion(out, &conversion, output).unwrap()));
    // What is shown is the policy, also where a terminal would have been deceived.
    let mut shown = String::new();
    policy_conversion(&mut shown, &conversion, output(Format::Table, 140)).unwrap();
    let (shown, made) = (Policy::parse(&shown, "shown").unwrap(), Policy::parse(&conversion.text, "made").unwrap());
    assert_eq!(shown.families[0].matcher, made.families[0].matcher);
}
