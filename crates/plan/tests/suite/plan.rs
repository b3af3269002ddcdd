//! Plans: steps, snapshots, caps, files.

use std::sync::Arc;

use amictl_model::{BlockDevice, Image, Inventory, Moment, SnapshotState, SnapshotUse, Source, StorageTier, Tags};
use amictl_plan::{
    Action, CapViolation, Plan, PlanDecision, PlanFileError, PlanInput, SnapshotDeletion, Undo, build, check_limits,
};
use amictl_policy::{Policy, ReasonCode, judge};
use amictl_testkit::{NOW, image, in_scope, instance, inventory_of};

fn policy(retire: &str) -> Policy {
    let text = format!(
        "version: 1\nprotect: [{{tag: {{keep: \"*\"}}}}]\nlimits: {{max_actions: 3, max_percent: 50}}\nfamilies:\n  - name: web\n    match: {{name: \"web-*\"}}\n    keep: {{newest: 0, younger_than: 30d}}\n    retire: [{retire}]\n"
    );
    Policy::parse(&text, "test").unwrap()
}

fn plan_of(policy: &Policy, inventory: &Inventory) -> Plan {
    let now = Moment::from_secs(NOW);
    build(PlanInput {
        policy,
        policy_digest: policy.digest(),
        inventory,
        verdicts: judge(policy, inventory, now),
        created_at: now,
        now,
        plan_id: "p1".into(),
        planned_by: None,
    })
}

fn plan(images: impl IntoIterator<Item = Image>) -> Plan {
    plan_of(&policy("deregister"), &inventory_of([in_scope(images, [])]))
}

fn device(snapshot: &str) -> BlockDevice {
    BlockDevice {
        device_name: "/dev/sdf".into(),
        snapshot: Some(snapshot.parse().unwrap()),
        size_gib: Some(8),
        encrypted: false,
    }
}

fn with_devices(mut image: Image, snapshots: &[&str]) -> Image {
    image.block_devices = snapshots.iter().map(|snapshot| device(snapshot)).collect();
    image
}

/// The snapshots of a step in one line each.
fn fate(plan: &Plan, step: usize) -> Vec<String> {
    let of = |snapshot: &amictl_plan::StepSnapshot| match &snapshot.kept_because {
        Some(why) => format!("{} stays: {why}", snapshot.id),
        None => format!("{} goes", snapshot.id),
    };
    plan.steps[step].snapshots.iter().map(of).collect()
}

fn written(plan: &Plan) -> String {
    let mut bytes = Vec::new();
    plan.write_to(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_plan_is_written_as_the_contract_says() {
    let plan = plan([image("ami-a", "web-1", 400), image("ami-b", "web-2", 3)]);
    insta::assert_snapshot!(written(&plan));
    assert_eq!(Plan::read(written(&plan).as_bytes()).unwrap(), plan);
}

/// Readers of JSON that are a digit off would find that the plan was edited.
#[test]
fn numbers_are_read_as_they_were_written() {
    for percent in ["14.285714285714286", "33.33333333333333", "0.1", "66.66666666666667", "99.99999999999999"] {
        let text = format!(
            "version: 1\nlimits: {{max_percent: {percent}}}\nfamilies: [{{name: web, match: {{name: \"*\"}}, keep: {{younger_than: 30d}}, retire: [disable]}}]\n"
        );
        let plan = plan_of(
            &Policy::parse(&text, "test").unwrap(),
            &inventory_of([in_scope([image("ami-a", "web-1", 400)], [])]),
        );
        assert_eq!(Plan::read(written(&plan).as_bytes()).as_ref(), Ok(&plan), "{percent}");
    }
}

#[test]
fn steps_come_in_order_and_say_how_they_are_taken_back() {
    let plan = plan([image("ami-a", "web-1", 100), image("ami-b", "web-2", 300), image("ami-c", "web-3", 200)]);
    let targets: Vec<&str> = plan.steps.iter().map(|step| step.target.as_str()).collect();
    assert_eq!(targets, ["ami-b", "ami-c", "ami-a"]);
    assert!(plan.steps.iter().all(|step| step.action == Action::Deregister && step.undo == Undo::None));
    let disable = plan_of(&policy("disable"), &inventory_of([in_scope([image("ami-a", "web-1", 100)], [])]));
    let step = &disable.steps[0];
    assert_eq!(
        (step.action, step.undo, step.snapshot_deletion),
        (Action::Disable, Undo::Enable, SnapshotDeletion::None)
    );
    assert!(step.snapshots.is_empty() && step.monthly_usd_upper_bound == 0.0);
}

#[test]
fn every_snapshot_of_every_device_goes_once() {
    let plan = plan([with_devices(image("ami-a", "web-1", 400), &["snap-1", "snap-2", "snap-1"])]);
    assert_eq!(fate(&plan, 0), ["snap-1 goes", "snap-2 goes"]);
    assert_eq!(plan.steps[0].snapshot_deletion, SnapshotDeletion::WithImage);
    assert_eq!(plan.steps[0].monthly_usd_upper_bound, 0.4);
    assert_eq!((plan.monthly_usd_upper_bound(), plan.snapshots_deleted()), (0.4, 2));
}

#[test]
fn a_snapshot_that_a_staying_image_uses_stays() {
    let plan = plan([
        with_devices(image("ami-a", "web-1", 400), &["snap-1", "snap-2"]),
        with_devices(image("ami-b", "db-1", 400), &["snap-2"]),
    ]);
    assert_eq!(fate(&plan, 0), ["snap-1 goes", "snap-2 stays: image ami-b uses it"]);
    assert_eq!(plan.steps[0].snapshot_deletion, SnapshotDeletion::WithImage);
}

#[test]
fn a_snapshot_that_a_launch_template_names_stays() {
    let mut scope = in_scope([with_devices(image("ami-a", "web-1", 400), &["snap-1", "snap-2"])], []);
    let resource = "lt-0123456789abcdef0:3".into();
    let used = SnapshotUse { snapshot: "snap-1".parse().unwrap(), source: Source::LaunchTemplates, resource };
    scope.snapshot_uses.push(used);
    let plan = plan_of(&policy("deregister"), &inventory_of([scope]));
    assert_eq!(fate(&plan, 0), ["snap-1 stays: lt-0123456789abcdef0:3 names it (launch_templates)", "snap-2 goes"]);
    assert_eq!(plan.steps[0].snapshot_deletion, SnapshotDeletion::OneByOne, "AWS would delete it with the image");
}

#[test]
fn a_snapshot_of_retired_images_goes_with_the_last_and_they_are_chained() {
    let plan = plan([
        with_devices(image("ami-a", "web-1", 400), &["snap-1"]),
        with_devices(image("ami-b", "web-2", 300), &["snap-1", "snap-2"]),
        with_devices(image("ami-c", "web-3", 200), &["snap-1"]),
    ]);
    assert_eq!(fate(&plan, 0), ["snap-1 stays: goes with step s3"]);
    assert_eq!(fate(&plan, 1), ["snap-1 stays: goes with step s3", "snap-2 goes"]);
    assert_eq!(fate(&plan, 2), ["snap-1 goes"]);
    let after: Vec<Vec<&str>> = plan.steps.iter().map(|step| step.after.iter().map(AsRef::as_ref).collect()).collect();
    assert_eq!(after, [vec![], vec!["s1"], vec!["s2"]]);
}

#[test]
fn a_snapshot_that_aws_would_not_spare_forbids_deleting_with_the_image() {
    type Change = fn(&mut amictl_model::Snapshot);
    let cases: [(&str, Change); 7] = [
        ("the policy protects tag keep=*", |snapshot| snapshot.tags = Tags::from_iter([("keep", "")])),
        ("its tag amictl:keep-until keeps it: 2026-11-21", |snapshot| {
            snapshot.tags = Tags::from_iter([("amictl:keep-until", "2026-11-21")]);
        }),
        ("managed by AWS Backup", |snapshot| snapshot.tags = Tags::from_iter([("aws:backup:source-resource", "x")])),
        ("managed by Data Lifecycle Manager", |snapshot| snapshot.tags = Tags::from_iter([("dlm:managed", "true")])),
        ("owned by account 222222222222", |snapshot| snapshot.owner = "222222222222".parse().unwrap()),
        ("archived, and no stage of its image did that", |snapshot| snapshot.tier = StorageTier::Archive),
        ("still being made", |snapshot| snapshot.state = SnapshotState::Pending),
    ];
    for (why, change) in cases {
        let mut inventory =
            inventory_of([in_scope([with_devices(image("ami-a", "web-1", 400), &["snap-1", "snap-2"])], [])]);
        change(&mut inventory.scopes[0].snapshots[1]);
        let plan = plan_of(&policy("deregister"), &inventory);
        assert_eq!(fate(&plan, 0), ["snap-1 goes".to_owned(), format!("snap-2 stays: {why}")]);
        assert_eq!(plan.steps[0].snapshot_deletion, SnapshotDeletion::OneByOne, "{why}");
    }
    let mut inventory = inventory_of([in_scope([image("ami-a", "web-1", 400)], [])]);
    inventory.scopes[0].snapshots[0].tags = Tags::from_iter([("amictl:keep-until", "2026-11-20")]);
    assert_eq!(fate(&plan_of(&policy("deregister"), &inventory), 0), ["snap-a goes"]);
    inventory.scopes[0].snapshots.clear();
    let plan = plan_of(&policy("deregister"), &inventory);
    assert_eq!(fate(&plan, 0), ["snap-a stays: not among the account's snapshots"]);
    assert_eq!(plan.steps[0].snapshot_deletion, SnapshotDeletion::None);
}

#[test]
fn a_policy_that_keeps_snapshots_keeps_them() {
    let policy = policy("{deregister: {snapshots: keep}}");
    let plan = plan_of(&policy, &inventory_of([in_scope([image("ami-a", "web-1", 400)], [])]));
    assert_eq!(fate(&plan, 0), ["snap-a stays: the policy keeps snapshots"]);
    assert_eq!((plan.steps[0].snapshot_deletion, plan.monthly_usd_upper_bound()), (SnapshotDeletion::None, 0.0));
}

#[test]
fn caps_are_counted_in_images() {
    let images = |retired: usize, kept: usize| {
        let old = (0..retired).map(|at| image(&format!("ami-a{at}"), "web-1", 400));
        old.chain((0..kept).map(|at| image(&format!("ami-b{at}"), "web-1", 1))).collect::<Vec<_>>()
    };
    assert_eq!(check_limits(&plan(images(3, 3))), Ok(()));
    assert_eq!(check_limits(&plan(images(4, 4))), Err(vec![CapViolation::MaxActions { retired: 4, max: 3 }]));
    assert_eq!(
        check_limits(&plan(images(2, 1))),
        Err(vec![CapViolation::MaxPercent { retired: 2, images: 3, max: 50.0 }])
    );
    assert_eq!(check_limits(&plan(images(0, 0))), Err(vec![CapViolation::MinImages { images: 0, min: 1 }]));
    assert_eq!(check_limits(&plan(images(9, 0))).unwrap_err().len(), 2);
}

#[test]
fn families_and_accounts_have_caps_of_their_own() {
    let text = "version: 1\nlimits: {max_actions: 100, max_percent: 100, per_family: {max_actions: 2, max_percent: 60}, per_account: {max_actions: 3}}\nfamilies:\n  - {name: web, match: {name: \"web-*\"}, keep: {younger_than: 30d}, retire: [deregister]}\n  - {name: db, match: {name: \"db-*\"}, keep: {younger_than: 30d}, retire: [deregister]}\n";
    let policy = Policy::parse(text, "test").unwrap();
    let scope = |account: &str, web: usize, db: usize| {
        let of = |name: &'static str, count: usize| {
            (0..4_usize).map(move |at| {
                image(&format!("ami-{name}{at}"), &format!("{name}-1"), if at < count { 400 } else { 1 })
            })
        };
        let mut scope = in_scope(
            of("web", web).chain(of("db", db)).map(|mut image| {
                image.owner = account.parse().unwrap();
                image
            }),
            [],
        );
        scope.scope.account = account.parse().unwrap();
        scope
    };
    let check = |scopes: Vec<amictl_model::ScopeInventory>| match check_limits(&plan_of(&policy, &inventory_of(scopes)))
    {
        Ok(()) => Vec::new(),
        Err(violations) => violations.iter().map(ToString::to_string).collect(),
    };
    assert!(check(vec![scope("111111111111", 2, 1)]).is_empty());
    assert!(check(vec![scope("111111111111", 1, 1), scope("222222222222", 1, 1)]).is_empty());
    insta::assert_snapshot!(check(vec![scope("111111111111", 4, 0), scope("222222222222", 0, 2)]).join("\n"), @r"
    the plan retires 4 images of family web, and `per_family.max_actions` allows 2
    the plan retires 4 images of account 111111111111, and `per_account.max_actions` allows 3
    ");
    insta::assert_snapshot!(check(vec![scope("111111111111", 3, 0)]).join("\n"), @r"
    the plan retires 3 images of family web, and `per_family.max_actions` allows 2
    the plan retires 3 of 4 images of family web, and `per_family.max_percent` allows 60 %
    ");
    let plan = plan_of(&policy, &inventory_of([scope("111111111111", 2, 1)]));
    assert_eq!(Plan::read(written(&plan).as_bytes()).unwrap(), plan);
}

#[test]
fn counts_add_up() {
    let inventory = inventory_of([in_scope(
        [image("ami-a", "web-1", 400), image("ami-b", "web-2", 400), image("ami-c", "db-1", 400)],
        [instance("ami-b", "i-1")],
    )]);
    let plan = plan_of(&policy("deregister"), &inventory);
    let counts = plan.counts();
    assert_eq!((counts.images.keep, counts.images.retire, counts.images.total()), (2, 1, 3));
    assert_eq!(counts.by_reason[&ReasonCode::InUse], 1);
    assert_eq!(counts.by_family[&None].keep, 1);
    assert_eq!(counts.by_family[&Some("web")].total(), 2);
    assert_eq!(plan.verdict_of(&"ami-a".parse().unwrap()).unwrap().decision, PlanDecision::Retire);
}

#[test]
fn an_edited_plan_is_refused_and_a_reformatted_one_is_not() {
    let text = written(&plan([image("ami-a", "web-1", 400)]));
    for (from, to) in [
        ("\"retire\"", "\"keep\""),
        ("\"delete\":true", "\"delete\":false"),
        ("web-1", "web-2"),
        ("400 days", "401 days"),
        ("\"max_actions\":3", "\"max_actions\":300"),
        ("\"after\":[]", "\"after\":[\"s0\"]"),
    ] {
        let edited = text.replacen(from, to, 1);
        assert_ne!(edited, text, "{from}");
        assert!(matches!(Plan::read(edited.as_bytes()), Err(PlanFileError::Digest { .. })), "{from}");
    }
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(value.is_object());
    let mut indented = String::new();
    for line in text.lines() {
        indented.push_str("\t\t");
        indented.push_str(&line.replace("\":", "\" : "));
        indented.push('\n');
    }
    // The message has no colon after a quote, so only white space changed.
    assert!(Plan::read(indented.as_bytes()).is_ok());
}

#[test]
fn files_that_are_no_plan_say_why() {
    let text = written(&plan([image("ami-a", "web-1", 400)]));
    let error = |bytes: &str| Plan::read(bytes.as_bytes()).unwrap_err();
    for cut in [0, 1, 10, text.len() / 2, text.len() - 3] {
        assert!(matches!(error(&text[..cut]), PlanFileError::Truncated { .. }), "{cut}: {}", error(&text[..cut]));
    }
    assert!(matches!(error("version: 1"), PlanFileError::NotJson { .. }));
    assert!(matches!(error(&format!("{text}{text}")), PlanFileError::NotJson { .. }));
    assert!(matches!(error("[]"), PlanFileError::NotAPlan { .. }));
    assert!(matches!(error("{}"), PlanFileError::NotAPlan { .. }));
    assert!(matches!(error("{\"format_version\":\"1.0\"}"), PlanFileError::NotAPlan { .. }));
    let newer = text.replacen("\"1.0\"", "\"2.0\"", 1);
    assert_eq!(error(&newer), PlanFileError::Format { found: "2.0".into() });
}

/// States the digest that the file has, as a newer minor or a forger would.
fn sealed(text: &str) -> String {
    match Plan::read(text.as_bytes()) {
        Err(PlanFileError::Digest { actual, stated }) => text.replacen(&stated, &actual, 1),
        _ => text.to_owned(),
    }
}

#[test]
fn fields_of_a_newer_minor_are_ignored_and_covered_by_the_digest() {
    let plan = plan([image("ami-a", "web-1", 400)]);
    let text = written(&plan).replacen("\"1.0\"", "\"1.7\"", 1).replacen(
        "\"now\":",
        "\"approved_by\":[\"x\",1.5,null,-3],\"now\":",
        1,
    );
    let newer = sealed(&text);
    let read = Plan::read(newer.as_bytes()).unwrap();
    assert_eq!(read.verdicts, plan.verdicts);
    let edited = newer.replacen("[\"x\"", "[\"y\"", 1);
    assert!(matches!(Plan::read(edited.as_bytes()), Err(PlanFileError::Digest { .. })));
}

#[test]
fn a_forged_plan_that_contradicts_itself_is_refused() {
    let plan = plan([image("ami-a", "web-1", 400), image("ami-b", "web-2", 300)]);
    type Forge = fn(&mut Plan);
    let forgeries: [(&str, Forge); 10] = [
        ("two verdicts", |plan| plan.verdicts.push(plan.verdicts[0].clone())),
        ("is `retire` without one", |plan| plan.verdicts[0].stage = None),
        ("no reason", |plan| plan.verdicts[0].reasons = Arc::new([])),
        ("its verdict does not say so", |plan| {
            plan.verdicts[0].decision = PlanDecision::Keep;
            plan.verdicts[0].stage = None;
        }),
        ("its verdict does not say so", |plan| plan.steps[0].action = Action::Disable),
        ("its verdict does not say so", |plan| plan.steps[0].region = "us-west-2".parse().unwrap()),
        ("two steps are called s1", |plan| plan.steps[1].id = "s1".into()),
        ("which is not before it", |plan| plan.steps[0].after = Box::new(["s2".into()])),
        ("which is not a snapshot of", |plan| plan.steps[0].snapshots[0].id = "snap-zz".parse().unwrap()),
        ("`snapshot_deletion`", |plan| plan.steps[0].snapshot_deletion = SnapshotDeletion::None),
    ];
    for (message, forge) in forgeries {
        let mut forged = plan.clone();
        forge(&mut forged);
        forged.digest = forged.digest_now();
        let error = Plan::read(written(&forged).as_bytes()).unwrap_err();
        assert!(matches!(&error, PlanFileError::Contradiction { .. }), "{message}: {error}");
        assert!(error.to_string().contains(message), "{message}: {error}");
    }
}
