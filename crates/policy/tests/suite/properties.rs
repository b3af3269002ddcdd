//! What must hold of judging whatever the inventory.

use amictl_model::{
    CoverageStatus, DeregistrationProtection, Grantee, Image, ImageState, Inventory, LaunchPermissions, Moment,
    Reference, ScopeInventory, Source, Tags, Usage,
};
use amictl_policy::{Decision, Policy, PolicyTests, ReasonCode, Verdict, convert, judge};
use amictl_testkit::{NOW, Random, image, in_scope, instance, inventory_of, template_version};
use proptest::prelude::*;

const POLICIES: [&str; 5] = [
    "version: 1\nfamilies:\n  - name: web\n    match: {name: \"web-*\"}\n    keep: {newest: 2, younger_than: 30d, launched_within: 60d}\n    retire: [deregister]\n",
    "version: 1\nreferences: {launch_template_versions: default_and_latest}\nprotect: [{tag: {keep: \"*\"}}]\nfamilies:\n  - name: web\n    match: {name: \"web-{version}\"}\n    group_by: [\"tag:env\"]\n    keep: {newest: 1, calendar: {monthly: 2}}\n    retire: [disable]\n  - name: rest\n    match: {name: \"*\"}\n    group_by: [name_family]\n    keep: {newest: 0}\n    retire: [{deregister: {snapshots: keep}}]\n",
    "version: 1\nreferences: {other_accounts: ignore, not_used: [launch_configurations]}\nfamilies:\n  - name: all\n    match: {name: \"*\"}\n    keep: {newest: 3}\n    retire: [deregister]\n",
    "version: 1\nprotect: [{where: {architecture: arm64, deprecated: true}}]\nfamilies:\n  - name: web\n    match: {name: \"web-{version}\", where: {any: [{shared: false}, {older_than: 450d}]}}\n    keep: {newest: {count: 1, in: all_regions}}\n    retire: [deregister]\n  - name: rest\n    match: {where: {not: {tags: {env: prod}}, state: [available, disabled]}}\n    version: name\n    keep: {versions: \"^7\", channels: {parameters: \"/web/*\", previous: 1}}\n    retire: [disable]\n",
    "version: 1\nfamilies:\n  - name: all\n    match: {where: {shared: false}}\n    keep: {channels: {parameters: \"/web/*\", previous: 2}}\n    retire: [deregister]\n",
];

/// An inventory with everything that can speak for or against an image, from one seed.
fn world(seed: u64) -> Inventory {
    let mut random = Random::new(seed);
    let mut images = Vec::new();
    let mut references = Vec::new();
    for number in 0..random.below(14) {
        let id = format!("ami-{number:02}");
        let name = ["web-1", "web-2", "web-x", "db-20250101", ""][random.below(5) as usize];
        let mut image = image(&id, name, i64::try_from(random.below(500)).unwrap() - 10);
        spoil(&mut image, &mut random);
        if random.percent(20) {
            references.push(instance(&id, &format!("i-{number}")));
        }
        if random.percent(20) {
            references.push(template_version(&id, 3, u32::try_from(random.below(4)).unwrap(), random.percent(30)));
        }
        if random.percent(10) {
            let usage = Usage::Other { what: "SSM parameter".into() };
            let (image, source) = (id.parse().unwrap(), Source::SsmParameters);
            references.push(Reference { image, source, resource: "/web/stable".into(), usage });
        }
        images.push(image);
    }
    let mut first = in_scope(images, references);
    if random.percent(25) {
        let at = usize::try_from(random.below(7)).unwrap();
        first.coverage[at].status = CoverageStatus::Denied;
    }
    let mut second = in_scope([image("ami-a0", "web-1", 300), image("ami-a1", "web-2", 200)], []);
    second.scope.region = "us-west-2".parse().unwrap();
    inventory_of([first, second])
}

fn spoil(image: &mut Image, random: &mut Random) {
    match random.below(20) {
        0 => image.state = ImageState::Failed,
        1 => image.state = ImageState::Disabled,
        2 => image.created_at = None,
        3 => image.protection = DeregistrationProtection::Enabled,
        4 => image.launch_permissions = LaunchPermissions::Unread,
        5 => image.launch_permissions = LaunchPermissions::read([Grantee::Group("all".into())]),
        6 => image.tags = Tags::from_iter([("keep", "yes")]),
        7 => image.tags = Tags::from_iter([("dlm:managed", "true"), ("env", "prod")]),
        8 => image.last_launched_at = Some(Moment::from_secs(NOW - 86_400)),
        9..15 => image.tags = Tags::from_iter([("env", ["prod", "test"][random.below(2) as usize])]),
        _ => {}
    }
}

fn now() -> Moment {
    Moment::from_secs(NOW)
}

fn policy(which: usize) -> Policy {
    Policy::parse(POLICIES[which], "test").unwrap()
}

fn image_of<'a>(inventory: &'a Inventory, verdict: &Verdict) -> (&'a ScopeInventory, &'a Image) {
    let scope = &inventory.scopes[verdict.scope as usize];
    (scope, &scope.images[verdict.image as usize])
}

fn retires(verdict: &Verdict) -> bool {
    matches!(verdict.decision, Decision::Retire(_))
}

proptest! {
    #[test]
    fn every_image_has_one_verdict_with_reasons(seed: u64, which in 0..5_usize) {
        let inventory = world(seed);
        let verdicts = judge(&policy(which), &inventory, now());
        let expected: Vec<(u32, u32)> = (0..).zip(&inventory.scopes)
            .flat_map(|(scope, held)| (0..held.images.len()).map(move |image| (scope, u32::try_from(image).unwrap())))
            .collect();
        prop_assert_eq!(verdicts.iter().map(|verdict| (verdict.scope, verdict.image)).collect::<Vec<_>>(), expected);
        for verdict in &verdicts {
            prop_assert!(!verdict.reasons.is_empty());
            let unused = verdict.reasons.iter().any(|reason| reason.code == ReasonCode::Unused);
            let unreadable = verdict.reasons.iter().all(|reason| reason.code == ReasonCode::Unreadable);
            prop_assert_eq!(unused, retires(verdict));
            prop_assert_eq!(unreadable, verdict.decision == Decision::Blocked);
        }
    }

    #[test]
    fn a_referenced_image_is_never_retired(seed: u64, which in 0..5_usize) {
        let (inventory, policy) = (world(seed), policy(which));
        for verdict in judge(&policy, &inventory, now()).iter().filter(|verdict| retires(verdict)) {
            let (scope, image) = image_of(&inventory, verdict);
            let versions = policy.references.launch_template_versions;
            prop_assert!(!scope.references.iter().any(|reference| reference.image == image.id && versions.counts(reference)));
            prop_assert!(image.protection.is_disabled());
            prop_assert!(matches!(image.launch_permissions, LaunchPermissions::Read(_)));
        }
    }

    #[test]
    fn more_evidence_for_keeping_never_retires(seed: u64, which in 0..5_usize, at: prop::sample::Index, how in 0..6_u8) {
        let (inventory, policy) = (world(seed), policy(which));
        let before = judge(&policy, &inventory, now());
        let mut more = inventory.clone();
        let scope = &mut more.scopes[0];
        if !scope.images.is_empty() {
            let image = at.index(scope.images.len());
            let id = scope.images[image].id.clone();
            match how {
                0 => scope.references.push(instance(id.as_str(), "i-new")),
                1 => scope.references.push(template_version(id.as_str(), 9, 0, true)),
                2 => scope.images[image].protection = DeregistrationProtection::Other("new".into()),
                3 => scope.images[image].launch_permissions = LaunchPermissions::Unreadable("denied".into()),
                4 => scope.images[image].last_launched_at = Some(now()),
                _ => {
                    let source = Source::ALL[at.index(Source::ALL.len())];
                    scope.coverage.retain(|coverage| coverage.source != source);
                }
            }
            scope.sort();
        }
        let after = judge(&policy, &more, now());
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(!retires(after) || retires(before), "{:?} became {:?}", before, after);
        }
    }

    #[test]
    fn a_use_added_to_a_retired_image_keeps_it(seed: u64, which in 0..5_usize) {
        let (inventory, policy) = (world(seed), policy(which));
        for verdict in judge(&policy, &inventory, now()).iter().filter(|verdict| retires(verdict)) {
            let (_, image) = image_of(&inventory, verdict);
            let mut used = inventory.clone();
            let scope = &mut used.scopes[verdict.scope as usize];
            scope.references.push(Reference { ..instance(image.id.as_str(), "i-new") });
            scope.sort();
            let after = judge(&policy, &used, now());
            let kept = after.iter().find(|after| (after.scope, after.image) == (verdict.scope, verdict.image)).unwrap();
            prop_assert_eq!(kept.decision, Decision::Keep);
        }
    }

    #[test]
    fn the_order_of_lists_does_not_matter(seed: u64, which in 0..5_usize, shuffle: u64) {
        let (inventory, policy) = (world(seed), policy(which));
        let mut mixed = inventory.clone();
        let mut random = Random::new(shuffle);
        let scope = &mut mixed.scopes[0];
        for at in (1..scope.images.len()).rev() {
            scope.images.swap(at, usize::try_from(random.below(at as u64 + 1)).unwrap());
        }
        scope.references.reverse();
        let by_id = |inventory: &Inventory| {
            let mut said: Vec<_> = judge(&policy, inventory, now())
                .into_iter()
                .map(|verdict| (image_of(inventory, &verdict).1.id.clone(), verdict.scope, verdict.decision, verdict.family, verdict.reasons))
                .collect();
            said.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
            said
        };
        prop_assert_eq!(by_id(&inventory), by_id(&mixed));
    }

    /// Without limits on age and calendar, time only ever adds newer images: none here, so nothing retired comes back.
    #[test]
    fn what_is_retired_stays_retired_as_time_goes_on(seed: u64, days in 0..400_i64) {
        let (inventory, policy) = (world(seed), policy(0));
        let later = judge(&policy, &inventory, now().plus_secs(days * 86_400));
        for (before, after) in judge(&policy, &inventory, now()).iter().zip(&later) {
            prop_assert!(!retires(before) || retires(after));
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,200}") {
        let _ = Policy::parse(&text, "fuzz");
        let _ = PolicyTests::parse(&text, "fuzz");
        let _ = convert(&text, "fuzz", None);
    }

    #[test]
    fn no_edit_of_a_policy_makes_the_parser_panic(which in 0..5_usize, at: prop::sample::Index, insert in "\\PC{0,3}|[\\[\\]{}:,*&?!\"'\n -]{1,3}", cut in 0..12_usize) {
        let text = POLICIES[which];
        let mut start = at.index(text.len());
        while !text.is_char_boundary(start) { start -= 1; }
        let end = (start + cut).min(text.len());
        let edited = format!("{}{insert}{}", &text[..start], text.get(end..).unwrap_or_default());
        if let Err(errors) = Policy::parse(&edited, "fuzz") {
            prop_assert!(!errors.errors().is_empty());
            let _ = errors.render(true);
        }
    }

    #[test]
    fn name_families_are_stable(name in "[ -~]{0,60}") {
        let family = amictl_policy::name_family(&name);
        prop_assert!(family.len() <= name.len());
        prop_assert_eq!(amictl_policy::name_family(&format!("{name}-20261103")), family);
    }
}
