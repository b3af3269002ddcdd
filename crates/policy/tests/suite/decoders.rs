//! Whatever people write is read or refused: the plain twins of the fuzz targets of this crate in `fuzz/`.

use std::time::{Duration, Instant};

use amictl_model::Inventory;
use amictl_policy::{BUILT_IN_TEXT, Policy, fuzzing};
use amictl_testkit::{Random, image, in_scope, instance, inventory_of, mutated};
use proptest::prelude::*;

/// Files with slips for each example.
const SLIPPED: u64 = 400;
/// Any text of a policy is read or refused in less than this, without optimisation and beside other tests.
const SLOW: Duration = Duration::from_secs(20);

const POLICY: &str = r#"version: 1
references: { launch_template_versions: {newest: 3}, other_accounts: ignore, unreadable: block, not_used: [launch_configurations] }
protect:
  - tag: { keep: "[yj]*" }
  - where: { any: [{ platform: "Windows*" }, { not: { architecture: arm64, region: "eu-*" } }] }
limits: { max_actions: 10, max_percent: 20, min_images: 1, max_jump: 3, per_family: { max_actions: 5 } }
windows:
  - { days: [mon-fri], hours: "22:00-06:00", time_zone: Europe/Berlin }
families:
  - name: web
    match: { name: "web-{version}", where: { older_than: 30d, min_size_gib: 1 } }
    group_by: ["tag:env", name_family]
    version: name:version
    keep: { newest: { count: 2, in: all_regions }, younger_than: 12h, calendar: { daily: 7, monthly: 12 }, versions: ">=2, <3" }
    retire: [{ deprecate: { after: 1d } }, { disable: { after: 14d } }, { deregister: { after: 28d, snapshots: delete, require_recycle_bin: 7d } }]
  - { name: rest, match: { name: "*" }, keep: { newest: 1, channels: { parameters: "/golden/*", previous: 2 } }, retire: [deregister] }
"#;

const TESTS: &str = r#"policy: amictl.yaml
now: 2026-11-21T09:30:00Z
tests:
  - name: old images go
    images:
      - { id: ami-1, name: web-1, age: 400d, launched: 30d, tags: { env: prod }, shared_with: ["222222222222"], size_gib: 8 }
      - { name: web-2, age: 100y, used_by: [i-1], parameters: [/golden/web], platform: Windows, state: disabled }
    unread: [instances]
    expect: { ami-1: retire, web-2: { verdict: keep, because: in_use, family: web } }
"#;

const CUSTODIAN: &str = r#"policies:
  - name: old
    resource: aws.ami
    filters:
      - { type: image-age, days: 90, op: ge }
      - "tag:keep": absent
      - or: [{ type: value, key: Name, op: glob, value: "web-*" }, { Architecture: arm64 }, { not: [{ type: unused }] }]
    actions: [{ type: deregister, delete-snapshots: true }, { type: mark-for-op, op: deregister, days: 7 }]
"#;

fn inventory() -> Inventory {
    let images = [image("ami-01", "web-1.2.3", 400), image("ami-02", "web-1.2.4", 300), image("ami-03", "db [x]", 0)];
    inventory_of([in_scope(images, [instance("ami-01", "i-1")])])
}

#[test]
fn policies_with_slips() {
    let inventory = inventory();
    for text in [POLICY, BUILT_IN_TEXT] {
        assert!(Policy::parse(text, "policy.yaml").is_ok(), "slips are made in what is right");
        for seed in 0..SLIPPED {
            let bytes = mutated(text.as_bytes(), &mut Random::new(seed));
            fuzzing::policy(&String::from_utf8_lossy(&bytes), &inventory);
        }
    }
}

#[test]
fn tests_and_policies_of_other_tools_with_slips() {
    for seed in 0..SLIPPED {
        let slipped =
            |text: &str| String::from_utf8_lossy(&mutated(text.as_bytes(), &mut Random::new(seed))).into_owned();
        fuzzing::tests(&slipped(TESTS));
        fuzzing::conversion(&slipped(CUSTODIAN));
    }
}

/// Text that is short, or as long as a policy may be, and stands for much more.
#[test]
fn bombs_are_refused_soon() {
    let inventory = inventory();
    let aliases = |entries: usize| {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..entries {
            let before = format!("*a{}", level - 1);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(", ")));
        }
        text
    };
    let in_a_glob = |glob: &str| format!("version: 1\nprotect: [{{name: \"{glob}\"}}]\nfamilies: []\n");
    let globs = |glob: &str, count: usize| {
        let list = vec![format!("\"{glob}\""); count].join(", ");
        format!(
            "version: 1\nfamilies:\n  - {{name: a, match: {{where: {{name: [{list}]}}}}, keep: {{newest: 0}}, retire: [disable]}}\n"
        )
    };
    let large = 1 << 20;
    for (what, text) in [
        ("aliases of aliases", aliases(9)),
        ("an anchor within itself", "a: &a [*a]\n".to_owned()),
        ("lists in lists", "[".repeat(large)),
        ("mappings in mappings", "{a: ".repeat(large / 4)),
        ("sequences in sequences", "- ".repeat(large / 2)),
        ("selectors in selectors", format!("version: 1\nprotect: [{{where: {}}}]\n", "{not: ".repeat(1000))),
        ("a number of a million digits", format!("version: {}\n", "9".repeat(large - 20))),
        ("a key of a million characters", format!("{}: 1\n", "k".repeat(large - 20))),
        ("keys without end", (0..70_000).map(|number| format!("k{number}: 1\n")).collect()),
        ("lines without end", "\n".repeat(large)),
        ("quotes that are never closed", "\"".repeat(large - 1)),
        ("a glob of stars", in_a_glob(&"*".repeat(large / 2))),
        ("a glob of question marks", in_a_glob(&"?".repeat(large / 2))),
        ("a glob of classes", in_a_glob(&"[!a]".repeat(large / 8))),
        ("globs that may begin anywhere", globs("*a*a*a*a*a*a*a*a*a*a*b", 900)),
        ("globs of classes", globs(&"[!a]".repeat(60), 900)),
        ("a file that is too long", "x".repeat(large + 1)),
    ] {
        let begun = Instant::now();
        fuzzing::policy(&text, &inventory);
        fuzzing::conversion(&text);
        assert!(begun.elapsed() < SLOW, "{what} took {:?}", begun.elapsed());
    }
}

#[test]
fn times_at_the_limits_of_what_there_is() {
    for now in ["9999-12-30T22:00:00Z", "-009999-01-02T01:59:59Z", "0000-01-01T00:00:00Z", "1970-01-01T00:00:00Z"] {
        let mut inventory = inventory();
        inventory.created_at = now.parse().unwrap();
        fuzzing::policy(POLICY, &inventory);
        for created in ["9999-12-30T22:00:00.999Z", "-009999-01-02T01:59:59Z"] {
            inventory.scopes[0].images[0].created_at = created.parse().ok();
            fuzzing::policy(POLICY, &inventory);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn noise(noise in any::<String>(), yaml in "[-{}\\[\\]:,&*!|>'\"#%@ \na-c0-9]{0,80}") {
        let inventory = inventory();
        for text in [&noise, &yaml] {
            fuzzing::policy(text, &inventory);
            fuzzing::tests(text);
            fuzzing::conversion(text);
        }
        fuzzing::policy(&format!("version: 1\nfamilies:\n  - match: {yaml}\n"), &inventory);
    }

    #[test]
    fn globs(noise in any::<String>(), glob in "[a*?\\[\\]!^.\\\\-]{0,20}", text in any::<String>()) {
        fuzzing::glob(&noise, &text);
        fuzzing::glob(&glob, &text);
    }
}
