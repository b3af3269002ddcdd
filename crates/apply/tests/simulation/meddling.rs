//! What others do while no process of the run is there: when the next one looks, it is long seen. So what they hold must not be archived.

use std::sync::Arc;
use std::time::Duration;

use amictl_model::{ImageId, ImageState, SnapshotId};
use amictl_plan::{Action, Plan, Step};
use amictl_sandbox::world::World;
use fastrand::Rng;

use crate::adversary::{LAG_MAX_SECS, Watched};
use crate::story::{MemoryJournal, Story, account, region};
use crate::worlds::{change_snapshot, name_in_template, name_snapshot_in_template};

#[derive(Debug, Clone, Copy)]
enum Deed {
    ShareSnapshot,
    KeepSnapshot,
    NameSnapshot,
    RegisterImage,
    KeepImage,
    NameImage,
    EnableImage,
}

const DEEDS: [Deed; 7] = [
    Deed::ShareSnapshot,
    Deed::KeepSnapshot,
    Deed::NameSnapshot,
    Deed::RegisterImage,
    Deed::KeepImage,
    Deed::NameImage,
    Deed::EnableImage,
];

/// Perhaps holds something that a step would archive, once nothing is under way any more, and until everybody has seen it.
pub(crate) async fn meddle(story: &Story, plan: &Plan, watched: &Watched, journal: &Arc<MemoryJournal>, rng: &mut Rng) {
    let replay = journal.try_replay();
    let is_open = |step: &&Step| {
        let state = replay.as_ref().ok().and_then(|replay| replay.steps.get(step.id.as_str()));
        step.action == Action::ArchiveSnapshots && state.is_none_or(|state| state.result.is_none())
    };
    let open: Vec<&Step> = plan.steps.iter().filter(is_open).collect();
    if open.is_empty() || rng.bool() {
        return;
    }
    let settled = Duration::from_secs(LAG_MAX_SECS);
    tokio::time::sleep(settled).await;
    let step = open[rng.usize(..open.len())];
    let image = step.image();
    let left: Vec<SnapshotId> = {
        let known = watched.known();
        let archived = step.snapshots.iter().filter(|snapshot| snapshot.archive);
        archived.map(|snapshot| snapshot.id.clone()).filter(|id| !known.tiers.is_archived(id)).collect()
    };
    if !left.is_empty() {
        let snapshot = &left[rng.usize(..left.len())];
        DEEDS[rng.usize(..DEEDS.len())].is_done(story, watched, image, snapshot, &left);
    }
    tokio::time::sleep(settled).await;
}

impl Deed {
    fn is_done(self, story: &Story, watched: &Watched, image: &ImageId, snapshot: &SnapshotId, left: &[SnapshotId]) {
        match self {
            Self::RegisterImage => {
                story.image_on("registered since", std::slice::from_ref(snapshot));
            }
            Self::EnableImage if !enable(story, watched, image) => return,
            _ => {}
        }
        let world: &mut World = &mut story.sandbox.world();
        let known = &mut *watched.known();
        let held: &[SnapshotId] = match self {
            Self::ShareSnapshot => {
                change_snapshot(world, snapshot, |snapshot| {
                    snapshot.more_mut().users.insert("333333333333".parse().unwrap());
                });
                std::slice::from_ref(snapshot)
            }
            Self::KeepSnapshot => {
                let hold = [("hold", "yes")].into_iter().collect();
                change_snapshot(world, snapshot, |snapshot| snapshot.tags = hold);
                std::slice::from_ref(snapshot)
            }
            Self::NameSnapshot => {
                name_snapshot_in_template(world, snapshot);
                std::slice::from_ref(snapshot)
            }
            Self::RegisterImage => std::slice::from_ref(snapshot),
            Self::KeepImage => {
                let image = world.scope_mut(account(), &region()).image_mut(image).unwrap();
                image.tags = image.tags.iter().chain([("amictl:keep", "yes")]).collect();
                left
            }
            Self::NameImage => {
                name_in_template(world, image);
                left
            }
            Self::EnableImage => left,
        };
        for snapshot in held {
            known.tiers.hold(snapshot, self.says());
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::ShareSnapshot => "somebody shared it before",
            Self::KeepSnapshot => "somebody tagged it to be kept before",
            Self::NameSnapshot => "somebody named it in a launch template before",
            Self::RegisterImage => "somebody registered another image on it before",
            Self::KeepImage => "somebody tagged its image to be kept before",
            Self::NameImage => "somebody named its image in a launch template before",
            Self::EnableImage => "somebody enabled its image before",
        }
    }
}

/// Somebody enables an image that a stage had disabled, as EC2 lets it be done while nothing of it is archived.
fn enable(story: &Story, watched: &Watched, image: &ImageId) -> bool {
    let known = &mut *watched.known();
    if known.images[image].iter().any(|snapshot| known.tiers.is_archived(snapshot)) {
        return false;
    }
    story.change(image, |image| image.state = ImageState::Available);
    known.is_enabled(image);
    true
}
