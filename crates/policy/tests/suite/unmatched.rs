//! Patterns that match nothing are told, with the nearest name.

use amictl_model::Moment;
use amictl_policy::{Policy, unmatched_families};
use amictl_testkit::{NOW, image, in_scope, inventory_of};

#[test]
fn a_pattern_with_a_slip_is_told_with_the_nearest_name() {
    let text = r#"version: 1
families:
  - {name: web, match: {name: "wbe-*"}, keep: {newest: 1}, retire: [disable]}
  - {name: db, match: {name: "db-*"}, keep: {newest: 1}, retire: [disable]}
  - {name: db-old, match: {name: "db-1*"}, keep: {newest: 1}, retire: [disable]}
  - {name: tags, match: {tags: {app: x}}, keep: {newest: 1}, retire: [disable]}
"#;
    let policy = Policy::parse(text, "amictl.yaml").unwrap();
    let images = [image("ami-a", "web-1", 1), image("ami-b", "db-1", 1), image("ami-c", "other", 1)];
    let warnings = unmatched_families(&policy, &inventory_of([in_scope(images, [])]), Moment::from_secs(NOW));
    let lines: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"));
}
