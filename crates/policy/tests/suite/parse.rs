//! Policy files: what they accept, and what each error says.

use amictl_model::Source;
use amictl_policy::{
    BUILT_IN_TEXT, Caps, GroupKey, LaunchTemplateVersions, NewestIn, OtherAccounts, Policy, SnapshotRule, Stage,
    VersionSource, policy_schema,
};

const EXAMPLE: &str = r#"version: 1
references: { launch_template_versions: all, other_accounts: required, unreadable: block, not_used: [] }
protect:
  - tag: { "amictl:keep": "*" }
limits: { max_actions: 100, max_percent: 20, min_images: 1 }
families:
  - name: web
    match: { name: "web-{version}" }
    keep: { newest: 5, younger_than: 30d, launched_within: 90d, calendar: { daily: 7, weekly: 4, monthly: 12 } }
    retire:
      - deprecate
      - disable: { after: 14d }
      - deregister: { after: 28d, snapshots: delete, require_recycle_bin: 7d }
"#;

/// All errors of a policy, one line each.
fn errors(text: &str) -> String {
    Policy::parse(text, "amictl.yaml").unwrap_err().to_string()
}

fn family(rest: &str) -> String {
    format!("version: 1\nfamilies:\n  - name: web\n{rest}")
}

const REST: &str = "    match: {name: \"web-*\"}\n    keep: {newest: 1}\n    retire: [disable]\n";

#[test]
fn the_example_parses_and_is_carried_out() {
    let policy = Policy::parse(EXAMPLE, "amictl.yaml").unwrap();
    let family = &policy.families[0];
    assert_eq!((&*family.name, family.keep.newest, family.keep.calendar.monthly), ("web", 5, 12));
    assert_eq!(
        family.retire.iter().map(|stage| stage.stage).collect::<Vec<_>>(),
        [Stage::Deprecate, Stage::Disable, Stage::Deregister]
    );
}

#[test]
fn every_form_of_the_grammar_parses() {
    let text = r#"
version: 1
references: { launch_template_versions: {newest: 3}, other_accounts: ignore, not_used: [launch_configurations] }
protect:
  - name: "golden-*"
  - image: ami-0123456789abcdef0
  - account: 000000000012
  - tag: { keep: "[yj]*", env: prod }
families:
  - name: by-tags
    match: { tags: {app: "web*"}, name: "{app}-{version}" }
    group_by: ["tag:env", "name:app"]
    keep: { younger_than: 6mo }
    retire: [disable]
  - name: rest
    match: { name: "*" }
    keep: { newest: 0 }
    retire: [{deregister: {snapshots: keep}}]
"#;
    let policy = Policy::parse(text, "p").unwrap();
    assert_eq!(policy.references.launch_template_versions, LaunchTemplateVersions::Newest(3));
    assert_eq!(policy.references.other_accounts, OtherAccounts::Ignore);
    assert_eq!(policy.references.not_used, [Source::LaunchConfigurations]);
    assert_eq!(policy.protect.len(), 4);
    assert_eq!(policy.protect[2].describe(), "account 000000000012");
    assert_eq!(policy.families[0].group_by, [GroupKey::Tag("env".into()), GroupKey::NamePart("app".into())]);
    assert_eq!(policy.families[1].retire[0].snapshots, SnapshotRule::Keep);
    let defaults = Policy::parse(&family(REST), "p").unwrap();
    assert_eq!((defaults.limits.max_actions, defaults.limits.max_percent, defaults.limits.min_images), (100, 20.0, 1));
    assert_eq!(defaults.limits.max_jump, None);
}

#[test]
fn all_errors_come_at_once_with_place_and_spelling() {
    let text = r#"version: 2
refrences: {}
references: { launch_template_versions: newest, other_accounts: yes, unreadable: ignore, not_used: [instance, images] }
protect:
  - tags: { keep: "*" }
  - { name: "a", image: ami-1 }
  - image: ami_1
  - tag: { keep: "[" }
limits: { max_actions: -1, max_percent: 120, min_images: many }
families:
  - name: web
    match: { name: "web:{version}" }
    keep: { newest: 5.5, younger_then: 30d, launched_within: 30 days, calendar: { hourly: 7 } }
    retire: [deregister, disable, delete]
  - name: web
    match: { name: "web-{version}" }
    group_by: ["name:verison", "tags:app"]
    keep: { younger_than: 30 }
    retire: []
  - name: 7
    match: {}
    keep: {}
"#;
    insta::assert_snapshot!(errors(text));
}

#[test]
fn every_form_of_selectors_versions_channels_limits_and_windows_parses() {
    let text = r#"
version: 1
protect:
  - where: { all: [{state: [available, disabled]}, {not: {tags: {Owner: "*"}}}], public: false }
limits: { per_family: {max_actions: 5}, per_account: {max_actions: 50, max_percent: 12.5} }
windows:
  - { days: [mon-thu, sun], hours: "22:00-06:00", time_zone: Europe/Berlin }
  - { days: sat }
families:
  - name: built
    match: { image_builder_recipe: "web/1.x.x", where: {architecture: [x86_64, arm64]} }
    keep: { newest: {count: 3, in: all_regions}, versions: ["^1.4", "2.x"] }
    retire: [deregister]
  - name: dlm
    match: { dlm_policy: "policy-0*", name: "{*}-{semver}" }
    version: "tag:Version"
    keep: { newest: {count: 2, in: [us-east-1, eu-west-1]}, channels: {parameters: "/ami/*", previous: 1} }
    retire: [deregister]
  - name: rest
    match: { where: {any: [{older_than: 30d}, {min_size_gib: 100, encrypted: false}]} }
    keep: { newest: 1, channels: ["/ami/web/*", "/ami/db/*"] }
    retire: [disable]
"#;
    let policy = Policy::parse(text, "p").unwrap();
    let [built, dlm, rest] = policy.families.as_slice() else { panic!("three families") };
    assert_eq!((built.keep.newest, &built.keep.newest_in), (3, &NewestIn::AllRegions));
    assert_eq!(built.version, Some(VersionSource::Recipe));
    assert_eq!(built.keep.versions.iter().map(ToString::to_string).collect::<Vec<_>>(), ["^1.4", "2.x"]);
    assert_eq!(dlm.version, Some(VersionSource::Tag("Version".into())));
    assert_eq!(dlm.keep.channels.as_ref().map(|channels| channels.previous), Some(1));
    assert_eq!(rest.keep.channels.as_ref().map(|channels| channels.parameters.len()), Some(2));
    let selector = rest.matcher.selector.as_ref().map(ToString::to_string);
    assert_eq!(selector.as_deref(), Some("older than 30d or (100 GiB or more and not encrypted)"));
    assert_eq!(policy.limits.per_family, Caps { max_actions: Some(5), max_percent: None });
    assert_eq!(policy.windows.to_string(), "mon,tue,wed,thu,sun 22:00-06:00 Europe/Berlin; sat 00:00-24:00 UTC");
}

#[test]
fn all_errors_of_the_further_rules_come_with_place_and_spelling() {
    let text = r#"version: 1
references: { not_used: [ssm_parameters] }
protect:
  - where: {}
  - where: { state: avalable, public: yes, older_than: 30 days, platfrom: windows, all: [], any: [{regoin: us-east-1}] }
limits: { per_family: {}, per_account: {max_actions: many} }
windows:
  - { days: [Monday, mon-fry], hours: "9-17", time_zone: Europe/Berln }
  - {}
families:
  - name: built
    match: { image_builder_recipe: "web/1", dlm_policy: "[", where: [] }
    keep: { newest: {cuont: 3, in: all_region}, versions: [two, 3] }
    retire: [deregister]
  - name: unversioned
    match: { name: "web-*" }
    keep: { versions: "^1" }
    retire: [deregister]
  - name: channels
    match: { name: "web-{version}" }
    version: "name:verison"
    keep: { newest: {in: [us-east]}, channels: {previous: -1} }
    retire: [deregister]
  - name: blind
    match: { name: "web-{version}" }
    version: tag
    keep: { channels: [] }
    retire: [deregister]
  - name: unread
    match: { name: "web-{version}" }
    keep: { channels: "/ami/*" }
    retire: [deregister]
"#;
    insta::assert_snapshot!(errors(text));
}

#[test]
fn single_errors() {
    for (name, text) in [
        ("empty", String::new()),
        ("not a mapping", "- a\n".into()),
        ("no families", "version: 1\n".into()),
        ("empty families", "version: 1\nfamilies: []\n".into()),
        ("syntax", "version: [1\nfamilies: x\n".into()),
        ("duplicate key", "version: 1\nversion: 1\n".into()),
        ("two documents", format!("{}---\n{}", family(REST), family(REST))),
        ("unknown anchor", "version: *one\n".into()),
        ("stages twice", family("    match: {name: \"*\"}\n    keep: {newest: 1}\n    retire: [disable, disable]\n")),
        (
            "stage order in time",
            family(
                "    match: {name: \"*\"}\n    keep: {newest: 1}\n    retire: [{disable: {after: 2d}}, {deregister: {after: 1d}}]\n",
            ),
        ),
        ("long pattern", family(&REST.replace("web-*", &"w".repeat(129)))),
    ] {
        insta::assert_snapshot!(format!("single-{}", name.replace(' ', "-")), errors(&text));
    }
}

#[test]
fn an_excerpt_marks_the_place() {
    let text = EXAMPLE.replace("younger_than", "yunger_than");
    insta::assert_snapshot!(Policy::parse(&text, "amictl.yaml").unwrap_err().render(false));
}

#[test]
fn absurd_input_is_refused() {
    let long = format!("{}# {}\n", family(REST), "x".repeat(1 << 20));
    assert!(errors(&long).contains("bytes, more than"));
    let deep = "[".repeat(10_000);
    assert!(!errors(&deep).is_empty());
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12_u8 {
        let (before, now) = (char::from(b'a' + level - 1), char::from(b'a' + level));
        bomb.push_str(&format!(
            "{now}: &{now} [*{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}]\n"
        ));
    }
    assert!(!errors(&bomb).is_empty());
    let names: String = (0..1001)
        .map(|at| format!("  - {{name: f{at}, match: {{name: x}}, keep: {{newest: 1}}, retire: [disable]}}\n"))
        .collect();
    assert!(errors(&format!("version: 1\nfamilies:\n{names}")).contains("1001 entries"));
}

#[test]
fn errors_of_a_hostile_file_hold_no_control_characters() {
    let text = "version: 1\n\"\\u001b[31mred\": 1\nfamilies: []\n";
    let errors = Policy::parse(text, "a\u{1b}b.yaml").unwrap_err();
    assert!(!errors.to_string().contains('\u{1b}'), "{errors}");
}

#[test]
fn the_digest_is_of_the_text() {
    let policy = Policy::parse(EXAMPLE, "x").unwrap();
    assert!(policy.digest().starts_with("sha256:") && policy.digest().len() == 71);
    assert_ne!(policy.digest(), Policy::built_in().digest());
    assert_eq!(Policy::built_in().text(), BUILT_IN_TEXT);
}

#[test]
fn the_schema_is_a_schema() {
    let schema = serde_json::to_string_pretty(&policy_schema()).unwrap();
    insta::assert_snapshot!(schema);
}

#[test]
fn snapshots_are_archived_after_disabling_and_before_deregistering() {
    let of = |retire: &str| {
        let text = format!(
            "version: 1\nfamilies:\n  - name: web\n    match: {{name: \"web-*\"}}\n    keep: {{newest: 1}}\n    retire: {retire}\n"
        );
        Policy::parse(&text, "test").map_err(|errors| errors.render(false))
    };
    let policy = of("[disable, {archive_snapshots: {after: 30d}}, {deregister: {after: 120d}}]").unwrap();
    let stages: Vec<Stage> = policy.families[0].retire.iter().map(|stage| stage.stage).collect();
    assert_eq!(stages, [Stage::Disable, Stage::ArchiveSnapshots, Stage::Deregister]);
    for (retire, said) in [
        ("[archive_snapshots]", "archived of disabled images only"),
        ("[deprecate, archive_snapshots]", "archived of disabled images only"),
        ("[disable, deregister, archive_snapshots]", "cannot come after"),
        ("[disable, archive_snapshots, disable]", "twice"),
        ("[disable, {archive_snapshots: {snapshots: keep}}]", "snapshots"),
        ("[disable, archive_snapshot]", "archive_snapshots"),
    ] {
        let error = of(retire).unwrap_err();
        assert!(error.contains(said), "{retire}: {error}");
    }
}
