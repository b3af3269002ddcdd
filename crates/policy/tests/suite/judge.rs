//! Judging, rule by rule.

use amictl_model::{
    CoverageStatus, DeregistrationProtection, Grantee, Image, ImageState, Inventory, LaunchPermissions, Moment,
    Reference, RootDeviceType, ScopeInventory, Source, Tags, Usage,
};
use amictl_policy::{Decision, Ladder, Policy, ReasonCode, Stage, Verdict, judge, needs_launch_permissions};
use amictl_testkit::{NOW, image, in_scope, instance, inventory_of, template_version};

const OLD: i64 = 400;

fn policy(keep: &str) -> Policy {
    policy_with("", keep)
}

fn policy_with(head: &str, keep: &str) -> Policy {
    let text = format!(
        "version: 1\n{head}\nfamilies:\n  - name: web\n    match: {{name: \"web-*\"}}\n    keep: {keep}\n    retire: [deregister]\n"
    );
    Policy::parse(&text, "test").unwrap()
}

fn now() -> Moment {
    Moment::from_secs(NOW)
}

fn judged(policy: &Policy, scope: ScopeInventory) -> Vec<Verdict> {
    judge(policy, &inventory_of([scope]), now())
}

/// The verdict on the only image.
fn only(policy: &Policy, image: Image, references: Vec<Reference>) -> Verdict {
    let mut verdicts = judged(policy, in_scope([image], references));
    assert_eq!(verdicts.len(), 1);
    verdicts.remove(0)
}

fn codes(verdict: &Verdict) -> Vec<ReasonCode> {
    verdict.reasons.iter().map(|reason| reason.code).collect()
}

fn said(verdict: &Verdict) -> String {
    verdict.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn days_ago(days: i64) -> Option<Moment> {
    Some(Moment::from_secs(NOW - days * 86_400))
}

#[test]
fn an_old_unused_image_is_retired_and_says_why() {
    let verdict = only(&policy("{newest: 0}"), image("ami-a", "web-1", OLD), vec![]);
    assert_eq!(verdict.decision, Decision::Retire(Stage::Deregister));
    assert_eq!(said(&verdict), "400 days old, nothing uses it");
    assert_eq!(verdict.family.as_deref(), Some("web"));
}

#[test]
fn each_property_of_an_image_that_keeps_it() {
    type Change = fn(&mut Image);
    let cases: [(&str, Change, ReasonCode); 20] = [
        ("protection", |image| image.protection = DeregistrationProtection::Enabled, ReasonCode::Protected),
        (
            "cooldown text",
            |image| image.protection = DeregistrationProtection::Other("disabled after 2026-11-22".into()),
            ReasonCode::Protected,
        ),
        (
            "unknown protection",
            |image| image.protection = DeregistrationProtection::Other("?".into()),
            ReasonCode::Protected,
        ),
        ("excluded", |image| image.tags = Tags::from_iter([("amictl:keep", "")]), ReasonCode::Excluded),
        ("backup", |image| image.tags = Tags::from_iter([("aws:backup:source-resource", "i-1")]), ReasonCode::Managed),
        ("dlm", |image| image.tags = Tags::from_iter([("aws:dlm:lifecycle-policy-id", "p")]), ReasonCode::Managed),
        ("dlm 2", |image| image.tags = Tags::from_iter([("dlm:managed", "true")]), ReasonCode::Managed),
        ("builder", |image| image.tags = Tags::from_iter([("CreatedBy", "EC2 Image Builder")]), ReasonCode::Managed),
        ("builder 2", |image| image.tags = Tags::from_iter([("Ec2ImageBuilderArn", "arn")]), ReasonCode::Managed),
        ("public", |image| image.public = true, ReasonCode::Shared),
        (
            "shared",
            |image| image.launch_permissions = LaunchPermissions::read([Grantee::Group("all".into())]),
            ReasonCode::Shared,
        ),
        ("pending", |image| image.state = ImageState::Pending, ReasonCode::State),
        ("failed", |image| image.state = ImageState::Failed, ReasonCode::State),
        ("deregistered", |image| image.state = ImageState::Deregistered, ReasonCode::State),
        ("unknown state", |image| image.state = ImageState::Unknown, ReasonCode::State),
        ("bundle", |image| image.root_device_type = RootDeviceType::InstanceStore, ReasonCode::State),
        ("unknown root", |image| image.root_device_type = RootDeviceType::Unknown, ReasonCode::State),
        ("foreign", |image| image.owner = "222222222222".parse().unwrap(), ReasonCode::State),
        ("no date", |image| image.created_at = None, ReasonCode::NoDate),
        ("no family", |image| image.name = "db-1".into(), ReasonCode::NoFamily),
    ];
    let policy = policy_with("protect: [{tag: {\"amictl:keep\": \"*\"}}]", "{newest: 0}");
    for (name, change, code) in cases {
        let mut image = image("ami-a", "web-1", OLD);
        change(&mut image);
        let verdict = only(&policy, image, vec![]);
        assert_eq!((verdict.decision, codes(&verdict)), (Decision::Keep, vec![code]), "{name}");
    }
}

#[test]
fn the_managed_tags_must_match_whole() {
    for (key, value) in [("CreatedBy", "ec2 image builder"), ("aws:backup:source", "x"), ("xdlm:managed", "true")] {
        let mut image = image("ami-a", "web-1", OLD);
        image.tags = Tags::from_iter([(key, value)]);
        let verdict = only(&policy("{newest: 0}"), image, vec![]);
        assert_eq!(verdict.decision, Decision::Retire(Stage::Deregister), "{key}");
    }
}

#[test]
fn every_protect_rule_holds_also_when_two_match() {
    let head =
        r#"protect: [{tag: {team: a, env: "prod*"}}, {name: "web-gold*"}, {image: ami-a}, {account: "111111111111"}]"#;
    let mut subject = image("ami-a", "web-golden", OLD);
    subject.tags = Tags::from_iter([("team", "a"), ("env", "production")]);
    let verdict = only(&policy_with(head, "{newest: 0}"), subject, vec![]);
    assert_eq!(verdict.decision, Decision::Keep);
    assert_eq!(codes(&verdict), [ReasonCode::Excluded; 4]);
}

#[test]
fn tag_keys_do_not_match_as_substrings() {
    let policy = policy_with("protect: [{tag: {app: web}}]", "{newest: 0}");
    for (key, value, decision) in [
        ("app", "web", Decision::Keep),
        ("myapp", "web", Decision::Retire(Stage::Deregister)),
        ("application", "web", Decision::Retire(Stage::Deregister)),
        ("App", "web", Decision::Retire(Stage::Deregister)),
        ("app", "webster", Decision::Retire(Stage::Deregister)),
    ] {
        let mut image = image("ami-a", "web-1", OLD);
        image.tags = Tags::from_iter([(key, value)]);
        assert_eq!(only(&policy, image, vec![]).decision, decision, "{key}={value}");
    }
}

#[test]
fn every_use_keeps_and_the_first_three_are_told() {
    let policy = policy("{newest: 0}");
    let uses: Vec<Reference> = (0..5).map(|at| instance("ami-a", &format!("i-{at}"))).collect();
    let verdict = only(&policy, image("ami-a", "web-1", OLD), uses);
    assert_eq!(verdict.decision, Decision::Keep);
    insta::assert_snapshot!(said(&verdict), @"used by a running instance: i-0; used by a running instance: i-1; used by a running instance: i-2; and 2 more uses");
    for (usage, source) in [
        (Usage::LaunchConfiguration, Source::LaunchConfigurations),
        (Usage::AutoScalingGroup { via: "mixed instances override".into() }, Source::AutoScalingGroups),
        (Usage::Instance { state: "some-new-state".into() }, Source::Instances),
    ] {
        let reference = Reference { image: "ami-a".parse().unwrap(), source, resource: "x".into(), usage };
        let verdict = only(&policy, image("ami-a", "web-1", OLD), vec![reference]);
        assert_eq!(codes(&verdict), [ReasonCode::InUse]);
        assert_eq!(verdict.reasons[0].source, Some(source));
    }
}

#[test]
fn use_and_protection_are_both_told() {
    let mut subject = image("ami-a", "web-1", OLD);
    subject.protection = DeregistrationProtection::EnabledWithCooldown;
    let verdict = only(&policy("{newest: 1}"), subject, vec![instance("ami-a", "i-1")]);
    assert_eq!(codes(&verdict), [ReasonCode::InUse, ReasonCode::Protected, ReasonCode::Newest]);
}

#[test]
fn launch_template_versions_count_as_the_policy_says() {
    for (scope, age_rank, default, used) in [
        ("all", 40, false, true),
        ("default_and_latest", 0, false, true),
        ("default_and_latest", 1, false, false),
        ("default_and_latest", 9, true, true),
        ("{newest: 3}", 2, false, true),
        ("{newest: 3}", 3, false, false),
        ("{newest: 3}", 30, true, true),
    ] {
        let policy = policy_with(&format!("references: {{launch_template_versions: {scope}}}"), "{newest: 0}");
        let verdict =
            only(&policy, image("ami-a", "web-1", OLD), vec![template_version("ami-a", 7, age_rank, default)]);
        assert_eq!(verdict.decision == Decision::Keep, used, "{scope} {age_rank} {default}");
        if !used {
            assert_eq!(said(&verdict), "400 days old, only launch template versions that do not count name it");
        }
    }
}

#[test]
fn the_newest_usable_images_of_a_family_are_kept() {
    let mut images: Vec<Image> = (0..5).map(|at| image(&format!("ami-{at}"), &format!("web-{at}"), OLD + at)).collect();
    images[0].state = ImageState::Failed;
    images[1].state = ImageState::Disabled;
    let verdicts = judged(&policy("{newest: 2}"), in_scope(images, []));
    let decisions: Vec<&str> = verdicts.iter().map(|verdict| verdict.decision.as_str()).collect();
    // The failed one is left alone, the disabled one may go; neither pushes a good one out.
    assert_eq!(decisions, ["keep", "retire", "keep", "keep", "retire"]);
    assert_eq!(said(&verdicts[2]), "number 1 of the 2 newest");
    assert_eq!(said(&verdicts[4]), "404 days old, nothing uses it, not among the 2 newest");
}

#[test]
fn newest_goes_on_holding_beyond_its_count() {
    let images = (0..20).map(|at| image(&format!("ami-{at:02}"), &format!("web-{at}"), OLD + at));
    let verdicts = judged(&policy("{newest: 3}"), in_scope(images, []));
    assert_eq!(verdicts.iter().filter(|verdict| verdict.decision == Decision::Keep).count(), 3);
}

#[test]
fn equal_creation_times_are_decided_by_id() {
    let images = ["ami-c", "ami-a", "ami-b"].map(|id| image(id, "web-1", OLD));
    let verdicts = judged(&policy("{newest: 1}"), in_scope(images, []));
    assert_eq!(
        verdicts.iter().map(|verdict| verdict.decision.as_str()).collect::<Vec<_>>(),
        ["keep", "retire", "retire"]
    );
}

#[test]
fn each_region_and_group_has_its_own_newest() {
    let tagged = |id: &str, env: &str| {
        let mut image = image(id, "web-1", OLD);
        image.tags = Tags::from_iter([("env", env)]);
        image
    };
    let text = "version: 1\nfamilies:\n  - name: web\n    match: {name: \"web-*\"}\n    group_by: [\"tag:env\"]\n    keep: {newest: 1}\n    retire: [deregister]\n";
    let policy = Policy::parse(text, "test").unwrap();
    let mut second = in_scope([tagged("ami-d", "prod")], []);
    second.scope.region = "us-west-2".parse().unwrap();
    let untagged = image("ami-e", "web-1", OLD);
    let first = in_scope([tagged("ami-a", "prod"), tagged("ami-b", "prod"), tagged("ami-c", "test"), untagged], []);
    let verdicts = judge(&policy, &inventory_of([first, second]), now());
    let decisions: Vec<&str> = verdicts.iter().map(|verdict| verdict.decision.as_str()).collect();
    assert_eq!(decisions, ["keep", "retire", "keep", "keep", "keep"]);
    assert_eq!(said(&verdicts[0]), "number 1 of the 1 newest of web/prod");
    assert_eq!(said(&verdicts[3]), "family web groups by tag env, which it does not have");
}

#[test]
fn group_values_cannot_run_together() {
    let tagged = |id: &str, a: &str, b: &str| {
        let mut image = image(id, "web-1", OLD);
        image.tags = Tags::from_iter([("a", a), ("b", b)]);
        image
    };
    let text = "version: 1\nfamilies:\n  - name: web\n    match: {name: \"*\"}\n    group_by: [\"tag:a\", \"tag:b\"]\n    keep: {newest: 1}\n    retire: [deregister]\n";
    let images = [tagged("ami-a", "x/y", "z"), tagged("ami-b", "x", "y/z"), tagged("ami-c", "", "x")];
    let verdicts = judged(&Policy::parse(text, "test").unwrap(), in_scope(images, []));
    assert!(verdicts.iter().all(|verdict| verdict.decision == Decision::Keep));
}

#[test]
fn the_built_in_policy_groups_by_the_name_without_versions() {
    let mut images: Vec<Image> =
        (0..8).map(|at| image(&format!("ami-{at}"), &format!("web-2025.01.0{at}-1a2b3c{at}"), OLD + at)).collect();
    images.push(image("ami-x", "20250101", OLD));
    let verdicts = judged(&Policy::built_in(), in_scope(images, []));
    assert_eq!(verdicts.iter().filter(|verdict| verdict.decision == Decision::Retire(Stage::Deregister)).count(), 3);
    assert_eq!(verdicts[0].family.as_deref(), Some("web"));
    assert_eq!(codes(&verdicts[8]), [ReasonCode::NoFamily]);
}

#[test]
fn young_and_recently_launched_images_are_kept() {
    let keep = "{newest: 0, younger_than: 30d, launched_within: 90d}";
    for (created, launched, code) in [
        (29, None, Some(ReasonCode::Young)),
        (30, None, None),
        (-1, None, Some(ReasonCode::Young)),
        (OLD, Some(89), Some(ReasonCode::RecentlyLaunched)),
        (OLD, Some(90), None),
        (OLD, Some(-1), Some(ReasonCode::RecentlyLaunched)),
    ] {
        let mut subject = image("ami-a", "web-1", created);
        subject.last_launched_at = launched.and_then(days_ago);
        let verdict = only(&policy(keep), subject, vec![]);
        assert_eq!(codes(&verdict), [code.unwrap_or(ReasonCode::Unused)], "{created} {launched:?}");
    }
}

#[test]
fn calendar_slots_keep_their_newest_image() {
    let moments = [
        "2026-11-21T08:00:00Z",
        "2026-11-21T07:00:00Z",
        "2026-11-20T23:59:59Z",
        "2026-10-01T00:00:00Z",
        "2025-12-31T23:59:59Z",
        "2025-06-01T00:00:00Z",
    ];
    let images = moments.iter().enumerate().map(|(at, created_at)| {
        let mut image = image(&format!("ami-{at}"), &format!("web-{at}"), 0);
        image.created_at = Some(created_at.parse().unwrap());
        image
    });
    let verdicts = judged(&policy("{calendar: {daily: 2, monthly: 2, yearly: 2}}"), in_scope(images, []));
    let said: Vec<String> = verdicts.iter().map(said).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_could_not_be_read_blocks() {
    let policy = policy("{newest: 0}");
    for source in [Source::Images, Source::Snapshots].into_iter().chain(Source::REFERENCES.iter().copied()) {
        for status in [Some(CoverageStatus::Denied), Some(CoverageStatus::Failed), Some(CoverageStatus::Skipped), None]
        {
            let mut scope = in_scope([image("ami-a", "web-1", OLD)], []);
            match status {
                Some(status) => {
                    for coverage in scope.coverage.iter_mut().filter(|coverage| coverage.source == source) {
                        coverage.status = status;
                        coverage.detail = "UnauthorizedOperation".into();
                    }
                }
                None => scope.coverage.retain(|coverage| coverage.source != source),
            }
            let verdicts = judged(&policy, scope);
            assert_eq!(verdicts[0].decision, Decision::Blocked, "{source} {status:?}");
            assert_eq!(codes(&verdicts[0]), [ReasonCode::Unreadable]);
            assert_eq!(verdicts[0].reasons[0].source, Some(source));
        }
    }
}

#[test]
fn a_source_that_is_not_used_does_not_block_and_what_it_names_still_counts() {
    let policy = policy_with("references: {not_used: [launch_configurations]}", "{newest: 0}");
    let mut scope = in_scope([image("ami-a", "web-1", OLD)], []);
    scope.coverage.retain(|coverage| coverage.source != Source::LaunchConfigurations);
    assert_eq!(judged(&policy, scope)[0].decision, Decision::Retire(Stage::Deregister));
    let reference = Reference {
        image: "ami-a".parse().unwrap(),
        source: Source::LaunchConfigurations,
        resource: "lc".into(),
        usage: Usage::LaunchConfiguration,
    };
    assert_eq!(only(&policy, image("ami-a", "web-1", OLD), vec![reference]).decision, Decision::Keep);
}

#[test]
fn unread_launch_permissions_block_and_are_asked_for() {
    let policy = policy("{newest: 0}");
    let mut unread = image("ami-a", "web-1", OLD);
    unread.launch_permissions = LaunchPermissions::Unread;
    let mut unreadable = image("ami-b", "web-1", OLD);
    unreadable.launch_permissions = LaunchPermissions::Unreadable("AuthFailure".into());
    let mut kept = unread.clone();
    kept.id = "ami-c".parse().unwrap();
    let inventory = inventory_of([in_scope([unread, unreadable, kept], [instance("ami-c", "i-1")])]);
    let verdicts = judge(&policy, &inventory, now());
    assert_eq!(
        verdicts.iter().map(|verdict| verdict.decision.as_str()).collect::<Vec<_>>(),
        ["blocked", "blocked", "keep"]
    );
    assert_eq!(needs_launch_permissions(&inventory, &verdicts).collect::<Vec<_>>(), [(0, 0)]);

    // Nothing is asked for while a source is missing: reading it would not unblock the image.
    let mut denied: Inventory = inventory.clone();
    denied.scopes[0].coverage.pop();
    let verdicts = judge(&policy, &denied, now());
    assert_eq!(needs_launch_permissions(&denied, &verdicts).count(), 0);
}

#[test]
fn shared_images_go_when_the_policy_ignores_other_accounts() {
    let policy = policy_with("references: {other_accounts: ignore}", "{newest: 0}");
    let mut subject = image("ami-a", "web-1", OLD);
    subject.launch_permissions = LaunchPermissions::read([Grantee::Account("222222222222".parse().unwrap())]);
    assert_eq!(only(&policy, subject, vec![]).decision, Decision::Retire(Stage::Deregister));
}

#[test]
fn the_disable_stage_leaves_disabled_images() {
    let text = "version: 1\nfamilies:\n  - name: web\n    match: {name: \"web-*\"}\n    keep: {newest: 0}\n    retire: [disable]\n";
    let policy = Policy::parse(text, "test").unwrap();
    let available = only(&policy, image("ami-a", "web-1", OLD), vec![]);
    assert_eq!(available.decision, Decision::Retire(Stage::Disable));
    let mut disabled = image("ami-a", "web-1", OLD);
    disabled.state = ImageState::Disabled;
    let verdict = only(&policy, disabled, vec![]);
    assert_eq!((verdict.decision, said(&verdict)), (Decision::Keep, "all stages of its family are done".into()));
}

#[test]
fn of_several_stages_the_first_comes_first() {
    let text = "version: 1\nfamilies:\n  - name: web\n    match: {name: \"web-*\"}\n    keep: {newest: 0}\n    retire: [deprecate, deregister]\n";
    let verdict = only(&Policy::parse(text, "test").unwrap(), image("ami-a", "web-1", OLD), vec![]);
    assert_eq!((verdict.decision, codes(&verdict)), (Decision::Retire(Stage::Deprecate), vec![ReasonCode::Unused]));
}

#[test]
fn what_could_not_be_read_keeps_a_wait_from_beginning() {
    let text = "version: 1\nfamilies:\n  - name: web\n    match: {name: \"web-*\"}\n    keep: {newest: 0}\n    retire: [{deregister: {after: 7d}}]\n";
    let policy = Policy::parse(text, "test").unwrap();
    let mut unread = image("ami-a", "web-1", OLD);
    let marked = only(&policy, unread.clone(), vec![]);
    assert_eq!(
        (marked.decision, marked.ladder, codes(&marked)),
        (Decision::Keep, Ladder::Mark, vec![ReasonCode::Waiting])
    );
    unread.launch_permissions = LaunchPermissions::Unread;
    let verdict = only(&policy, unread, vec![]);
    assert_eq!((verdict.decision, verdict.ladder), (Decision::Blocked, Ladder::None));
    assert!(!codes(&verdict).contains(&ReasonCode::Waiting));
}
