//! The rules beyond age and use: selectors, recipes, exceptions until a date, versions, channels, counting over Regions.

use std::sync::Arc;

use amictl_model::{
    CoverageStatus, Grantee, Image, ImageState, Inventory, LaunchPermissions, Moment, Platform, Reference,
    ScopeInventory, Source, Tags, Usage,
};
use amictl_policy::{Decision, Policy, ReasonCode, Stage, Verdict, judge, needs_launch_permissions};
use amictl_testkit::{NOW, image, in_scope, inventory_of};

const RETIRE: Decision = Decision::Retire(Stage::Deregister);
const OLD: i64 = 400;

fn now() -> Moment {
    Moment::from_secs(NOW)
}

/// A policy with this before its one family, these keys of the family, and the stage `deregister`.
fn policy(head: &str, family: &str) -> Policy {
    let text = format!("version: 1\n{head}\nfamilies:\n  - {{name: web, {family}, retire: [deregister]}}\n");
    Policy::parse(&text, "test").unwrap()
}

fn matching(matcher: &str) -> Policy {
    policy("", &format!("match: {{{matcher}}}, keep: {{newest: 0}}"))
}

fn judged(policy: &Policy, inventory: &Inventory) -> Vec<Verdict> {
    judge(policy, inventory, now())
}

fn only(policy: &Policy, image: Image) -> Verdict {
    judged(policy, &inventory_of([in_scope([image], [])])).remove(0)
}

fn said(verdict: &Verdict) -> String {
    verdict.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn web() -> Image {
    image("ami-a", "web-1", OLD)
}

fn tagged<const N: usize>(tags: [(&str, &str); N]) -> Image {
    Image { tags: Tags::from_iter(tags), ..web() }
}

#[test]
fn selectors_choose_by_what_an_image_is() {
    type Change = fn(&mut Image);
    let encrypt: Change = |image| {
        let mut devices = image.block_devices.to_vec();
        devices[0].encrypted = true;
        image.block_devices = Arc::from(devices);
    };
    let cases: [(&str, Change, bool); 36] = [
        ("state: available", |_| {}, true),
        ("state: [disabled, failed]", |_| {}, false),
        ("state: disabled", |image| image.state = ImageState::Disabled, true),
        ("older_than: 400d", |_| {}, true),
        ("older_than: 401d", |_| {}, false),
        ("younger_than: 401d", |_| {}, true),
        ("younger_than: 400d", |_| {}, false),
        ("architecture: [arm64, \"x86*\"]", |_| {}, true),
        ("architecture: arm64", |_| {}, false),
        ("platform: \"Linux*\"", |_| {}, true),
        ("platform: windows", |_| {}, false),
        (
            "platform: windows",
            |image| image.platform_details = Platform::from_wire("Windows with SQL Server Web"),
            true,
        ),
        (
            "platform: [\"SQL Server *\", \"*SQL Server Web\"]",
            |image| image.platform_details = Platform::from_wire("Windows with SQL Server Web"),
            true,
        ),
        ("platform: \"Windows\"", |image| image.platform_details = Platform::from_wire("Windows BYOL"), false),
        (
            "not: {platform: \"*\"}",
            |image| image.platform_details = Platform::from_wire("Red Hat Enterprise Linux"),
            false,
        ),
        ("region: \"us-*\"", |_| {}, true),
        ("region: [eu-west-1]", |_| {}, false),
        ("account: \"111111111111\"", |_| {}, true),
        ("account: 222222222222", |_| {}, false),
        ("public: false", |_| {}, true),
        ("shared: false", |_| {}, true),
        ("shared: true", |_| {}, false),
        ("deprecated: false", |_| {}, true),
        ("deprecated: true", |image| image.deprecation_at = Some(now()), true),
        ("encrypted: false", |_| {}, true),
        ("encrypted: true", encrypt, true),
        ("min_size_gib: 8", |_| {}, true),
        ("min_size_gib: 9", |_| {}, false),
        ("max_size_gib: 7", |_| {}, false),
        ("source: \"ami-0*\"", |image| image.source_image = Some("ami-01".into()), true),
        ("source: \"*\"", |_| {}, false),
        ("tags: {Owner: \"team-*\"}", |image| image.tags = Tags::from_iter([("Owner", "team-a")]), true),
        ("not: {tags: {Owner: \"*\"}}", |_| {}, true),
        ("name: [\"db-*\", \"web-?\"], state: available", |_| {}, true),
        ("all: [{older_than: 1d}, {not: {name: \"web-*\"}}]", |_| {}, false),
        ("any: [{older_than: 2y}, {all: [{public: false}, {region: us-east-1}]}]", |_| {}, true),
    ];
    for (selector, change, matches) in cases {
        let mut subject = web();
        change(&mut subject);
        let verdict = only(&matching(&format!("where: {{{selector}}}")), subject);
        let expected = if matches { RETIRE } else { Decision::Keep };
        assert_eq!(verdict.decision, expected, "{selector}: {}", said(&verdict));
        assert_eq!(verdict.reasons[0].code == ReasonCode::NoFamily, !matches, "{selector}");
    }
}

#[test]
fn what_a_selector_cannot_tell_blocks() {
    let unread = || Image { launch_permissions: LaunchPermissions::Unread, ..web() };
    for matcher in
        ["where: {shared: false}", "where: {not: {shared: true}}", "where: {any: [{state: disabled}, {shared: false}]}"]
    {
        let policy = matching(matcher);
        let inventory = inventory_of([in_scope([unread()], [])]);
        let verdicts = judged(&policy, &inventory);
        assert_eq!(verdicts[0].decision, Decision::Blocked, "{matcher}");
        // A scan then reads what is missing, and judges again.
        assert_eq!(needs_launch_permissions(&inventory, &verdicts).collect::<Vec<_>>(), [(0, 0)]);
        assert_eq!(only(&policy, web()).decision, RETIRE);
    }
    // An inventory of a version that did not read the platform.
    let old = || Image { platform_details: Platform::UNREAD, ..web() };
    let verdict = only(&matching("where: {platform: \"Linux*\"}"), old());
    assert_eq!(verdict.decision, Decision::Blocked);
    assert_eq!(said(&verdict), "whether family web matches it cannot be told from the inventory");
    assert_eq!(only(&matching("where: {platform: \"*\"}"), old()).decision, RETIRE);
    // What decides without the unknown part does.
    assert_eq!(only(&matching("where: {state: failed, platform: windows}"), old()).decision, Decision::Keep);
    assert_eq!(only(&matching("where: {any: [{state: available}, {platform: windows}]}"), old()).decision, RETIRE);
}

#[test]
fn a_later_family_does_not_take_what_an_earlier_one_may_have() {
    let text = "version: 1\nfamilies:\n  - {name: shared, match: {where: {shared: true}}, keep: {newest: 9}, retire: [deregister]}\n  - {name: rest, match: {name: \"*\"}, keep: {newest: 0}, retire: [deregister]}\n";
    let policy = Policy::parse(text, "test").unwrap();
    assert_eq!(only(&policy, web()).family.as_deref(), Some("rest"));
    let unread = Image { launch_permissions: LaunchPermissions::Unread, ..web() };
    let verdict = only(&policy, unread);
    assert_eq!((verdict.decision, verdict.family.as_deref()), (Decision::Blocked, None));
}

#[test]
fn protect_takes_selectors_and_blocks_where_they_cannot_tell() {
    let family = "match: {name: \"*\"}, keep: {newest: 0}";
    let protect = policy("protect: [{where: {architecture: \"x86_64\", not: {region: \"eu-*\"}}}]", family);
    let verdict = only(&protect, web());
    assert_eq!((verdict.decision, verdict.reasons[0].code), (Decision::Keep, ReasonCode::Excluded));
    assert_eq!(said(&verdict), "the policy protects what is architecture x86_64 and not (Region eu-*)");
    let arm = Image { architecture: "arm64".into(), ..web() };
    assert_eq!(only(&protect, arm).decision, RETIRE);
    let unknown = policy("protect: [{where: {platform: \"Windows*\"}}]", family);
    let verdict = only(&unknown, Image { platform_details: Platform::UNREAD, ..web() });
    assert_eq!((verdict.decision, verdict.reasons[0].code), (Decision::Blocked, ReasonCode::Unreadable));
}

#[test]
fn families_of_recipes_and_lifecycle_policies_judge_what_those_made() {
    let arn = "arn:aws:imagebuilder:us-east-1:111111111111:image/web/1.2.0/3";
    let built = || tagged([("CreatedBy", "EC2 Image Builder"), ("Ec2ImageBuilderArn", arn)]);
    let dlm = || tagged([("aws:dlm:lifecycle-policy-id", "policy-0a"), ("dlm:managed", "true")]);
    for (matcher, image, decision) in [
        ("image_builder_recipe: web", built(), RETIRE),
        ("image_builder_recipe: \"web/1.x.x\"", built(), RETIRE),
        ("image_builder_recipe: \"web/2.x.x\"", built(), Decision::Keep),
        ("name: \"*\"", built(), Decision::Keep),
        ("dlm_policy: policy-0a", dlm(), RETIRE),
        ("dlm_policy: policy-0b", dlm(), Decision::Keep),
        ("name: \"*\"", dlm(), Decision::Keep),
        // Speaking of the one says nothing of the other.
        (
            "dlm_policy: \"*\"",
            tagged([("aws:dlm:lifecycle-policy-id", "p"), ("Ec2ImageBuilderArn", arn)]),
            Decision::Keep,
        ),
        (
            "dlm_policy: \"*\"",
            tagged([("aws:dlm:lifecycle-policy-id", "p"), ("aws:backup:source-resource", "i")]),
            Decision::Keep,
        ),
    ] {
        let verdict = only(&matching(matcher), image);
        assert_eq!(verdict.decision, decision, "{matcher}: {}", said(&verdict));
    }
}

#[test]
fn an_exception_holds_until_its_date() {
    for (value, decision) in [
        ("2026-11-21", Decision::Keep),
        ("2026-11-20", RETIRE),
        ("2026-11-21T09:29:59Z", RETIRE),
        ("someday", Decision::Keep),
    ] {
        let verdict = only(&matching("name: \"*\""), tagged([("amictl:keep-until", value)]));
        assert_eq!(verdict.decision, decision, "{value}");
        assert_eq!(verdict.reasons[0].code == ReasonCode::Excluded, decision == Decision::Keep);
    }
}

#[test]
fn versions_in_a_range_stay_and_so_do_those_that_cannot_be_read() {
    let by_name = "match: {name: \"web-{version}\"}, keep: {versions: [\">=2, <3\", \"1.4.x\"]}";
    for (name, kept) in [
        ("web-2.7.1", true),
        ("web-v2", true),
        ("web-1.4.9", true),
        ("web-1.5.0", false),
        ("web-3.0.0-rc.1", false),
        ("web-2026.11.03-1a2b", false),
        ("web-1.2.3.4", true),
    ] {
        let verdict = only(&policy("", by_name), image("ami-a", name, OLD));
        assert_eq!(verdict.decision, if kept { Decision::Keep } else { RETIRE }, "{name}: {}", said(&verdict));
        assert_eq!(verdict.reasons[0].code == ReasonCode::Version, kept, "{name}");
    }
    let by_tag = "match: {name: \"web-*\"}, version: \"tag:Version\", keep: {versions: \"^2\"}";
    assert_eq!(said(&only(&policy("", by_tag), tagged([("Version", "2.3")]))), "its version 2.3 is in ^2");
    assert_eq!(only(&policy("", by_tag), tagged([("Version", "3")])).decision, RETIRE);
    assert_eq!(said(&only(&policy("", by_tag), web())), "its version cannot be told");
}

fn parameter(image: &str, name: &str) -> Reference {
    let usage = Usage::Other { what: "SSM parameter".into() };
    Reference { image: image.parse().unwrap(), source: Source::SsmParameters, resource: name.into(), usage }
}

#[test]
fn a_channel_keeps_its_image_and_so_many_before_it() {
    let images = || (0..6).map(|number| image(&format!("ami-{number}"), &format!("web-{number}"), OLD + number));
    let channels =
        policy("", "match: {name: \"web-*\"}, keep: {channels: {parameters: [\"/ami/web/*\"], previous: 2}}");
    let parameters = [parameter("ami-1", "/ami/web/stable"), parameter("ami-5", "/ami/other")];
    let verdicts = judged(&channels, &inventory_of([in_scope(images(), parameters)]));
    let codes: Vec<Vec<ReasonCode>> =
        verdicts.iter().map(|verdict| verdict.reasons.iter().map(|reason| reason.code).collect()).collect();
    let (used, channel, unused) = (ReasonCode::InUse, ReasonCode::Channel, ReasonCode::Unused);
    assert_eq!(codes, [vec![unused], vec![used, channel], vec![channel], vec![channel], vec![unused], vec![used]]);
    insta::assert_snapshot!(verdicts[1..3].iter().map(said).collect::<Vec<_>>().join("\n"), @r"
    used by SSM parameter: /ami/web/stable; a channel points to it
    among the 2 before an image that a channel points to
    ");
}

#[test]
fn a_channel_to_an_image_that_cannot_be_launched_or_placed_keeps_those_before_it() {
    let images = || (0..5).map(|number| image(&format!("ami-{number}"), &format!("web-{number}"), OLD + number));
    let policy = policy(
        "",
        "match: {name: \"web-*\", where: {shared: false}}, keep: {channels: {parameters: \"/ami/*\", previous: 1}}",
    );
    let codes = |change: fn(&mut Image)| -> Vec<ReasonCode> {
        let mut images: Vec<Image> = images().collect();
        change(&mut images[1]);
        let inventory = inventory_of([in_scope(images, [parameter("ami-1", "/ami/web")])]);
        judged(&policy, &inventory).iter().map(|verdict| verdict.reasons[0].code).collect()
    };
    let (used, channel, unused) = (ReasonCode::InUse, ReasonCode::Channel, ReasonCode::Unused);
    assert_eq!(codes(|image| image.state = ImageState::Disabled), [unused, used, channel, unused, unused]);
    let unread: fn(&mut Image) = |image| image.launch_permissions = LaunchPermissions::Unread;
    assert_eq!(codes(unread), [channel, used, channel, channel, channel]);
}

/// The account's images in three Regions: by name, with age in days.
fn regions(images: [&[(&str, i64)]; 3]) -> Inventory {
    let scopes =
        ["ap-south-1", "eu-west-1", "us-east-1"].into_iter().zip(images).enumerate().map(|(at, (region, images))| {
            let images =
                images.iter().enumerate().map(|(number, (name, age))| image(&format!("ami-{at}{number}"), name, *age));
            let mut scope = in_scope(images.collect::<Vec<_>>(), []);
            scope.scope.region = region.parse().unwrap();
            scope
        });
    inventory_of(scopes.collect::<Vec<ScopeInventory>>())
}

fn kept(policy: &Policy, inventory: &Inventory) -> Vec<String> {
    let verdicts = judged(policy, inventory);
    let kept = verdicts.iter().filter(|verdict| verdict.decision == Decision::Keep).map(|verdict| {
        let scope = &inventory.scopes[verdict.scope as usize];
        format!("{} {}: {}", scope.scope.region, scope.images[verdict.image as usize].name, said(verdict))
    });
    kept.collect()
}

#[test]
fn a_version_counts_only_where_it_is_in_all_regions() {
    let inventory = regions([
        &[("web-4", 10), ("web-3", 20), ("web-2", 30), ("web-1", 40)],
        &[("web-3", 19), ("web-2", 29), ("web-1", 39)],
        &[],
    ]);
    let all = policy("", "match: {name: \"web-{version}\"}, keep: {newest: {count: 1, in: all_regions}}");
    insta::assert_snapshot!(kept(&all, &inventory).join("\n"), @r"
    ap-south-1 web-4: not in eu-west-1, and newer than the oldest of the 1 newest that are in all Regions
    ap-south-1 web-3: number 1 of the 1 newest that are in all Regions
    eu-west-1 web-3: number 1 of the 1 newest that are in all Regions
    ");
    // us-east-1 has none, so nothing is complete and everything stays.
    let named = policy(
        "",
        "match: {name: \"web-{version}\"}, keep: {newest: {count: 1, in: [ap-south-1, eu-west-1, us-east-1]}}",
    );
    assert_eq!(kept(&named, &inventory).len(), 7);
    let two = policy("", "match: {name: \"web-{version}\"}, keep: {newest: {count: 1, in: [ap-south-1, eu-west-1]}}");
    assert_eq!(kept(&two, &inventory), kept(&all, &inventory));
}

#[test]
fn a_region_whose_images_were_not_read_has_no_version_for_sure() {
    let mut inventory = regions([&[("web-2", 30), ("web-1", 40)], &[("web-2", 30), ("web-1", 40)], &[]]);
    let all = policy("", "match: {name: \"web-{version}\"}, keep: {newest: {count: 1, in: all_regions}}");
    assert_eq!(kept(&all, &inventory).len(), 2);
    let coverage = inventory.scopes[2].coverage.iter_mut().find(|coverage| coverage.source == Source::Images);
    coverage.unwrap().status = CoverageStatus::Denied;
    assert_eq!(kept(&all, &inventory).len(), 4);
}

#[test]
fn a_region_with_an_image_that_may_be_of_the_family_has_no_version_for_sure() {
    let mut inventory = regions([&[("web-2", 30), ("web-1", 40)], &[("web-2", 30), ("web-1", 40)], &[("web-2", 30)]]);
    let family =
        "match: {name: \"web-{version}\", where: {shared: false}}, keep: {newest: {count: 1, in: all_regions}}";
    let all = policy("", family);
    assert_eq!(kept(&all, &inventory).len(), 3);
    inventory.scopes[2].images[0].launch_permissions = LaunchPermissions::Unread;
    assert_eq!(kept(&all, &inventory).len(), 4);
    assert!(!judged(&all, &inventory).iter().any(|verdict| verdict.decision == RETIRE));
}

#[test]
fn an_image_that_may_be_of_the_family_makes_no_version_newer() {
    // web-2 is as old as its first image, of which it is then not known any more whether it is of the family.
    let first = &[("web-1", 30), ("web-2", 20), ("web-2", 40)][..];
    let mut inventory = regions([first, &[("web-1", 30), ("web-2", 20)], &[]]);
    let all = policy(
        "",
        "match: {name: \"web-{version}\", where: {shared: false}}, keep: {newest: {count: 1, in: all_regions}}",
    );
    let retired = |inventory: &Inventory| -> Vec<String> {
        let retired = judged(&all, inventory).into_iter().filter(|verdict| verdict.decision == RETIRE);
        retired
            .map(|verdict| inventory.scopes[verdict.scope as usize].images[verdict.image as usize].name.to_string())
            .collect()
    };
    assert_eq!(retired(&inventory), ["web-2"; 3]);
    let oldest = inventory.scopes[0].images.iter_mut().min_by_key(|image| image.created_at).unwrap();
    oldest.launch_permissions = LaunchPermissions::Unread;
    assert!(retired(&inventory).is_empty(), "{:?}", kept(&all, &inventory));
}

#[test]
fn a_shared_image_is_no_hole_in_a_selector() {
    let shared = Image { launch_permissions: LaunchPermissions::read([Grantee::Group("all".into())]), ..web() };
    let verdict = only(&matching("where: {shared: true}"), shared);
    assert_eq!(verdict.reasons[0].code, ReasonCode::Shared);
}
