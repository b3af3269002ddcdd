//! Snapshots and volumes that are left over: what uses them, what keeps them, and what is not known.

use amictl_model::{
    BinnedImage, BinnedSnapshot, Coverage, CoverageStatus, Grantee, Inventory, Moment, ScopeInventory, Snapshot,
    SnapshotPermissions, SnapshotState, SnapshotUse, Source, Storage, Volume,
};
use amictl_policy::{Leftover, Policy, SnapshotVerdict, judge_snapshots, judge_volumes, needs_snapshot_permissions};
use amictl_testkit::{NOW, image, in_scope, inventory_of, snapshot};

const LEFT: &str = "snap-00000001";
const GONE: &str = "ami-99999999";
const DAY: i64 = 86_400;

fn covered(source: Source, status: CoverageStatus) -> Coverage {
    Coverage { source, status, detail: "".into(), items: 0, calls: 1, read_at: Moment::from_secs(NOW) }
}

/// A snapshot that CreateImage made for an image that is gone, with everything read and nothing that uses it.
fn left_over() -> ScopeInventory {
    let mut scope = in_scope([image("ami-0000000a", "web-1", 10)], []);
    scope.snapshots.push(Snapshot { description: Some(made_for(GONE)), ..snapshot(LEFT) });
    scope.snapshots.sort_by(|a, b| a.id.cmp(&b.id));
    let mut storage = Storage::default();
    storage.permissions.push(SnapshotPermissions { snapshot: id(LEFT), grantees: Vec::new(), error: None });
    storage.coverage = Source::STORAGE.iter().map(|source| covered(*source, CoverageStatus::Complete)).collect();
    scope.storage = Some(Box::new(storage));
    scope
}

fn made_for(image: &str) -> Box<str> {
    format!("Created by CreateImage(i-0123456789abcdef0) for {image}").into()
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn storage(scope: &mut ScopeInventory) -> &mut Storage {
    scope.storage.as_mut().unwrap()
}

fn the_snapshot(scope: &mut ScopeInventory) -> &mut Snapshot {
    scope.snapshots.iter_mut().find(|snapshot| snapshot.id.as_str() == LEFT).unwrap()
}

fn verdict<'a>(policy: &Policy, inventory: &'a Inventory) -> SnapshotVerdict<'a> {
    let mut verdicts = judge_snapshots(policy, inventory, Moment::from_secs(NOW));
    assert_eq!(verdicts.len(), inventory.scopes.iter().map(|scope| scope.snapshots.len()).sum::<usize>());
    verdicts.retain(|verdict| verdict.snapshot.id.as_str() == LEFT);
    verdicts.remove(0)
}

fn volume(snapshot: Option<&str>) -> Volume {
    Volume {
        id: "vol-00000001".into(),
        state: "available".into(),
        snapshot: snapshot.map(id),
        size_gib: 8,
        volume_type: "gp3".into(),
        created_at: Some(Moment::from_secs(NOW - 3 * DAY)),
        attached_to: Vec::new(),
        managed: false,
        tags: Default::default(),
    }
}

#[test]
fn a_snapshot_whose_image_is_gone_and_that_nothing_has_is_left_over() {
    let inventory = inventory_of([left_over()]);
    let verdict = verdict(&Policy::built_in(), &inventory);
    assert_eq!(verdict.standing, Leftover::Orphan);
    assert_eq!(verdict.because, "CreateImage made it for image ami-99999999, which is gone");
    let used = &judge_snapshots(&Policy::built_in(), &inventory, Moment::from_secs(NOW))[1];
    assert_eq!((used.standing, used.images.len()), (Leftover::Used, 1));
    assert_eq!(used.because, "image ami-0000000a (available) uses it");
}

type Change = fn(&mut ScopeInventory);

/// What each change makes of it, and a word of the reason.
const CHANGES: &[(Change, Leftover, &str)] = &[
    (|scope| storage(scope).volumes.push(volume(Some(LEFT))), Leftover::Used, "vol-00000001"),
    (
        |scope| {
            let resource = "lt-0123456789abcdef0:3".into();
            scope.snapshot_uses.push(SnapshotUse { snapshot: id(LEFT), source: Source::LaunchTemplates, resource });
        },
        Leftover::Used,
        "lt-0123456789abcdef0:3 names it",
    ),
    (
        |scope| {
            let binned = BinnedImage { id: id(GONE), name: "old".into(), entered_at: None, leaves_at: None };
            storage(scope).binned.push(binned);
        },
        Leftover::Used,
        "Recycle Bin",
    ),
    (
        |scope| {
            let copy =
                "Copied for DestinationAmi ami-88888888 from SourceAmi ami-99999999 for SourceSnapshot snap-00000001.";
            let state = SnapshotState::Pending;
            scope.snapshots.push(Snapshot { state, description: Some(copy.into()), ..snapshot("snap-f0000000") });
        },
        Leftover::Used,
        "being copied",
    ),
    (|scope| the_snapshot(scope).state = SnapshotState::Pending, Leftover::LeftAlone, "still being made"),
    (
        |scope| the_snapshot(scope).tags = [("amictl:keep", "yes")].into_iter().collect(),
        Leftover::LeftAlone,
        "the policy protects",
    ),
    (
        |scope| the_snapshot(scope).tags = [("aws:backup:source-resource", "x")].into_iter().collect(),
        Leftover::LeftAlone,
        "AWS Backup",
    ),
    (
        |scope| the_snapshot(scope).tags = [("aws:dlm:lifecycle-policy-id", "x")].into_iter().collect(),
        Leftover::LeftAlone,
        "Data Lifecycle Manager",
    ),
    (|scope| storage(scope).locked.push(id(LEFT)), Leftover::LeftAlone, "locked"),
    (|scope| storage(scope).fast_restored.push(id(LEFT)), Leftover::LeftAlone, "fast restore"),
    (
        |scope| storage(scope).permissions[0].grantees = vec![Grantee::Group("all".into())],
        Leftover::LeftAlone,
        "shared with group all",
    ),
    (|scope| storage(scope).permissions[0].error = Some("denied".into()), Leftover::Unknown, "denied"),
    (
        |scope| {
            let binned = BinnedImage { id: id("ami-77777777"), name: "old".into(), entered_at: None, leaves_at: None };
            storage(scope).binned.push(binned);
        },
        Leftover::Unknown,
        "ami-77777777 in the Recycle Bin",
    ),
    (|scope| scope.storage = None, Leftover::Unknown, "volumes were never read"),
    (|scope| the_snapshot(scope).description = None, Leftover::Standalone, "nothing says"),
    (
        |scope| the_snapshot(scope).description = Some(made_for("ami-0000000a")),
        Leftover::Standalone,
        "ami-0000000a, which is still there",
    ),
];

#[test]
fn whatever_may_need_it_keeps_it() {
    for (change, standing, because) in CHANGES {
        let mut scope = left_over();
        change(&mut scope);
        scope.sort();
        let inventory = inventory_of([scope]);
        let verdict = verdict(&Policy::built_in(), &inventory);
        assert_eq!(verdict.standing, *standing, "{because}: {}", verdict.because);
        assert!(verdict.because.contains(because), "{because}: {}", verdict.because);
    }
}

#[test]
fn an_image_in_the_bin_whose_snapshot_is_there_too_keeps_no_other() {
    let mut scope = left_over();
    let binned = BinnedImage { id: id("ami-77777777"), name: "old".into(), entered_at: None, leaves_at: None };
    storage(&mut scope).binned.push(binned);
    let description = Some(made_for("ami-77777777"));
    let snapshot = BinnedSnapshot { id: id("snap-77777777"), description, leaves_at: None };
    storage(&mut scope).binned_snapshots.push(snapshot);
    assert_eq!(verdict(&Policy::built_in(), &inventory_of([scope])).standing, Leftover::Orphan);
}

#[test]
fn a_place_that_was_not_read_whole_may_use_it() {
    let sources = [Source::Images, Source::Snapshots, Source::LaunchTemplates, Source::LaunchConfigurations];
    let listed = Source::STORAGE.iter().filter(|source| **source != Source::SnapshotPermissions);
    for source in sources.iter().chain(listed) {
        for status in [CoverageStatus::Denied, CoverageStatus::Failed, CoverageStatus::Skipped] {
            let mut scope = left_over();
            let all = scope.coverage.iter_mut().chain(&mut scope.storage.as_mut().unwrap().coverage);
            for coverage in all.filter(|coverage| coverage.source == *source) {
                coverage.status = status;
            }
            let inventory = inventory_of([scope]);
            let verdict = verdict(&Policy::built_in(), &inventory);
            assert_eq!(verdict.standing, Leftover::Unknown, "{source}");
            assert!(verdict.because.contains(source.as_str()), "{source}: {}", verdict.because);
        }
    }
}

#[test]
fn who_else_may_use_it_is_asked_only_of_those_that_nothing_else_keeps() {
    let mut scope = left_over();
    storage(&mut scope).permissions.clear();
    let mut used = left_over();
    storage(&mut used).permissions.clear();
    storage(&mut used).volumes.push(volume(Some(LEFT)));
    used.scope.region = id("eu-west-1");
    let inventory = inventory_of([used, scope]);
    let verdicts = judge_snapshots(&Policy::built_in(), &inventory, Moment::from_secs(NOW));
    assert_eq!(needs_snapshot_permissions(&verdicts), [(1, vec![id(LEFT)])]);
}

type Alter = fn(&mut Volume);

/// A volume of some kind, what it is, and a word of the reason.
const VOLUMES: &[(Alter, Leftover, &str)] = &[
    (|_| {}, Leftover::Orphan, "ami-99999999, which is gone"),
    (|volume| volume.snapshot = Some(id("snap-0000000a")), Leftover::Orphan, "of image ami-0000000a"),
    (|volume| volume.attached_to = vec!["i-12345678".into()], Leftover::Used, "i-12345678"),
    (|volume| volume.state = "creating".into(), Leftover::LeftAlone, "creating"),
    (|volume| volume.managed = true, Leftover::LeftAlone, "another service"),
    (|volume| volume.tags = [("amictl:keep", "")].into_iter().collect(), Leftover::LeftAlone, "protects"),
    (
        |volume| volume.tags = [("kubernetes.io/created-for/pv/name", "data")].into_iter().collect(),
        Leftover::LeftAlone,
        "Kubernetes",
    ),
    (|volume| volume.created_at = Some(Moment::from_secs(NOW - DAY + 1)), Leftover::LeftAlone, "less than a day"),
    (|volume| volume.created_at = None, Leftover::LeftAlone, "age is unknown"),
    (|volume| volume.snapshot = None, Leftover::Standalone, "not made from a snapshot"),
    (|volume| volume.snapshot = Some(id("snap-55555555")), Leftover::Standalone, "snap-55555555 is gone"),
    (|volume| volume.snapshot = Some(id("snap-0000000b")), Leftover::Standalone, "of no image"),
];

#[test]
fn volumes_are_left_over_when_an_image_made_them_and_nothing_has_them() {
    for (change, standing, because) in VOLUMES {
        let mut scope = left_over();
        scope.snapshots.push(snapshot("snap-0000000b"));
        let mut of_image = volume(Some(LEFT));
        change(&mut of_image);
        storage(&mut scope).volumes.push(of_image);
        scope.sort();
        let inventory = inventory_of([scope]);
        let verdicts = judge_volumes(&Policy::built_in(), &inventory, Moment::from_secs(NOW));
        let [verdict] = &verdicts[..] else { panic!("{verdicts:?}") };
        assert_eq!(verdict.standing, *standing, "{because}: {}", verdict.because);
        assert!(verdict.because.contains(because), "{because}: {}", verdict.because);
    }
}

#[test]
fn a_volume_is_not_left_over_where_images_were_not_read_whole() {
    let mut scope = left_over();
    storage(&mut scope).volumes.push(volume(Some(LEFT)));
    let images = scope.coverage.iter_mut().find(|coverage| coverage.source == Source::Images).unwrap();
    images.status = CoverageStatus::Denied;
    let inventory = inventory_of([scope]);
    let verdicts = judge_volumes(&Policy::built_in(), &inventory, Moment::from_secs(NOW));
    assert_eq!(verdicts[0].standing, Leftover::Unknown);
}
