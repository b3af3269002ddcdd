//! What must hold of plans whatever they are made from.

use amictl_model::{BlockDevice, Inventory, Moment, Tags};
use amictl_plan::{Plan, PlanDecision, PlanInput, SnapshotDeletion, build};
use amictl_policy::{Policy, judge};
use amictl_testkit::{InventorySpec, NOW, Random, image, in_scope, instance, inventory, inventory_of};
use proptest::prelude::*;

const POLICY: &str = "version: 1\nprotect: [{tag: {keep: \"*\"}}]\nfamilies:\n  - name: web\n    match: {name: \"web-*\"}\n    keep: {newest: 1}\n    retire: [deregister]\n  - name: db\n    match: {name: \"db-*\"}\n    keep: {newest: 0}\n    retire: [{deregister: {snapshots: keep}}]\n  - name: app\n    match: {name: \"app-*\"}\n    keep: {newest: 0}\n    retire: [disable]\n";

/// Images that share snapshots in every way.
fn world(seed: u64) -> Inventory {
    let mut random = Random::new(seed);
    let mut references = Vec::new();
    let mut images = Vec::new();
    for number in 0..random.below(12) {
        let id = format!("ami-{number:02}");
        let name = ["web-1", "db-1", "app-1", "other"][random.below(4) as usize];
        let mut image = image(&id, name, 100 + i64::try_from(random.below(9)).unwrap());
        image.block_devices = (0..random.below(4))
            .map(|device| BlockDevice {
                device_name: format!("/dev/sd{device}").into(),
                snapshot: random.percent(90).then(|| format!("snap-{}", random.below(8)).parse().unwrap()),
                size_gib: Some(8),
                encrypted: false,
            })
            .collect();
        if random.percent(20) {
            references.push(instance(&id, "i-1"));
        }
        images.push(image);
    }
    let mut scope = in_scope(images, references);
    for snapshot in &mut scope.snapshots {
        if random.percent(20) {
            snapshot.tags = Tags::from_iter([("keep", "")]);
        }
    }
    scope.snapshots.retain(|_| random.percent(90));
    inventory_of([scope])
}

fn plan_of(inventory: &Inventory) -> Plan {
    let (policy, now) = (Policy::parse(POLICY, "test").unwrap(), Moment::from_secs(NOW));
    build(PlanInput {
        policy_digest: policy.digest(),
        verdicts: judge(&policy, inventory, now),
        policy: &policy,
        inventory,
        created_at: now,
        now,
        plan_id: "p".into(),
        planned_by: None,
    })
}

fn written(plan: &Plan) -> Vec<u8> {
    let mut bytes = Vec::new();
    plan.write_to(&mut bytes).unwrap();
    bytes
}

proptest! {
    #[test]
    fn a_plan_reads_back_as_it_was_written(seed: u64) {
        let plan = plan_of(&world(seed));
        prop_assert_eq!(&plan.digest_now(), &plan.digest);
        prop_assert_eq!(Plan::read(&written(&plan)).unwrap(), plan);
    }

    #[test]
    fn steps_are_the_retired_images(seed: u64) {
        let plan = plan_of(&world(seed));
        let mut retired: Vec<_> = plan.verdicts.iter()
            .filter(|verdict| verdict.decision == PlanDecision::Retire).map(|verdict| &verdict.image_id).collect();
        let mut targets: Vec<_> = plan.steps.iter().map(amictl_plan::Step::image).collect();
        retired.sort();
        targets.sort();
        prop_assert_eq!(retired, targets);
    }

    #[test]
    fn a_snapshot_goes_at_most_once_and_never_under_a_staying_image(seed: u64) {
        let inventory = world(seed);
        let plan = plan_of(&inventory);
        let scope = &inventory.scopes[0];
        let mut gone = std::collections::HashSet::new();
        for (at, step) in plan.steps.iter().enumerate() {
            for snapshot in step.snapshots.iter().filter(|snapshot| snapshot.delete) {
                prop_assert!(gone.insert(&snapshot.id), "{} goes twice", snapshot.id);
                prop_assert!(scope.snapshot(&snapshot.id).is_some_and(|found| found.tags.is_empty()));
                for image in scope.images.iter().filter(|image| image.snapshots().any(|id| *id == snapshot.id)) {
                    let before = plan.steps[..=at].iter().any(|step| {
                        step.target == image.id && step.action == amictl_plan::Action::Deregister
                    });
                    prop_assert!(before, "{} still uses {}", image.id, snapshot.id);
                }
            }
        }
    }

    /// What `DeleteAssociatedSnapshots` would take along is what the plan says goes.
    #[test]
    fn deleting_with_the_image_takes_nothing_that_stays(seed: u64) {
        let inventory = world(seed);
        let plan = plan_of(&inventory);
        for (at, step) in plan.steps.iter().enumerate().filter(|(_, step)| step.snapshot_deletion == SnapshotDeletion::WithImage) {
            let done: Vec<_> = plan.steps[..=at].iter()
                .filter(|step| step.action == amictl_plan::Action::Deregister).map(amictl_plan::Step::image).collect();
            for snapshot in step.snapshots.iter().filter(|snapshot| !snapshot.delete) {
                let spared = inventory.scopes[0].images.iter()
                    .any(|image| !done.contains(&&image.id) && image.snapshots().any(|id| *id == snapshot.id));
                prop_assert!(spared, "{} would take {} along", step.target, snapshot.id);
            }
        }
    }

    #[test]
    fn steps_that_share_a_snapshot_are_chained(seed: u64) {
        let plan = plan_of(&world(seed));
        for (at, step) in plan.steps.iter().enumerate() {
            let shares = |other: &&amictl_plan::Step| other.snapshots.iter()
                .any(|theirs| step.snapshots.iter().any(|ours| ours.id == theirs.id));
            let last_before = plan.steps[..at].iter().rev().find(shares);
            prop_assert!(last_before.is_none_or(|before| step.after.contains(&before.id)));
        }
    }

    #[test]
    fn any_edit_changes_the_digest(seed: u64, at: prop::sample::Index, byte: u8) {
        let plan = plan_of(&world(seed));
        let mut bytes = written(&plan);
        let position = at.index(bytes.len());
        prop_assume!(bytes[position] != byte);
        let white = |byte: u8| byte.is_ascii_whitespace();
        prop_assume!(!(white(bytes[position]) && white(byte)));
        bytes[position] = byte;
        prop_assert!(Plan::read(&bytes).is_err());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Plan::read(&bytes).is_err());
    }
}

#[test]
fn a_large_plan_reads_back() {
    let now = Moment::from_secs(NOW);
    let inventory = inventory(InventorySpec { images: 3000, seed: 3, now });
    let policy = Policy::built_in();
    let plan = build(PlanInput {
        policy_digest: policy.digest(),
        verdicts: judge(&policy, &inventory, now),
        policy: &policy,
        inventory: &inventory,
        created_at: now,
        now,
        plan_id: "large".into(),
        planned_by: None,
    });
    assert!(plan.steps.len() > 300 && plan.counts().images.keep > 300);
    assert_eq!(Plan::read(&written(&plan)).unwrap(), plan);
}
