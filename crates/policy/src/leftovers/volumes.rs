//! Volumes: what uses each, and which are left over.

use std::collections::{HashMap, HashSet};

use amictl_model::{Image, ImageId, Inventory, Moment, ScopeInventory, Snapshot, SnapshotId, Source, Tags, Volume};
use compact_str::{CompactString, format_compact};

use super::protected::protected_or_managed;
use super::{Leftover, Origin, unread};
use crate::policy::Policy;

/// What one volume is.
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeVerdict<'a> {
    /// Index into `Inventory::scopes`.
    pub scope: usize,
    /// The volume.
    pub volume: &'a Volume,
    /// What it is.
    pub standing: Leftover,
    /// Why, as a fragment for a person.
    pub because: CompactString,
}

/// What must be read whole before a volume can be an orphan.
const NEEDED: [Source; 3] = [Source::Images, Source::Snapshots, Source::Volumes];

/// A volume on its way from one instance to another is attached to nothing for a while.
const YOUNG_SECS: i64 = 86_400;

/// The beginnings of tag keys by which Kubernetes' storage drivers know their volumes, attached or not.
const KUBERNETES: [&str; 3] = ["kubernetes.io/", "ebs.csi.aws.com/", "CSIVolumeName"];

/// What every volume of the inventory is, in the inventory's order; none where volumes were not read.
#[must_use]
pub fn judge_volumes<'a>(policy: &Policy, inventory: &'a Inventory, now: Moment) -> Vec<VolumeVerdict<'a>> {
    let images: HashSet<&ImageId> =
        inventory.scopes.iter().flat_map(|scope| &scope.images).map(|image| &image.id).collect();
    let judged = inventory.scopes.iter().enumerate().flat_map(|(at, scope)| {
        let mut users: HashMap<&SnapshotId, &Image> = HashMap::new();
        for image in &scope.images {
            users.extend(image.snapshots().map(|snapshot| (snapshot, image)));
        }
        let unread = unread(scope, &NEEDED);
        let volumes = scope.storage.iter().flat_map(|storage| &storage.volumes);
        let judge = |volume| {
            let told = used_or_left_alone(policy, scope, volume, now);
            let (standing, because) = told.unwrap_or_else(|| unused(scope, &users, &images, unread.as_ref(), volume));
            VolumeVerdict { scope: at, volume, standing, because }
        };
        volumes.map(judge).collect::<Vec<_>>()
    });
    judged.collect()
}

fn used_or_left_alone(
    policy: &Policy,
    scope: &ScopeInventory,
    volume: &Volume,
    now: Moment,
) -> Option<(Leftover, CompactString)> {
    let left_alone = |because| Some((Leftover::LeftAlone, because));
    if let Some(instance) = volume.attached_to.first() {
        return Some((Leftover::Used, format_compact!("attached to {instance}")));
    }
    if volume.state != "available" {
        return left_alone(format_compact!("its state is {}", volume.state));
    }
    if volume.managed {
        return left_alone(CompactString::const_new("managed by another service"));
    }
    if let Some(because) = protected_or_managed(policy, &scope.scope, &volume.tags, now) {
        return left_alone(because);
    }
    if is_of_kubernetes(&volume.tags) {
        return left_alone(CompactString::const_new("of a Kubernetes cluster, by its tags"));
    }
    match volume.created_at {
        Some(created_at) if now.seconds_since(created_at) >= YOUNG_SECS => None,
        Some(_) => left_alone(CompactString::const_new("made less than a day ago")),
        None => left_alone(CompactString::const_new("its age is unknown")),
    }
}

fn is_of_kubernetes(tags: &Tags) -> bool {
    tags.iter().any(|(key, _)| KUBERNETES.iter().any(|prefix| key.starts_with(prefix)))
}

/// A volume that is attached to nothing.
fn unused(
    scope: &ScopeInventory,
    users: &HashMap<&SnapshotId, &Image>,
    images: &HashSet<&ImageId>,
    unread: Option<&CompactString>,
    volume: &Volume,
) -> (Leftover, CompactString) {
    let standalone = |because| (Leftover::Standalone, because);
    let Some(id) = &volume.snapshot else {
        return standalone(CompactString::const_new("not made from a snapshot"));
    };
    if let Some(unread) = unread {
        return (Leftover::Unknown, unread.clone());
    }
    if let Some(image) = users.get(id) {
        let because = format_compact!("made from {id} of image {}, as launches do, and attached to nothing", image.id);
        return (Leftover::Orphan, because);
    }
    let Some(snapshot) = scope.snapshot(id) else {
        return standalone(format_compact!("{id} is gone, or another account's: whether an image had it is unknown"));
    };
    match origin(snapshot) {
        Some(origin) if !images.contains(&origin) => (
            Leftover::Orphan,
            format_compact!("made from {id} of image {origin}, which is gone, and attached to nothing"),
        ),
        _ => standalone(format_compact!("made from {id}, which is of no image")),
    }
}

fn origin(snapshot: &Snapshot) -> Option<ImageId> {
    Origin::of(snapshot.description.as_deref()?).map(|origin| origin.image)
}
