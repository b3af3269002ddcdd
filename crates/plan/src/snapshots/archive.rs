//! Which snapshots of a disabled image go to the archive: those that nothing but this one image uses.

use amictl_model::{Image, SnapshotState, StorageTier};
use amictl_policy::{Policy, snapshot_stays};
use compact_str::{CompactString, format_compact};

use super::{Fate, SnapshotUsers, Users};
use crate::file::{SnapshotDeletion, StepSnapshot};
use crate::price;

impl SnapshotUsers<'_> {
    /// What becomes of the snapshots of the image whose snapshots are archived; `at` is the index of the image in its scope.
    pub(crate) fn archived(&self, policy: &Policy, at: u32, image: &Image) -> Fate {
        let mut snapshots: Vec<StepSnapshot> = Vec::with_capacity(image.block_devices.len());
        let mut saved_usd = 0.0;
        for (id, number) in image.snapshots().zip(&self.of_images[self.range(at)]) {
            let users = &self.users[*number as usize];
            if snapshots.iter().any(|have| have.id == *id) {
                continue;
            }
            let stays = self.not_archived(policy, users);
            if stays.is_none()
                && let Some(snapshot) = self.scope.snapshots.get(users.snapshot as usize)
            {
                saved_usd += price::monthly_usd_archiving_upper_bound(snapshot);
            }
            snapshots.push(StepSnapshot {
                id: id.clone(),
                delete: false,
                archive: stays.is_none(),
                kept_because: stays.map(|because| because.as_str().into()),
                full_size_bytes: users.full_size_bytes,
            });
        }
        Fate {
            snapshots: snapshots.into_boxed_slice(),
            deletion: SnapshotDeletion::None,
            after: Vec::new(),
            monthly_usd_upper_bound: price::four_decimals(saved_usd),
        }
    }

    /// Why a snapshot stays in its tier. Who may create volumes of it, and what keeps it ready, is looked at when the step is taken.
    fn not_archived(&self, policy: &Policy, users: &Users) -> Option<CompactString> {
        let Some(snapshot) = self.scope.snapshots.get(users.snapshot as usize) else {
            return Some(CompactString::const_new("not among the account's snapshots"));
        };
        if snapshot.tier == StorageTier::Archive {
            return Some(CompactString::const_new("archived already"));
        }
        if let Some(because) = snapshot_stays(policy, &self.scope.scope, snapshot, self.now) {
            return Some(because);
        }
        if snapshot.state != SnapshotState::Completed {
            return Some(CompactString::const_new("only completed snapshots can be archived"));
        }
        if let Some(used) = self.scope.snapshot_uses_of(&snapshot.id).first() {
            return Some(format_compact!("{} names it ({})", used.resource, used.source));
        }
        if let Some(image) = self.scope.images.get(users.staying as usize) {
            return Some(format_compact!("image {} uses it", image.id));
        }
        users.of_several.then(|| CompactString::const_new("several images use it"))
    }
}
