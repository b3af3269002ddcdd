//! Whatever stands in a plan file, it is read or refused: the plain twin of the fuzz target `plan` in `fuzz/`.

use std::sync::Arc;

use amictl_model::Moment;
use amictl_plan::{Plan, PlanInput, build, fuzzing};
use amictl_policy::{Policy, judge};
use amictl_testkit::{NOW, Random, image, in_scope, instance, inventory_of, mutated};
use proptest::prelude::*;

/// Files with slips.
const SLIPPED: u64 = 3000;

/// A plan with a step of each kind that a run of stages has, as a file.
fn file() -> Vec<u8> {
    let stages = "{deprecate: {after: 1d}}, {disable: {after: 2d}}, {deregister: {after: 3d, require_recycle_bin: 7d}}";
    let text = format!(
        "version: 1\nprotect: [{{tag: {{keep: \"*\"}}}}]\nfamilies:\n  - {{name: web, match: {{name: \"web-*\"}}, keep: {{newest: 0}}, retire: [{stages}]}}\n  - {{name: rest, match: {{name: \"*\"}}, keep: {{newest: 0}}, retire: [deregister]}}\n"
    );
    let policy = Policy::parse(&text, "policy.yaml").unwrap();
    let mut images =
        [image("ami-01", "web-1", 400), image("ami-02", "db-1 \u{1b}[2J", 300), image("ami-03", "db-2", 200)];
    let shared = Arc::clone(&images[1].block_devices);
    images[2].block_devices = shared;
    let inventory = inventory_of([in_scope(images, [instance("ami-03", "i-1")])]);
    let now = Moment::from_secs(NOW);
    let plan = build(PlanInput {
        planned_by: None,
        policy: &policy,
        policy_digest: policy.digest(),
        inventory: &inventory,
        verdicts: judge(&policy, &inventory, now),
        created_at: now,
        now,
        plan_id: "plan-1".to_owned(),
    });
    assert_eq!(plan.steps.len(), 2);
    let mut bytes = Vec::new();
    plan.write_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn plans_with_slips() {
    let file = file();
    assert!(Plan::read(&file).is_ok(), "slips are made in what is right");
    for seed in 0..SLIPPED {
        fuzzing::plan(&mutated(&file, &mut Random::new(seed)));
    }
}

#[test]
fn plans_that_are_deep_or_full_of_large_numbers() {
    let file = String::from_utf8(file()).unwrap();
    let with = |field: String| file.replacen('{', &format!("{{\"more\": {field},"), 1);
    for text in [
        with("[".repeat(1 << 20)),
        with(format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))),
        with(format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000))),
        with("9".repeat(1 << 20)),
        with("1e400".to_owned()),
        with("-1e-400".to_owned()),
        with(format!("{{{}}}", (0..70_000).map(|name| format!("\"{name}\": 0")).collect::<Vec<_>>().join(","))),
    ] {
        fuzzing::plan(text.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn noise(noise in prop::collection::vec(any::<u8>(), 0..200), json in "[{}\\[\\]:,\"0-9a-f.e+-]{0,80}") {
        fuzzing::plan(&noise);
        fuzzing::plan(json.as_bytes());
        fuzzing::plan(format!("{{\"format_version\": \"1.0\", \"digest\": \"x\", \"steps\": {json}}}").as_bytes());
    }
}
