//! Snapshots: what uses each, and which are left over.

use std::collections::{HashMap, HashSet};

use amictl_model::{
    BinnedImage, Image, ImageId, Inventory, Moment, ScopeInventory, Snapshot, SnapshotId, Source, Storage, Volume,
};
use compact_str::{CompactString, format_compact};

use super::{Leftover, Origin, snapshot_left_alone, unread};
use crate::policy::Policy;

/// What one snapshot is.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotVerdict<'a> {
    /// Index into `Inventory::scopes`.
    pub scope: usize,
    /// The snapshot.
    pub snapshot: &'a Snapshot,
    /// What it is.
    pub standing: Leftover,
    /// Why, as a fragment for a person.
    pub because: CompactString,
    /// The images that use it, in the Recycle Bin too.
    pub images: Vec<&'a ImageId>,
    /// The volumes that were made from it.
    pub volumes: Vec<&'a str>,
    /// The image that it was made for.
    pub origin: Option<ImageId>,
    /// Whether all that stands against its being an orphan is that nobody asked who else may use it.
    pub needs_permissions: bool,
}

/// What must be read whole before a snapshot can be an orphan: each may know a use of it.
const NEEDED: [Source; 8] = [
    Source::Images,
    Source::Snapshots,
    Source::LaunchTemplates,
    Source::LaunchConfigurations,
    Source::Volumes,
    Source::RecycleBin,
    Source::SnapshotLocks,
    Source::FastSnapshotRestores,
];

/// What every snapshot of the inventory is, in the inventory's order.
#[must_use]
pub fn judge_snapshots<'a>(policy: &Policy, inventory: &'a Inventory, now: Moment) -> Vec<SnapshotVerdict<'a>> {
    let everywhere = Everywhere::of(inventory);
    let scopes = inventory.scopes.iter().enumerate();
    scopes
        .flat_map(|(at, scope)| {
            let users = Users::of(scope, now);
            let judge = |snapshot| verdict(policy, scope, &users, &everywhere, snapshot, at);
            scope.snapshots.iter().map(judge).collect::<Vec<_>>()
        })
        .collect()
}

/// The snapshots to ask who else may use them, as `(index of the scope, snapshots)`.
#[must_use]
pub fn needs_snapshot_permissions(verdicts: &[SnapshotVerdict<'_>]) -> Vec<(usize, Vec<SnapshotId>)> {
    let mut needs: Vec<(usize, Vec<SnapshotId>)> = Vec::new();
    for verdict in verdicts.iter().filter(|verdict| verdict.needs_permissions) {
        let id = verdict.snapshot.id.clone();
        match needs.last_mut() {
            Some((scope, snapshots)) if *scope == verdict.scope => snapshots.push(id),
            _ => needs.push((verdict.scope, vec![id])),
        }
    }
    needs
}

/// What matters to the snapshots of all accounts and Regions.
struct Everywhere<'a> {
    images: HashSet<&'a ImageId>,
    /// Snapshots that are being copied now.
    being_copied: HashSet<SnapshotId>,
}

impl<'a> Everywhere<'a> {
    fn of(inventory: &'a Inventory) -> Self {
        let images = inventory.scopes.iter().flat_map(|scope| &scope.images).map(|image| &image.id).collect();
        let pending = inventory
            .scopes
            .iter()
            .flat_map(|scope| &scope.snapshots)
            .filter(|snapshot| snapshot.state == amictl_model::SnapshotState::Pending);
        let being_copied = pending.filter_map(|snapshot| origin(snapshot)?.copied_from).collect();
        Self { images, being_copied }
    }
}

fn origin(snapshot: &Snapshot) -> Option<Origin> {
    Origin::of(snapshot.description.as_deref()?)
}

/// Who uses the snapshots of one account and Region.
struct Users<'a> {
    images: HashMap<&'a SnapshotId, Vec<&'a Image>>,
    volumes: HashMap<&'a SnapshotId, Vec<&'a Volume>>,
    storage: Option<&'a Storage>,
    /// Images in the Recycle Bin of which no snapshot is known.
    mute: Vec<&'a BinnedImage>,
    /// What could not be read, in words.
    unread: Option<CompactString>,
    now: Moment,
}

impl<'a> Users<'a> {
    fn of(scope: &'a ScopeInventory, now: Moment) -> Self {
        let mut images: HashMap<&SnapshotId, Vec<&Image>> = HashMap::new();
        for image in &scope.images {
            for snapshot in image.snapshots() {
                images.entry(snapshot).or_default().push(image);
            }
        }
        let storage = scope.storage.as_deref();
        let mut volumes: HashMap<&SnapshotId, Vec<&Volume>> = HashMap::new();
        for volume in storage.iter().flat_map(|storage| &storage.volumes) {
            if let Some(snapshot) = &volume.snapshot {
                volumes.entry(snapshot).or_default().push(volume);
            }
        }
        Self { images, volumes, storage, mute: mute(scope, storage), unread: unread(scope, &NEEDED), now }
    }
}

/// The images in the Recycle Bin that no snapshot was made for, as far as can be seen: any snapshot may be theirs.
fn mute<'a>(scope: &ScopeInventory, storage: Option<&'a Storage>) -> Vec<&'a BinnedImage> {
    let Some(storage) = storage else { return Vec::new() };
    if storage.binned.is_empty() {
        return Vec::new();
    }
    let there = scope.snapshots.iter().filter_map(|snapshot| snapshot.description.as_deref());
    let binned = storage.binned_snapshots.iter().filter_map(|snapshot| snapshot.description.as_deref());
    let known: HashSet<ImageId> = there.chain(binned).filter_map(Origin::of).map(|origin| origin.image).collect();
    storage.binned.iter().filter(|image| !known.contains(&image.id)).collect()
}

fn verdict<'a>(
    policy: &Policy,
    scope: &'a ScopeInventory,
    users: &Users<'a>,
    everywhere: &Everywhere<'_>,
    snapshot: &'a Snapshot,
    at: usize,
) -> SnapshotVerdict<'a> {
    let id = &snapshot.id;
    let origin = origin(snapshot);
    let using: &[&Image] = users.images.get(id).map_or(&[], Vec::as_slice);
    let made: &[&Volume] = users.volumes.get(id).map_or(&[], Vec::as_slice);
    let binned = users.storage.iter().flat_map(|storage| &storage.binned);
    let in_bin = binned.into_iter().find(|image| origin.as_ref().is_some_and(|origin| origin.image == image.id));
    let mut images: Vec<&ImageId> = using.iter().map(|image| &image.id).collect();
    images.extend(in_bin.map(|image| &image.id));
    let (standing, because) = if let Some(image) = using.first() {
        let (id, state) = (&image.id, image.state.as_str());
        (Leftover::Used, format_compact!("image {id} ({state}) uses it"))
    } else if let Some(image) = in_bin {
        let until = image.leaves_at.map(|at| format!(" until {at}")).unwrap_or_default();
        (
            Leftover::Used,
            format_compact!("image {} was made with it, and can be restored from the Recycle Bin{until}", image.id),
        )
    } else if let Some(used) = scope.snapshot_uses_of(id).first() {
        (Leftover::Used, format_compact!("{} names it ({})", used.resource, used.source))
    } else if let Some(volume) = made.first() {
        (Leftover::Used, format_compact!("volume {} ({}) was made from it", volume.id, volume.state))
    } else if everywhere.being_copied.contains(id) {
        (Leftover::Used, CompactString::const_new("it is being copied"))
    } else if let Some(because) = left_alone(policy, scope, users, snapshot) {
        (Leftover::LeftAlone, because)
    } else {
        unused(users, everywhere, snapshot, origin.as_ref())
    };
    let needs_permissions = standing == Leftover::Unknown && because == NOT_ASKED;
    SnapshotVerdict {
        scope: at,
        snapshot,
        standing,
        because,
        images,
        volumes: made.iter().map(|volume| volume.id.as_str()).collect(),
        origin: origin.map(|origin| origin.image),
        needs_permissions,
    }
}

fn left_alone(
    policy: &Policy,
    scope: &ScopeInventory,
    users: &Users<'_>,
    snapshot: &Snapshot,
) -> Option<CompactString> {
    if let Some(because) = snapshot_left_alone(policy, &scope.scope, snapshot, users.now) {
        return Some(because);
    }
    let storage = users.storage?;
    if storage.locked.binary_search(&snapshot.id).is_ok() {
        return Some(CompactString::const_new("locked"));
    }
    if storage.fast_restored.binary_search(&snapshot.id).is_ok() {
        return Some(CompactString::const_new("kept ready for fast restore"));
    }
    let permissions = storage.permissions_of(&snapshot.id)?;
    let grantee = permissions.grantees.first()?;
    Some(match permissions.grantees.len() {
        1 => format_compact!("shared with {grantee}"),
        count => format_compact!("shared with {grantee} and {} more", count - 1),
    })
}

const NOT_ASKED: &str = "nobody asked who else may use it";

/// A snapshot that nothing seems to use.
fn unused(
    users: &Users<'_>,
    everywhere: &Everywhere<'_>,
    snapshot: &Snapshot,
    origin: Option<&Origin>,
) -> (Leftover, CompactString) {
    let Some(origin) = origin else {
        return (Leftover::Standalone, CompactString::const_new("nothing says that it was made for an image"));
    };
    let image = &origin.image;
    if everywhere.images.contains(image) {
        let because = format_compact!("{} made it for image {image}, which is still there", origin.operation);
        return (Leftover::Standalone, because);
    }
    if let Some(unread) = &users.unread {
        return (Leftover::Unknown, unread.clone());
    }
    if let Some(mute) = users.mute.first() {
        let because =
            format_compact!("it may be of image {} in the Recycle Bin: AWS does not tell its snapshots", mute.id);
        return (Leftover::Unknown, because);
    }
    match users.storage.and_then(|storage| storage.permissions_of(&snapshot.id)) {
        None => (Leftover::Unknown, CompactString::const_new(NOT_ASKED)),
        Some(permissions) => match &permissions.error {
            Some(error) => (Leftover::Unknown, format_compact!("who else may use it could not be read: {error}")),
            None => {
                let because = format_compact!("{} made it for image {image}, which is gone", origin.operation);
                (Leftover::Orphan, because)
            }
        },
    }
}
