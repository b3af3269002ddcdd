//! How a check-up and an IAM policy look.

use amictl_cloud::ops::{RegionSetting, RetentionRule, RuleTag};
use amictl_cloud::{Need, Partition, Task};
use amictl_collect::doctor::{Checkup, Health, NeedHealth, Recovery, RegionSettings};
use amictl_model::{Scope, Source};
use amictl_report::{CommandLine, DoctorReport, Format, IamReport, Output, doctor, iam_policy};

use crate::common::{FORMULA, HOSTILE, assert_harmless, output};

fn health(source: Source, health: Health, detail: &str) -> NeedHealth {
    let is_ill = health.is_ill();
    NeedHealth {
        need: Need::Source(source),
        purpose: "what it is for",
        health,
        detail: detail.to_owned(),
        missing: if health == Health::Denied { vec!["ec2:DescribeFleets".to_owned()] } else { Vec::new() },
        without: "no image of the Region can be judged unused",
        blocks: is_ill && source != Source::Snapshots,
    }
}

fn rule(days: u64, tag: Option<&str>) -> RetentionRule {
    let tags = tag.iter().map(|key| RuleTag { key: (*key).to_owned(), value: Some(HOSTILE.to_owned()) }).collect();
    RetentionRule {
        id: "aaaaaaaaaa1".to_owned(),
        days,
        is_available: true,
        tags,
        exclude_tags: Vec::new(),
        lock_state: None,
    }
}

fn settings(snapshots: Vec<RetentionRule>) -> RegionSettings {
    RegionSettings {
        recovery: Recovery { images: Ok(vec![rule(30, None)]), snapshots: Ok(snapshots) },
        allowed_images: Ok(RegionSetting {
            state: "enabled".to_owned(),
            managed_by: Some("declarative-policy".to_owned()),
        }),
        public_access: Err(format!("GetImageBlockPublicAccessState: access denied: {HOSTILE}")),
        images_max: Ok(Some(50_000.0)),
    }
}

fn checkups(is_well: bool) -> Vec<Checkup> {
    let scope = |region: &str| Scope { account: "111122223333".parse().unwrap(), region: region.parse().unwrap() };
    let ill = if is_well { Health::Works } else { Health::Denied };
    vec![
        Checkup {
            scope: scope("eu-west-1"),
            needs: vec![
                health(Source::Images, Health::Works, ""),
                health(Source::Ec2Fleets, ill, if is_well { "" } else { HOSTILE }),
                health(Source::LaunchPermissions, Health::InPart, "DescribeImageAttribute not tried"),
            ],
            settings: settings(vec![rule(7, None)]),
        },
        Checkup {
            scope: scope("us-east-1"),
            needs: vec![health(Source::Images, Health::Works, ""), health(Source::Ec2Fleets, Health::Works, "")],
            settings: settings(vec![rule(7, Some(FORMULA))]),
        },
    ]
}

fn render(is_well: bool, output: Output) -> String {
    let checkups = checkups(is_well);
    let elsewhere = Scope { account: "444455556666".parse().unwrap(), region: "eu-west-1".parse().unwrap() };
    let unreachable = [(elsewhere, format!("arn:aws:iam::444455556666:role/audit: access denied: {HOSTILE}"))];
    let report = DoctorReport {
        account: "111122223333".parse().unwrap(),
        caller: &format!("arn:aws:sts::111122223333:assumed-role/x/{HOSTILE}"),
        regions: Some((17, 34)),
        checkups: &checkups,
        unreachable: if is_well { &[] } else { &unreachable },
        policy_command: CommandLine::new(["amictl", "iam-policy", "--for", "scan"]),
    };
    let mut text = String::new();
    doctor(&mut text, &report, output).unwrap();
    assert_harmless(&text);
    text
}

#[test]
fn what_is_denied_stands_first_with_what_it_blocks() {
    insta::assert_snapshot!(render(false, output(Format::Table, 120)));
}

#[test]
fn where_all_is_well_the_last_line_says_so() {
    let text = render(true, output(Format::Table, 120));
    assert_eq!(text.trim_end().lines().last(), Some("Nothing: everything that reading needs works."));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(render(false, output(Format::Markdown, 0)));
}

#[test]
fn json() {
    insta::assert_snapshot!(render(false, output(Format::Json, 0)));
}

#[test]
fn csv() {
    insta::assert_snapshot!(render(false, output(Format::Csv, 0)));
}

#[test]
fn every_line_of_ndjson_is_json() {
    for line in render(false, output(Format::Ndjson, 0)).lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(row["kind"] == "need" || row["kind"] == "settings");
    }
}

fn policy(tasks: &[Task], partition: Partition, output: Output) -> String {
    let mut text = String::new();
    iam_policy(&mut text, &IamReport::of(tasks, partition), output).unwrap();
    text
}

#[test]
fn a_policy_is_json_that_iam_takes() {
    let text = policy(&[Task::Scan, Task::Plan, Task::Apply, Task::Undo], Partition::Aws, output(Format::Json, 0));
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["Version"], "2012-10-17");
    for statement in document["Statement"].as_array().unwrap() {
        let members: Vec<&String> = statement.as_object().unwrap().keys().collect();
        let known = ["Action", "Condition", "Effect", "Resource", "Sid"];
        assert!(members.iter().all(|member| known.contains(&member.as_str())), "{members:?}");
        assert_eq!(statement["Effect"], "Allow");
        let resource = statement["Resource"].as_str().unwrap();
        assert!(resource == "*" || resource.starts_with("arn:aws:"), "{resource}");
        for action in statement["Action"].as_array().unwrap() {
            let (service, name) = action.as_str().unwrap().split_once(':').unwrap();
            assert!(
                service.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
                    && !name.contains('*'),
                "{action}"
            );
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn partitions_are_named_in_every_arn() {
    insta::assert_snapshot!(policy(&[Task::Undo], Partition::GovCloud, output(Format::Json, 0)));
}

#[test]
fn a_table_says_what_each_action_is_for() {
    insta::assert_snapshot!(policy(&[Task::Apply], Partition::Aws, output(Format::Table, 120)));
}

#[test]
fn a_policy_that_is_too_large_is_told() {
    let all = [Task::Scan, Task::Plan, Task::Apply, Task::Undo, Task::Doctor, Task::Accounts];
    let mut report = IamReport::of(&all, Partition::Aws);
    assert_eq!(report.size_warning(), None, "all that this version can do fits");
    let many = (0..300).map(|number| format!("ec2:SomeActionOfNumber{number}"));
    report.policy.statements[0].actions.extend(many);
    assert!(report.size_warning().unwrap().contains("6,144"));
}
