//! How the plan and the run of a command of the life cycle look.

use amictl_apply::{RunStatus, StepProgress, StepResult, StepSummary};
use amictl_model::{Grantee, Image, Region};
use amictl_plan::{Change, CommandInput, CommandStep, Copying, Plan, Sharing, Then, build_command};
use amictl_report::{CommandLine, Format, Output, PlanReport, RunReport, plan, run};

use crate::common::{self, assert_harmless, output};

/// A name as somebody may choose it who means harm.
const HOSTILE: &str = "\u{1b}[2J=cmd|'/C calc'!A1 <img src=x onerror=alert(1)>";

fn region() -> Region {
    "eu-west-1".parse().unwrap()
}

fn image() -> Image {
    let json = serde_json::json!({
        "id": "ami-00000000000000001", "name": HOSTILE, "owner": "111122223333", "state": "available",
        "root_device_type": "ebs", "created_at": null, "deprecation_at": "2026-12-01T00:00:00Z",
    });
    serde_json::from_value(json).unwrap()
}

fn changes() -> Vec<Change> {
    let partner = Grantee::Account("444455556666".parse().unwrap());
    vec![
        Change::Deprecate { at: "2026-12-01T00:00:00Z".parse().unwrap(), or_earlier: false },
        Change::Share(Sharing { add: vec![partner.clone()], remove: Vec::new(), snapshots: true }),
        Change::Copy(Copying {
            of_step: None,
            from: "us-east-1".parse().unwrap(),
            name: HOSTILE.into(),
            description: None,
            encrypted: true,
            kms_key: Some("alias/images".into()),
            within_minutes: None,
            copy_tags: true,
            client_token: Box::default(),
            then: Then {
                tags: [("team", HOSTILE)].into_iter().collect(),
                wait_seconds: 60,
                share_with: vec![partner],
                deprecate_at: None,
                protect: true,
            },
        }),
    ]
}

fn of_command() -> Plan {
    let image = image();
    let steps = changes().into_iter().map(|change| CommandStep {
        account: image.owner,
        region: region(),
        image: &image,
        change,
    });
    let created_at = "2026-11-22T09:00:00Z".parse().unwrap();
    build_command(CommandInput { steps: steps.collect(), created_at, plan_id: "plan-1".to_owned() })
}

fn render_plan(output: Output) -> String {
    let of = of_command();
    let next = Some(CommandLine::new(["amictl", "apply", "plan.json"]));
    let report = PlanReport { plan: &of, inventory: None, all: true, caps_exceeded: &[], next };
    let mut text = String::new();
    plan(&mut text, &report, output).unwrap();
    assert_harmless(&text);
    text
}

fn render_run(output: Output) -> String {
    let of = of_command();
    let mut summary = common::run();
    summary.status = Some(RunStatus::TimedOut);
    let done = || StepProgress::Over(StepResult::Done { snapshots: Vec::new() });
    let failed = StepResult::Failed { why: "ModifyImageAttribute: denied".to_owned(), left: "unchanged".to_owned() };
    let progress = [(done(), false), (StepProgress::Over(failed), false), (done(), true)];
    summary.steps = of
        .steps
        .iter()
        .zip(progress)
        .map(|(step, (progress, is_changed))| StepSummary {
            id: step.id.to_string(),
            action: step.action,
            target: step.target.clone(),
            name: HOSTILE.to_owned(),
            region: step.region.clone(),
            progress,
            change: step.change.clone(),
            made: is_changed.then(|| "ami-00000000000000009".parse().unwrap()),
            is_made: is_changed,
            is_changed,
        })
        .collect();
    let report = RunReport::new(&summary, |words| CommandLine::new(["amictl"].iter().chain(words).copied()));
    let mut text = String::new();
    run(&mut text, &report, output).unwrap();
    assert_harmless(&text);
    text
}

#[test]
fn plan_table() {
    insta::assert_snapshot!(render_plan(output(Format::Table, 140)));
}

#[test]
fn plan_csv() {
    insta::assert_snapshot!(render_plan(output(Format::Csv, 0)));
}

#[test]
fn run_table() {
    insta::assert_snapshot!(render_run(output(Format::Table, 140)));
}

#[test]
fn run_json_says_what_was_made_and_what_changed() {
    let json: serde_json::Value = serde_json::from_str(&render_run(output(Format::Json, 0))).unwrap();
    let steps = json["steps"].as_array().unwrap();
    assert_eq!(json["status"], "timed_out");
    assert_eq!((&steps[0]["changed"], steps[0].get("made")), (&false.into(), None));
    assert_eq!((&steps[2]["changed"], &steps[2]["made"]), (&true.into(), &"ami-00000000000000009".into()));
    assert_eq!(steps[2]["change"]["copy"]["kms_key"], "alias/images");
}
