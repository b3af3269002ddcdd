//! Tests of policies, the difference of two policies, and the forecast.

use amictl_model::{ImageState, Inventory, LaunchPermissions, Moment, Source, Tags};
use amictl_policy::{Forecast, Policy, PolicyTests, Reached, Stage, TestWorld, VerdictChange, diff, forecast};
use amictl_testkit::{NOW, image, in_scope, instance, inventory_of};

fn policy(text: &str) -> Policy {
    Policy::parse(text, "amictl.yaml").unwrap()
}

fn staged() -> Policy {
    policy(
        "version: 1\nlimits: {max_percent: 100}\nfamilies:\n  - {name: web, match: {name: \"web-*\"}, group_by: [name_family], keep: {younger_than: 30d}, retire: [{deprecate: {after: 2d}}, {disable: {after: 9d}}, {deregister: {after: 16d}}]}\n",
    )
}

const TESTS: &str = r#"policy: amictl.yaml
now: 2026-11-21T09:30:00Z
tests:
  - name: the young stay, the old wait
    images:
      - { name: web-young, age: 3d }
      - { name: web-old, age: 300d }
      - { name: web-used, age: 300d, used_by: i-1 }
      - { id: ami-0000000000000aaaa, name: db-1, age: 900d, region: eu-west-1, tags: {env: prod} }
    expect:
      web-young: keep
      web-old: { verdict: keep, because: waiting, family: web-old }
      web-used: { verdict: keep, because: in_use }
      ami-0000000000000aaaa: { verdict: keep, because: no_family }
  - name: stages go on
    images:
      - { name: web-a, age: 300d, deprecated: 7d, tags: {"amictl:stage": deprecate, "amictl:since": "2026-11-14T00:00:00Z", "amictl:policy": web} }
      - { name: web-b, age: 300d, state: disabled, tags: {"amictl:stage": disable, "amictl:since": "2026-11-14T00:00:00Z", "amictl:policy": web} }
      - { name: web-c, age: 300d, state: disabled, tags: {"amictl:stage": disable, "amictl:since": "2026-11-20T00:00:00Z", "amictl:policy": web} }
    expect: { web-a: disable, web-b: retire, web-c: keep }
  - name: what cannot be read blocks
    unread: instances
    images:
      - { name: web-b, age: 300d, state: disabled, tags: {"amictl:stage": disable, "amictl:since": "2026-11-14T00:00:00Z", "amictl:policy": web} }
    expect: { web-b: blocked }
  - name: so do launch permissions
    unread: [launch_permissions]
    images:
      - { name: web-b, age: 300d, state: disabled, tags: {"amictl:stage": disable, "amictl:since": "2026-11-14T00:00:00Z", "amictl:policy": web} }
    expect: { web-b: { verdict: blocked, because: unreadable } }
"#;

/// What came of each expectation of each test, a line each.
fn run(text: &str, policy: &Policy) -> String {
    let tests = PolicyTests::parse(text, "tests.yaml").unwrap();
    let mut lines = Vec::new();
    for test in &tests.tests {
        let TestWorld::Images(inventory) = &test.world else { panic!("a test with images") };
        inventory.validate().unwrap();
        for outcome in tests.run(test, policy, inventory) {
            let mark = if outcome.passed { "ok" } else { "FAILED" };
            lines.push(format!("{mark} {} {}: {} -> {}", outcome.place, outcome.image, outcome.expected, outcome.got));
        }
    }
    lines.join("\n")
}

#[test]
fn tests_of_a_policy_tell_what_came_out() {
    insta::assert_snapshot!(run(TESTS, &staged()));
    let strict = policy(
        "version: 1\nfamilies:\n  - {name: web, match: {name: \"web-*\"}, keep: {newest: 0}, retire: [deregister]}\n",
    );
    let failed = run(TESTS, &strict);
    assert_eq!(failed.lines().filter(|line| line.starts_with("FAILED")).count(), 4, "{failed}");
}

#[test]
fn errors_in_tests_come_at_once_with_their_places() {
    let text = r#"now: tomorrow
tests:
  - name: one
    images:
      - { name: web-1, age: old, sate: available, region: us-east, used_by: [] }
      - { age: 3d }
    expect: { web-2: keep, web-1: { verdict: kept, because: youth } }
  - name: two
    expect: {}
  - { name: three, inventory: a.json, images: [], expect: [keep] }
  - name: four
    now: 2026-11-21T09:30:00Z
    unread: [instance]
    images: [ { name: web-1, age: 3d, tags: { a: 1 } } ]
    expect: { web-l: keep }
  - name: five
    now: 2026-11-21T09:30:00Z
    images: [ { id: ami-a, name: web-1, age: 3d }, { id: ami-a, name: web-2, age: 3d } ]
    expect: { ami-a: keep }
"#;
    insta::assert_snapshot!(PolicyTests::parse(text, "tests.yaml").unwrap_err());
}

#[test]
fn an_inventory_file_is_left_to_whoever_reads_files() {
    let text = "tests:\n  - {name: one, inventory: inv.json, expect: {web-1: keep, gone: keep, twice: keep}}\n";
    let tests = PolicyTests::parse(text, "t").unwrap();
    assert!(matches!(&tests.tests[0].world, TestWorld::File(path) if path == "inv.json"));
    let images = [image("ami-a", "web-1", 1), image("ami-b", "twice", 1), image("ami-c", "twice", 1)];
    let outcomes = tests.run(&tests.tests[0], &staged(), &inventory_of([in_scope(images, [])]));
    let got: Vec<(&str, bool)> = outcomes.iter().map(|outcome| (outcome.got.as_str(), outcome.passed)).collect();
    assert!(got[0].1 && got[0].0.starts_with("keep in web: young"), "{got:?}");
    assert_eq!(got[1..], [("no such image", false), ("several images of this name: give an id", false)]);
}

#[test]
fn a_difference_is_a_changed_decision_or_family() {
    let old = policy(
        "version: 1\nfamilies:\n  - {name: web, match: {name: \"web-*\"}, keep: {newest: 1, younger_than: 30d}, retire: [deregister]}\n",
    );
    let new = policy(
        "version: 1\nfamilies:\n  - {name: old, match: {name: \"web-1\"}, keep: {newest: 1}, retire: [disable]}\n  - {name: web, match: {name: \"web-*\"}, keep: {newest: 2}, retire: [disable]}\n",
    );
    let images = [
        image("ami-a", "web-1", 400),
        image("ami-b", "web-2", 300),
        image("ami-c", "web-3", 200),
        image("ami-d", "web-4", 10),
    ];
    let inventory = inventory_of([in_scope(images, [])]);
    let told = |changes: Vec<VerdictChange>| -> Vec<String> {
        let one = |change: &VerdictChange| {
            let family = |family: &Option<std::sync::Arc<str>>| family.as_deref().unwrap_or("-").to_owned();
            let id = &inventory.scopes[0].images[change.new.image as usize].id;
            let (old, new) = (&change.old, &change.new);
            format!("{id} {:?} {} -> {:?} {}", old.decision, family(&old.family), new.decision, family(&new.family))
        };
        changes.iter().map(one).collect()
    };
    let now = Moment::from_secs(NOW);
    insta::assert_snapshot!(told(diff(&old, &new, &inventory, now)).join("\n"), @r"
    ami-a Retire(Deregister) web -> Keep old
    ami-b Retire(Deregister) web -> Retire(Disable) web
    ami-c Retire(Deregister) web -> Keep web
    ");
    assert_eq!(diff(&old, &old, &inventory, now), []);
}

/// A forecast in lines: day, image, what.
fn lines(inventory: &Inventory, forecast: &Forecast) -> Vec<String> {
    let line = |event: &amictl_policy::ForecastEvent| {
        let day = event.at.seconds_since(forecast.from) / 86_400;
        let id = &inventory.scopes[event.scope as usize].images[event.image as usize].id;
        let sources: Vec<&str> = event.depends_on.iter().map(|source| source.as_str()).collect();
        format!("day {day}: {id} {} {}", event.reached.as_str(), sources.join(", ")).trim_end().to_owned()
    };
    forecast.events.iter().map(line).collect()
}

#[test]
fn a_forecast_goes_through_the_stages_day_by_day() {
    let mut half_way = image("ami-d", "web-4", 300);
    half_way.state = ImageState::Disabled;
    half_way.launch_permissions = LaunchPermissions::Unread;
    half_way.tags = Tags::from_iter([
        ("amictl:stage", "disable"),
        ("amictl:since", "2026-11-16T09:30:00Z"),
        ("amictl:policy", "web"),
        ("app", "web"),
    ]);
    let images = [image("ami-a", "web-1", 300), image("ami-b", "web-2", 25), image("ami-c", "web-3", 300), half_way];
    let inventory = inventory_of([in_scope(images, [instance("ami-c", "i-1")])]);
    let forecast = forecast(&staged(), &inventory, Moment::from_secs(NOW), 20);
    insta::assert_snapshot!(lines(&inventory, &forecast).join("\n"), @r"
    day 0: ami-a marked
    day 2: ami-a deprecate
    day 2: ami-d deregister launch_permissions
    day 5: ami-b marked
    day 7: ami-b deprecate
    day 9: ami-a disable
    day 14: ami-b disable
    day 16: ami-a deregister
    ");
    assert_eq!((forecast.refused.len(), forecast.blocked), (0, 0));
    // The inventory itself is as it was.
    assert_eq!(inventory.scopes[0].images[0].tags, Tags::default());
}

#[test]
fn a_forecast_keeps_to_windows_and_tells_of_caps_and_of_what_is_blocked() {
    let policy = policy(
        "version: 1\nlimits: {max_actions: 1}\nwindows: [{days: mon, hours: \"12:00-13:00\"}]\nfamilies:\n  - {name: web, match: {name: \"web-*\"}, keep: {younger_than: 30d}, retire: [disable]}\n",
    );
    let images = [image("ami-a", "web-1", 300), image("ami-b", "web-2", 300)];
    let mut inventory = inventory_of([in_scope(images, [])]);
    let from = Moment::from_secs(NOW);
    let whole = forecast(&policy, &inventory, from, 5);
    // The first Monday after that Saturday, when the window opens.
    let monday: Moment = "2026-11-23T12:00:00Z".parse().unwrap();
    assert_eq!(whole.events.iter().map(|event| event.at).collect::<Vec<_>>(), [monday, monday]);
    assert_eq!(whole.events[0].reached, Reached::Stage(Stage::Disable));
    assert_eq!(whole.refused.iter().map(|day| (day.at, day.retired, day.images)).collect::<Vec<_>>(), [(monday, 2, 2)]);
    assert!(forecast(&policy, &inventory, from, 2).events.is_empty());
    inventory.scopes[0].coverage.retain(|coverage| coverage.source != Source::Instances);
    let blind = forecast(&policy, &inventory, from, 5);
    assert_eq!((blind.events.len(), blind.blocked), (0, 2));
}

#[test]
fn an_ancestor_goes_with_what_was_made_from_it() {
    let policy = policy(
        "version: 1\nlimits: {max_percent: 100}\nreferences: {ancestors: keep}\nfamilies:\n  - {name: web, match: {name: \"*\"}, keep: {younger_than: 30d}, retire: [deregister]}\n",
    );
    let mut copy = image("ami-b", "copy", 25);
    copy.source_image = Some("ami-a".into());
    let inventory = inventory_of([in_scope([image("ami-a", "base", 300), copy], [])]);
    let forecast = forecast(&policy, &inventory, Moment::from_secs(NOW), 10);
    insta::assert_snapshot!(lines(&inventory, &forecast).join("\n"), @r"
    day 5: ami-a deregister
    day 5: ami-b deregister
    ");
}
