//! Sequences of calls that nobody wrote: every operation, with requests that its members make half valid, on one world.
//! What must hold whatever is called is checked after every call.

mod client;
mod known;
mod pages;
mod prepare;

use std::collections::{BTreeMap, BTreeSet};

use amictl_cloud::Service;
use amictl_model::{ImageId, Moment, SnapshotId};
use proptest::prelude::*;

use self::client::Client;
use super::{Entry, all};
use crate::world::Pace;

/// What has been seen of a world so far.
#[derive(Default)]
struct Seen {
    ids: BTreeSet<String>,
    present: BTreeSet<String>,
    /// The snapshots that an image had when it was first seen.
    snapshots: BTreeMap<ImageId, Vec<SnapshotId>>,
}

impl Seen {
    /// Checks what must hold after a call of this operation.
    fn check(&mut self, client: &Client, operation: &str) -> Result<(), TestCaseError> {
        let world = client.sandbox.world();
        let Some(scope) = world.scope(client.caller.account, &client.caller.region) else { return Ok(()) };
        let present: BTreeSet<String> = scope
            .images()
            .map(|image| image.id.to_string())
            .chain(scope.snapshots().map(|snapshot| snapshot.id.to_string()))
            .chain(scope.volumes.keys().map(ToString::to_string))
            .chain(scope.instances().map(|instance| instance.id.to_string()))
            .chain(scope.templates().map(|template| template.id.to_string()))
            .collect();
        for id in present.difference(&self.present) {
            let is_new = self.ids.insert(id.clone());
            prop_assert!(is_new || operation.starts_with("Restore"), "{operation} gave {id} a second time");
        }
        self.present = present;
        for image in scope.images() {
            let had = self.snapshots.entry(image.id.clone()).or_insert_with(|| {
                image.snapshots().filter(|snapshot| scope.snapshots.contains_key(*snapshot)).cloned().collect()
            });
            for snapshot in had {
                prop_assert!(scope.snapshots.contains_key(snapshot), "{operation} deleted {snapshot} of {}", image.id);
            }
        }
        Ok(())
    }
}

/// The operations that make what the others work on come more often than their number.
fn entry_of(number: usize) -> &'static Entry {
    const MAKERS: [&str; 12] = [
        "CreateVolume",
        "CreateSnapshot",
        "RegisterImage",
        "RunInstances",
        "CreateImage",
        "CopyImage",
        "CopySnapshot",
        "DeregisterImage",
        "DisableImage",
        "DeleteSnapshot",
        "CreateLaunchTemplate",
        "RestoreImageFromRecycleBin",
    ];
    let entries: Vec<&'static Entry> = all().filter(|entry| entry.spec.service != Service::S3).collect();
    if number.is_multiple_of(2) {
        let maker = MAKERS[number / 2 % MAKERS.len()];
        if let Some(entry) = entries.iter().find(|entry| entry.spec.name == maker) {
            return entry;
        }
    }
    entries[number / 2 % entries.len()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn any_sequence_of_calls_is_answered_and_keeps_what_must_hold(
        calls in prop::collection::vec((any::<usize>(), any::<u64>(), 0..5_u8), 1..60),
        is_slow in any::<bool>(),
    ) {
        let begin: Moment = "2026-11-21T09:00:00Z".parse().unwrap();
        let secs = if is_slow { 40 } else { 0 };
        let pace = Pace { image_secs: secs, snapshot_secs: secs, instance_secs: secs, task_secs: secs, usage_secs: secs };
        let mut client = Client::new(begin, pace);
        client.prepare();
        let mut seen = Seen::default();
        seen.check(&client, "the beginning")?;
        let mut now = begin;
        for (number, seed, hours) in calls {
            let entry = entry_of(number);
            if hours > 2 {
                now = now.plus_secs(i64::from(hours) * 1800);
                client.sandbox.clock().set(now);
            }
            if let Err((status, error)) = client.call(entry, seed) {
                prop_assert!((400..500).contains(&status), "{error}");
            }
            seen.check(&client, entry.spec.name)?;
        }
    }
}

/// The sequences are worth something only if many of their calls do something.
#[test]
fn half_valid_requests_are_often_valid() {
    let now: Moment = "2026-11-21T09:00:00Z".parse().unwrap();
    let mut client = Client::new(now, Pace::default());
    let mut succeeded = BTreeSet::new();
    for number in 0..8_000_usize {
        // What there was in the beginning is soon gone.
        if number.is_multiple_of(500) {
            client.prepare();
        }
        let entry = entry_of(number);
        if client.call(entry, number as u64 * 0x9e37_79b9).is_ok() {
            succeeded.insert(entry.spec.name);
        }
    }
    let count = all().filter(|entry| entry.spec.service != Service::S3).count();
    assert!(succeeded.len() * 3 > count * 2, "{} of {count}: {succeeded:?}", succeeded.len());
}
