//! A small world with hostile names in it, for the tests of every output.

#![expect(clippy::needless_pass_by_value, reason = "`json!` values read best where they are made")]

use amictl_apply::RunSummary;
use amictl_model::{Inventory, Moment, Source};
use amictl_plan::Plan;
use amictl_policy::{Decision, Reason, ReasonCode, Stage, Verdict};
use amictl_report::escape::is_deceptive;
use amictl_report::{Format, Output, Style};
use serde_json::{Value, json};

pub(crate) const HOSTILE: &str = "\u{1b}[2J=cmd|'/C calc'!A1 <img src=x onerror=alert(1)>\n`rm -rf`\u{202e}gpj";
pub(crate) const FORMULA: &str = "=HYPERLINK(\"https://evil.example\",\"@everyone\")";

pub(crate) fn output(format: Format, width: usize) -> Output {
    Output { format, style: Style { width, color: false } }
}

pub(crate) fn now() -> Moment {
    "2026-11-21T09:30:00Z".parse().unwrap()
}

fn image(id: &str, name: &str, created: Value, state: &str, snapshot: &str) -> Value {
    json!({
        "id": id, "name": name, "owner": "111122223333", "state": state, "root_device_type": "ebs",
        "created_at": created, "architecture": "x86_64",
        "block_devices": [
            {"device_name": "/dev/xvda", "snapshot": snapshot, "size_gib": 8},
            {"device_name": "/dev/sdb", "size_gib": 100},
        ],
    })
}

fn coverage(source: &str, status: &str, detail: &str) -> Value {
    json!({"source": source, "status": status, "detail": detail, "items": 3, "calls": 1, "read_at": "2026-11-21T09:00:00Z"})
}

/// Every source read whole but for these, which were never read.
fn complete_but(unread: &[&str]) -> Vec<Value> {
    let read = Source::ALL.iter().filter(|source| !source.is_read_on_demand()).map(|source| source.as_str());
    let read = read.filter(|source| !unread.contains(source));
    read.map(|source| coverage(source, "complete", "")).collect()
}

pub(crate) fn inventory() -> Inventory {
    let mut used = image(
        "ami-0aaaaaaaaaaaaaaa1",
        "web-2026.11.01",
        json!("2026-11-01T00:00:00Z"),
        "available",
        "snap-0aaaaaaaaaaaaaaa1",
    );
    used["last_launched_at"] = json!("2026-11-20T00:00:00Z");
    used["launch_permissions"] = json!({"read": [{"account": "444455556666"}, {"group": "all"}]});
    used["public"] = json!(true);
    used["description"] = json!(HOSTILE);
    used["tags"] = json!({"env": "prod", FORMULA: HOSTILE});
    let mut deprecated = image(
        "ami-0aaaaaaaaaaaaaaa2",
        "web-2025.01.13",
        json!("2025-01-13T00:00:00Z"),
        "available",
        "snap-0aaaaaaaaaaaaaaa2",
    );
    deprecated["deprecation_at"] = json!("2026-01-01T00:00:00Z");
    let disabled = image("ami-0aaaaaaaaaaaaaaa3", HOSTILE, Value::Null, "disabled", "snap-0aaaaaaaaaaaaaaa2");
    let blocked =
        image("ami-0bbbbbbbbbbbbbbb1", FORMULA, json!("2024-02-29T00:00:00Z"), "available", "snap-0bbbbbbbbbbbbbbb1");
    let mut not_whole = complete_but(&["instances", "auto_scaling_groups"]);
    not_whole.push(coverage(
        "instances",
        "denied",
        "UnauthorizedOperation: You are not authorized \u{1b}[31mto do this\u{1b}[0m",
    ));
    serde_json::from_value(json!({
        "format_version": "1.0", "id": "inv-1", "created_at": "2026-11-21T09:00:00Z",
        "scopes": [
            {
                "scope": {"account": "111122223333", "region": "eu-west-1"},
                "images": [used, deprecated, disabled],
                "snapshots": [{
                    "id": "snap-0aaaaaaaaaaaaaaa1", "owner": "111122223333", "state": "completed", "size_gib": 8,
                    "full_size_bytes": 3_221_225_472_u64, "started_at": "2026-11-01T00:00:00Z",
                }],
                "references": [
                    {"image": "ami-0aaaaaaaaaaaaaaa1", "source": "instances", "resource": "i-0123456789abcdef0", "usage": {"instance": {"state": "stopped"}}},
                    {"image": "ami-0aaaaaaaaaaaaaaa1", "source": "launch_templates", "resource": "lt-0123456789abcdef0:3",
                     "usage": {"launch_template_version": {"version": 3, "age_rank": 2, "default": true, "alias": false}}},
                    {"image": "ami-0aaaaaaaaaaaaaaa1", "source": "auto_scaling_groups", "resource": HOSTILE, "usage": {"auto_scaling_group": {"via": "mixed instances override"}}},
                ],
                "coverage": complete_but(&[]),
            },
            {
                "scope": {"account": "111122223333", "region": "us-east-1"},
                "images": [blocked], "snapshots": [], "references": [],
                "coverage": not_whole,
            },
        ],
    }))
    .unwrap()
}

fn verdict(image: &str, region: &str, name: &str, decision: &str, stage: Value, reasons: Value) -> Value {
    json!({
        "image_id": image, "account": "111122223333", "region": region, "name": name, "family": "web",
        "decision": decision, "stage": stage, "reasons": reasons,
    })
}

pub(crate) fn step(id: &str, image: &str, snapshots: Value) -> Value {
    json!({
        "id": id, "action": "deregister", "account": "111122223333", "region": "eu-west-1", "target": image, "after": [],
        "expects": {
            "state": "available", "public": false, "tags": {}, "launch_permissions": {"read": []}, "block_devices": [],
            "protection": "disabled", "deprecation_at": null, "last_launched_at": null,
        },
        "undo": "none", "snapshots": snapshots, "monthly_usd_upper_bound": 1.231,
    })
}

fn plan_json() -> Value {
    let in_plan = |region: &str, source: &str, status: &str, detail: &str| {
        json!({
            "account": "111122223333", "region": region, "source": source, "status": status, "detail": detail,
            "items": 3, "calls": 1, "read_at": "2026-11-21T09:00:00Z",
        })
    };
    json!({
        "format_version": "1.0", "plan_id": "plan-1", "digest": "sha256:00", "created_at": "2026-11-21T09:31:00Z",
        "now": "2026-11-21T09:30:00Z", "policy_digest": "sha256:11", "inventory_id": "inv-1", "complete": false,
        "limits": {"max_actions": 100, "max_percent": 20.0, "min_images": 1},
        "references": {"launch_template_versions": "all", "not_used": []},
        "coverage": [
            in_plan("eu-west-1", "instances", "complete", ""),
            in_plan("us-east-1", "instances", "denied", "UnauthorizedOperation: You are not authorized \u{1b}[31mto do this"),
        ],
        "verdicts": [
            verdict("ami-0aaaaaaaaaaaaaaa1", "eu-west-1", "web-2026.11.01", "keep", Value::Null, json!([
                {"code": "in_use", "message": "used by a stopped instance", "source": "instances", "resource": "i-0123456789abcdef0"},
                {"code": "newest", "message": "number 1 of the 5 newest"},
                {"code": "young", "message": "20 days old, kept for 30"},
            ])),
            verdict("ami-0aaaaaaaaaaaaaaa2", "eu-west-1", "web-2025.01.13", "retire", json!("deregister"), json!([
                {"code": "unused", "message": "nothing uses it, and it is 677 days old"},
            ])),
            verdict("ami-0aaaaaaaaaaaaaaa3", "eu-west-1", HOSTILE, "keep", Value::Null, json!([
                {"code": "no_date", "message": "it has no creation date"},
            ])),
            verdict("ami-0bbbbbbbbbbbbbbb1", "us-east-1", FORMULA, "blocked", Value::Null, json!([
                {"code": "unreadable", "message": "instances could not be read", "source": "instances", "resource": HOSTILE},
            ])),
        ],
        "steps": [step("s1", "ami-0aaaaaaaaaaaaaaa2", json!([
            {"id": "snap-0aaaaaaaaaaaaaaa2", "delete": false, "kept_because": "ami-0aaaaaaaaaaaaaaa3 uses it too"},
            {"id": "snap-0aaaaaaaaaaaaaaa9", "delete": true, "full_size_bytes": 24_696_061_952_u64},
        ]))],
    })
}

pub(crate) fn plan() -> Plan {
    serde_json::from_value(plan_json()).unwrap()
}

/// The plan with so many more kept images.
pub(crate) fn large_plan(images: usize) -> Plan {
    let mut plan = plan_json();
    for at in 0..images {
        let reasons = match at % 3 {
            0 => json!([{"code": "newest", "message": format!("number {at} of the newest")}]),
            1 => json!([{"code": "protected", "message": format!("tag {FORMULA} protects it")}]),
            _ => json!([{"code": "in_use", "message": format!("used by i-{at:017x}")}]),
        };
        let kept = verdict(&format!("ami-{at:017x}"), "eu-west-1", &format!("app-{at}"), "keep", Value::Null, reasons);
        plan["verdicts"].as_array_mut().unwrap().push(kept);
    }
    serde_json::from_value(plan).unwrap()
}

pub(crate) fn verdicts() -> Vec<Verdict> {
    let reason = |code, message: &str| Reason { code, message: message.into(), source: None, resource: None };
    let verdict = |scope, image, decision, reasons: Vec<Reason>| Verdict {
        scope,
        image,
        family: Some("web".into()),
        decision,
        ladder: amictl_policy::Ladder::None,
        reasons: reasons.into_iter().collect(),
    };
    let mut in_use = reason(ReasonCode::InUse, "used by an Auto Scaling group");
    in_use.source = Some(amictl_model::Source::AutoScalingGroups);
    in_use.resource = Some(HOSTILE.into());
    vec![
        verdict(0, 0, Decision::Keep, vec![in_use, reason(ReasonCode::Newest, "number 1 of the 5 newest")]),
        verdict(0, 1, Decision::Retire(Stage::Deregister), vec![reason(ReasonCode::Unused, "nothing uses it")]),
        verdict(0, 2, Decision::Keep, vec![reason(ReasonCode::NoDate, "it has no creation date")]),
        verdict(1, 0, Decision::Blocked, vec![reason(ReasonCode::Unreadable, "instances could not be read")]),
    ]
}

pub(crate) fn run() -> RunSummary {
    let step = |at: u32, action: &str, name: &str, progress: Value| {
        json!({
            "id": format!("s{at}"), "action": action, "target": format!("ami-{at:017x}"), "name": name,
            "region": "eu-west-1", "progress": progress,
        })
    };
    let over = |result: Value| json!({"over": result});
    serde_json::from_value(json!({
        "run": {
            "run_id": "run-1", "plan_id": "plan-1", "plan_digest": "sha256:00", "account": "111122223333",
            "regions": ["eu-west-1"], "steps": 7, "settle_seconds": 60,
        },
        "started_at": "2026-11-21T09:35:00Z", "last_at": "2026-11-21T09:37:12Z", "status": "interrupted",
        "steps": [
            step(1, "deregister", "web-1", over(json!({"done": {"snapshots": [{"id": "snap-01", "fate": "deleted"}, {"id": "snap-02", "fate": "already_gone"}]}}))),
            step(2, "deregister", "web-2", over(json!({"done": {"snapshots": [
                {"id": "snap-03", "fate": {"kept": "ami-07 uses it too"}}, {"id": "snap-04", "fate": {"failed": HOSTILE}}]}}))),
            step(3, "deregister", HOSTILE, over(json!({"skipped": {"why": "changed since the plan: tags"}}))),
            step(4, "deregister", FORMULA, over(json!({"returned": {"why": "i-0123456789abcdef0 was launched from it"}}))),
            step(5, "deregister", "web-5", over(json!({"failed": {"why": "UnauthorizedOperation", "left": "disabled"}}))),
            step(6, "deregister", "web-6", json!("fenced")),
            step(7, "disable", "web-7", json!("pending")),
        ],
    }))
    .unwrap()
}

/// Nothing of what others chose may act on the terminal that shows it.
pub(crate) fn assert_harmless(text: &str) {
    for line in text.lines() {
        assert!(!line.contains(is_deceptive), "{line:?}");
    }
}
