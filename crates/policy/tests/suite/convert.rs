//! Policies of other tools, carried over.

use amictl_model::{Moment, Tags};
use amictl_policy::{ConvertFrom, Decision, Policy, Stage, convert, judge};
use amictl_testkit::{NOW, image, in_scope, inventory_of};
use proptest::prelude::*;

fn converted(text: &str) -> String {
    convert(text, "theirs", None).unwrap().with_notes()
}

const CUSTODIAN: &str = r#"
vars: {x: 1}
policies:
  - name: old unused amis
    resource: aws.ami
    description: removes what is old
    mode: {type: periodic, schedule: "rate(1 day)"}
    filters:
      - {type: image-age, days: 90, op: ge}
      - {type: unused, value: true}
      - "tag:keep": absent
      - State: available
      - not:
          - {type: value, key: "tag:env", op: in, value: [prod, "st*ge"]}
      - or:
          - {type: value, key: Name, op: glob, value: "web-*"}
          - {Architecture: arm64}
    actions:
      - {type: deregister, delete-snapshots: true}
      - notify
  - name: marked
    resource: ami
    filters:
      - {type: value, key: Public, value: false}
      - {type: value, key: "tag:team", op: ne, value: core}
    actions:
      - {type: mark-for-op, op: deregister, days: 7, tag: custodian_cleanup}
  - name: by regex
    resource: ami
    filters:
      - {type: value, key: Name, op: regex, value: "^web"}
      - or: [{type: unused}, {State: failed}]
    actions: [deregister]
  - name: instances
    resource: aws.ec2
    actions: [stop]
  - {name: only tags, resource: ami, filters: ["cross-account"], actions: [{type: tag, key: x}]}
"#;

const DLM: &str = r#"{ "Policy": {
  "PolicyId": "policy-0a1b2c3d4e5f60718", "Description": "nightly", "State": "DISABLED",
  "PolicyDetails": {
    "PolicyType": "IMAGE_MANAGEMENT", "ResourceTypes": ["INSTANCE"],
    "TargetTags": [{"Key": "backup", "Value": "yes"}], "Parameters": {"NoReboot": true},
    "Schedules": [
      {"Name": "Daily", "CopyTags": true, "CreateRule": {"Interval": 24, "IntervalUnit": "HOURS", "Times": ["03:00"]},
       "RetainRule": {"Count": 7}, "DeprecateRule": {"Count": 3}},
      {"Name": "Monthly", "RetainRule": {"Interval": 12, "IntervalUnit": "MONTHS"}, "DeprecateRule": {"Interval": 90, "IntervalUnit": "DAYS"},
       "CrossRegionCopyRules": [{"TargetRegion": "eu-west-1", "RetainRule": {"Interval": 1, "IntervalUnit": "MONTHS"}}]}
    ] } } }"#;

const IMAGE_BUILDER: &str = r#"{ "lifecyclePolicy": {
  "name": "golden images", "status": "ENABLED", "resourceType": "AMI_IMAGE", "executionRole": "arn:aws:iam::111111111111:role/x",
  "policyDetails": [
    {"action": {"type": "DELETE", "includeResources": {"amis": true, "snapshots": true}}, "filter": {"type": "AGE", "value": 6, "unit": "MONTHS", "retainAtLeast": 3}},
    {"action": {"type": "DEPRECATE", "includeResources": {"amis": true}}, "filter": {"type": "AGE", "value": 30, "unit": "DAYS"},
     "exclusionRules": {"amis": {"isPublic": true, "regions": ["eu-west-1"], "sharedAccounts": ["222222222222"], "lastLaunched": {"value": 2, "unit": "WEEKS"}, "tagMap": {"keep": "yes"}}}}
  ],
  "resourceSelection": {"recipes": [{"name": "Web Server", "semanticVersion": "1.x.x"}, {"name": "db"}], "tagMap": {"team": "core"}} } }"#;

#[test]
fn custodian_policies_are_carried_over_or_left_out_whole() {
    insta::assert_snapshot!(converted(CUSTODIAN));
}

#[test]
fn dlm_schedules_become_families() {
    insta::assert_snapshot!(converted(DLM));
}

#[test]
fn image_builder_lifecycle_policies_become_families_of_recipes() {
    insta::assert_snapshot!(converted(IMAGE_BUILDER));
}

#[test]
fn an_exclusion_that_cannot_be_said_leaves_the_policy_out() {
    let text = IMAGE_BUILDER.replace("\"exclusionRules\": {", "\"exclusionRules\": {\"tagMap\": {\"a\": \"b\"}, ");
    let conversion = convert(&text, "theirs", None).unwrap();
    assert_eq!(conversion.text, "");
    assert!(conversion.left_out.iter().any(|left| left.why.contains("more images would go")), "{conversion:?}");
}

#[test]
fn what_would_let_more_images_go_is_left_out_whole() {
    let builder = |from: &str, to: &str| convert(&IMAGE_BUILDER.replace(from, to), "theirs", None).unwrap();
    for (from, to, why) in [
        ("\"exclusionRules\": {", "\"exclusionRules\": {\"newRule\": {}, ", "exclusion rules"),
        ("\"isPublic\": true", "\"isPublic\": true, \"newRule\": 1", "exclusion rules"),
        ("\"value\": 30", "\"value\": 30, \"newRule\": 1", "the filter"),
        ("\"resourceSelection\": {", "\"resourceSelection\": {\"newRule\": 1, ", "selects by more"),
    ] {
        let conversion = builder(from, to);
        let told = conversion.left_out.iter().any(|left| left.what.contains(why) || left.why.contains(why));
        assert!(conversion.text.is_empty() && told, "{to}: {conversion:?}");
    }
    // What does not reach the AMIs retires none.
    let kept = builder("\"amis\": true, \"snapshots\": true", "\"amis\": false");
    assert!(kept.text.contains("deprecate") && !kept.text.contains("deregister"), "{}", kept.text);
    let without_id = convert(&DLM.replace("\"PolicyId\": \"policy-0a1b2c3d4e5f60718\", ", ""), "theirs", None).unwrap();
    assert_eq!(without_id.text, "");
    let elsewhere =
        convert(&DLM.replace("\"TargetRegion\": \"eu-west-1\"", "\"Target\": \"arn:aws:outposts:x\""), "theirs", None);
    assert!(!elsewhere.unwrap().text.contains("Monthly"));
}

#[test]
fn copies_in_other_regions_are_not_judged_by_the_rule_of_their_source() {
    let text = convert(DLM, "theirs", None).unwrap().text;
    let policy = Policy::parse(&text, "converted").unwrap();
    let name = "policy-0a1b2c3d4e5f60718_i-0d00000000000000f_2024-11-20T03.00.00.000";
    let mut copy = image("ami-copy", name, 500);
    copy.tags = Tags::from_iter([
        ("aws:dlm:lifecycle-policy-id", "policy-0a1b2c3d4e5f60718"),
        ("aws:dlm:lifecycle-schedule-name", "Monthly"),
    ]);
    for (region, decision) in [("us-east-1", Decision::Retire(Stage::Deprecate)), ("eu-west-1", Decision::Keep)] {
        let mut inventory = inventory_of([in_scope([copy.clone()], [])]);
        inventory.scopes[0].scope.region = region.parse().unwrap();
        assert_eq!(judge(&policy, &inventory, Moment::from_secs(NOW))[0].decision, decision, "{region}");
    }
}

#[test]
fn what_came_of_dlm_judges_the_images_of_each_instance() {
    let text = convert(&DLM.replace("\"DeprecateRule\": {\"Count\": 3}", "\"x\": 1"), "theirs", None).unwrap().text;
    let policy = Policy::parse(&text, "converted").unwrap();
    let tags = || {
        Tags::from_iter([
            ("aws:dlm:lifecycle-policy-id", "policy-0a1b2c3d4e5f60718"),
            ("aws:dlm:lifecycle-schedule-name", "Daily"),
            ("dlm:managed", "true"),
        ])
    };
    let made = |instance: &str, day: i64| {
        let name = format!("policy-0a1b2c3d4e5f60718_i-{instance}_2026-11-{:02}T03.00.00.000", 20 - day);
        let mut image = image(&format!("ami-{instance}{day}"), &name, day);
        image.tags = tags();
        image
    };
    let images =
        (0..9).map(|day| made("0d00000000000000f", day)).chain((0..7).map(|day| made("0e00000000000000f", day)));
    let inventory = inventory_of([in_scope(images, [])]);
    let verdicts = judge(&policy, &inventory, Moment::from_secs(NOW));
    let gone: Vec<&str> = verdicts
        .iter()
        .filter(|verdict| verdict.decision == Decision::Retire(Stage::Deregister))
        .map(|verdict| inventory.scopes[0].images[verdict.image as usize].id.as_str())
        .collect();
    assert_eq!(gone, ["ami-0d00000000000000f7", "ami-0d00000000000000f8"]);
}

#[test]
fn what_is_no_policy_of_a_known_tool_is_an_error() {
    for text in ["", "[1]", "a: 1", "version: 1\nfamilies: []\n", "{"] {
        assert!(convert(text, "theirs", None).is_err(), "{text}");
    }
    let forced = convert("a: 1", "theirs", Some(ConvertFrom::Dlm)).unwrap();
    assert_eq!((forced.text.as_str(), forced.left_out.len()), ("", 1));
    assert!(forced.with_notes().ends_with("# Nothing could be carried over.\n"));
}

#[test]
fn notes_stay_comments_whatever_stands_in_the_file() {
    let text = "policies:\n  - {name: \"a\\nfamilies: []\", resource: \"x\\nversion: 2\", filters: []}\n";
    let notes = convert(text, "theirs", None).unwrap().with_notes();
    assert!(notes.lines().all(|line| line.starts_with('#')), "{notes}");
}

proptest! {
    /// What comes out is a policy or nothing, whatever values stand in what goes in.
    #[test]
    fn any_values_convert_to_a_policy_or_to_nothing(values in prop::collection::vec("\\PC{0,12}|[a-z*?\\[\\]:{}\"'#-]{0,8}", 6), op in 0..6_usize, days in 0..40_000_u64) {
        let ops = ["eq", "ne", "in", "glob", "regex", "not-in"];
        let [name, key, tag, value, state, arch] = values.as_slice() else { unreachable!() };
        let custodian = serde_json::json!({"policies": [{
            "name": name, "resource": "ami",
            "filters": [
                {"type": "value", "key": format!("tag:{tag}"), "op": ops[op], "value": value},
                {"type": "value", "key": "Architecture", "op": ops[op], "value": arch},
                {"or": [{"type": "value", "key": key, "value": value}, {"type": "image-age", "days": days}]},
                {"Name": state},
            ],
            "actions": ["deregister"],
        }]}).to_string();
        let builder = serde_json::json!({"lifecyclePolicy": {
            "name": name,
            "policyDetails": [{"action": {"type": "DISABLE", "includeResources": {"amis": true}}, "filter": {"type": "COUNT", "value": days % 100}, "exclusionRules": {"amis": {"tagMap": {tag: value}}}}],
            "resourceSelection": {"recipes": [{"name": arch}, {"name": key, "semanticVersion": "1.x.x"}]},
        }}).to_string();
        let dlm = serde_json::json!({"PolicyId": key, "PolicyType": "IMAGE_MANAGEMENT", "Schedules": [{"Name": value, "RetainRule": {"Count": days}}]}).to_string();
        for (text, from) in [(custodian, ConvertFrom::Custodian), (builder, ConvertFrom::ImageBuilder), (dlm, ConvertFrom::Dlm)] {
            match convert(&text, "theirs", Some(from)) {
                Ok(conversion) if conversion.text.is_empty() => prop_assert!(!conversion.left_out.is_empty()),
                Ok(conversion) => prop_assert!(Policy::parse(&conversion.with_notes(), "converted").is_ok()),
                // The words of the file may be none that a policy takes; then the errors say so.
                Err(errors) => prop_assert!(!errors.errors().is_empty()),
            }
        }
    }
}
