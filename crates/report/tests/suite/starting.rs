//! How rollouts and launches look, and lists of images that were found and of versions.

use amictl_apply::{Produced, RunStatus, StepProgress, StepResult, StepSummary};
use amictl_model::{Image, Scope};
use amictl_plan::{
    Change, CommandInput, CommandStep, GroupVersion, Launching, LaunchingTemplate, Plan, RefreshSettings, Rollout,
    RolloutGroup, RolloutVersion, build_command,
};
use amictl_policy::VersionedFamily;
use amictl_report::{
    CommandLine, Format, FoundImage, Output, PlanReport, RunReport, VersionList, VersionNext, found, plan, run,
    version_next, versions,
};

use crate::common::{self, assert_harmless, output};

/// A name as somebody may choose it who means harm.
const HOSTILE: &str = "\u{1b}[2J=cmd|'/C calc'!A1 <img src=x onerror=alert(1)>";

fn image(number: u32, name: &str, architecture: &str) -> Image {
    let json = serde_json::json!({
        "id": format!("ami-{number:017x}"), "name": name, "owner": "111122223333", "state": "available",
        "root_device_type": "ebs", "created_at": "2026-11-21T09:00:00Z", "architecture": architecture,
        "tags": {"release": name},
    });
    serde_json::from_value(json).unwrap()
}

fn scope(region: &str) -> Scope {
    Scope { account: "111122223333".parse().unwrap(), region: region.parse().unwrap() }
}

fn changes() -> Vec<Change> {
    let group = |name: &str, uses| RolloutGroup { name: name.into(), uses, is_reversible: false };
    let rollout = Rollout {
        template: "lt-0123456789abcdef0".into(),
        template_name: HOSTILE.into(),
        image: "ami-00000000000000001".into(),
        version: RolloutVersion::New { like: 3, like_image: None, client_token: Box::default() },
        default_before: Some(3),
        groups: vec![group("web-a", GroupVersion::Default), group(HOSTILE, GroupVersion::Pinned(3))],
        settings: RefreshSettings::default(),
        wait_seconds: 7_200,
        roll_back: true,
    };
    let there = Rollout {
        version: RolloutVersion::There(3),
        default_before: None,
        groups: Vec::new(),
        template_name: "web".into(),
        ..rollout.clone()
    };
    let template = LaunchingTemplate { id: "lt-0123456789abcdef0".into(), name: HOSTILE.into(), version: 4 };
    let launching = Launching {
        count: 12,
        template: Some(template),
        instance_type: Some("t3.small".into()),
        tags: [("team", HOSTILE)].into_iter().collect(),
        ..Launching::default()
    };
    vec![Change::Rollout(Box::new(rollout)), Change::Rollout(Box::new(there)), Change::Launch(Box::new(launching))]
}

fn of_command() -> Plan {
    let image = image(1, HOSTILE, "x86_64");
    let region = scope("eu-west-1").region;
    let step = |change| CommandStep { account: image.owner, region: region.clone(), image: &image, change };
    let steps = changes().into_iter().map(step).collect();
    let created_at = "2026-11-22T09:00:00Z".parse().unwrap();
    build_command(CommandInput { steps, created_at, plan_id: "plan-1".to_owned() })
}

fn harmless(write: impl FnOnce(&mut String)) -> String {
    let mut text = String::new();
    write(&mut text);
    assert_harmless(&text);
    text
}

fn render_run(output: Output) -> String {
    let of = of_command();
    let mut summary = common::run();
    summary.status = Some(RunStatus::Finished);
    let failed =
        StepResult::Failed { why: "the refresh of group web-a is Failed".to_owned(), left: "as it was".to_owned() };
    let refreshes = || [("web-a".into(), "r-1".into())].into();
    let produced = [
        Produced { version: Some(4), refreshes: refreshes(), ..Produced::default() },
        Produced { version: Some(5), refreshes: refreshes(), turned_back: Some("web-a".into()), ..Produced::default() },
        Produced {
            instances: (0..12).map(|number| format!("i-{number:017x}").into()).collect(),
            ..Produced::default()
        },
    ];
    let done = StepResult::Done { snapshots: Vec::new() };
    let results = [done.clone(), failed, done];
    let step = |((step, produced), result): ((&amictl_plan::Step, Produced), StepResult)| StepSummary {
        id: step.id.to_string(),
        action: step.action,
        target: step.target.clone(),
        name: HOSTILE.to_owned(),
        region: step.region.clone(),
        progress: StepProgress::Over(result),
        change: step.change.clone(),
        made: None,
        is_made: false,
        is_changed: true,
        produced,
    };
    summary.steps = of.steps.iter().zip(produced).zip(results).map(step).collect();
    let report = RunReport::new(&summary, |words| CommandLine::new(["amictl"].iter().chain(words).copied()));
    harmless(|text| run(text, &report, output).unwrap())
}

#[test]
fn plan_table() {
    let of = of_command();
    let report = PlanReport { plan: &of, inventory: None, all: true, caps_exceeded: &[], next: None };
    insta::assert_snapshot!(harmless(|text| plan(text, &report, output(Format::Table, 140)).unwrap()));
}

#[test]
fn run_table() {
    insta::assert_snapshot!(render_run(output(Format::Table, 140)));
}

#[test]
fn run_json_says_what_was_produced() {
    let json: serde_json::Value = serde_json::from_str(&render_run(output(Format::Json, 0))).unwrap();
    let steps = json["steps"].as_array().unwrap();
    assert_eq!(
        (&steps[0]["produced"]["version"], &steps[0]["produced"]["refreshes"]["web-a"]),
        (&4.into(), &"r-1".into())
    );
    assert_eq!(steps[1]["produced"]["turned_back"], "web-a");
    assert_eq!(steps[2]["produced"]["instances"].as_array().unwrap().len(), 12);
}

#[test]
fn found_images() {
    let (here, there) = (scope("us-east-1"), scope("eu-west-1"));
    let images = [image(1, HOSTILE, "x86_64"), image(2, "base", "arm64")];
    let rows = [
        FoundImage { query: HOSTILE, scope: &here, image: &images[0] },
        FoundImage { query: "find:self/base", scope: &there, image: &images[1] },
    ];
    for (format, name) in [(Format::Table, "found_table"), (Format::Csv, "found_csv"), (Format::Json, "found_json")] {
        insta::assert_snapshot!(name, harmless(|text| found(text, &rows, output(format, 140)).unwrap()));
    }
    insta::assert_snapshot!("found_nothing", harmless(|text| found(text, &[], output(Format::Table, 80)).unwrap()));
}

#[test]
fn listed_versions() {
    let scopes = [scope("us-east-1"), scope("eu-west-1")];
    let named = ["web-1.9.0", "web-1.10.0", "web-1.9.0"].map(|name| image(1, name, "x86_64"));
    let images: Vec<(Scope, Image)> = [0, 0, 1].map(|at| scopes[at].clone()).into_iter().zip(named).collect();
    let family = VersionedFamily::of_pattern("web").unwrap();
    let list = VersionList::of(&family, &scopes, &images);
    for (format, name) in [(Format::Table, "versions_table"), (Format::Csv, "versions_csv")] {
        insta::assert_snapshot!(name, harmless(|text| versions(text, &list, output(format, 120)).unwrap()));
    }
    // A tag may hold anything.
    let hostile: Image = Image { tags: [("release", HOSTILE)].into_iter().collect(), ..image(1, "web-1", "x86_64") };
    let hostile = [(scopes[0].clone(), hostile)];
    let list = VersionList::of(&family.versioned_by_tag("release"), &scopes, &hostile);
    insta::assert_snapshot!(
        "versions_hostile",
        harmless(|text| versions(text, &list, output(Format::Table, 120)).unwrap())
    );
    let next = VersionNext { version: "1.10.1", name: Some("web-1.10.1"), versions_there: 2 };
    insta::assert_snapshot!(
        "version_next",
        harmless(|text| version_next(text, &next, output(Format::Json, 0)).unwrap())
    );
}
