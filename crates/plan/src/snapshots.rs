//! What becomes of the snapshots of retired images: each goes with the last image that uses it, or stays and says why.

mod archive;

use amictl_model::{Image, Moment, ScopeInventory, Snapshot, SnapshotId};
use amictl_policy::{Policy, Reached, STAGE_TAG, SnapshotRule, Stage, snapshot_left_alone, snapshot_stays};
use compact_str::{CompactString, format_compact};

use crate::ahead::{self, AHEAD};
use crate::file::{SnapshotDeletion, StepSnapshot};
use crate::id_hash::IdFilter;
use crate::id_numbers::IdNumbers;
use crate::price;

/// An image that a step deregisters.
#[derive(Clone, Copy)]
pub(crate) struct Deregistered {
    /// The number of the step.
    pub(crate) step: u32,
    /// The index of the image in its scope.
    pub(crate) image: u32,
    /// What the policy says of its snapshots.
    pub(crate) rule: SnapshotRule,
}

/// Who uses the snapshots of the images that one scope's steps deregister.
pub(crate) struct SnapshotUsers<'a> {
    scope: &'a ScopeInventory,
    now: Moment,
    users: Vec<Users>,
    /// The number in `users` of each snapshot of each image that goes, in the order of images and devices.
    of_images: Vec<u32>,
    /// Where in `of_images` each image of the scope begins, and at last where it ends.
    starts: Vec<u32>,
    /// Pairs of steps that share a snapshot, the later first: that one must wait for the other.
    waits: Vec<(u32, u32)>,
}

/// The users of one snapshot.
#[derive(Clone, Copy)]
struct Users {
    /// Its index in the scope, `NOT_SEEN` if it is not there.
    snapshot: u32,
    /// The first image that stays and uses it, `NOT_SEEN` if none.
    staying: u32,
    /// The number of the last step that uses it; 0 before the first.
    last_step: u32,
    /// Whether several steps use it.
    of_several: bool,
    /// Whether a stage of an image that goes may have archived it.
    staged_archive: bool,
    /// Whether the policy keeps it for one of the steps.
    kept_by_policy: bool,
    /// Whether it is left alone for what it is.
    left_alone: bool,
    /// Whether a launch template or launch configuration names it.
    named: bool,
    /// `FullSnapshotSizeInBytes`.
    full_size_bytes: Option<u64>,
    monthly_usd_upper_bound: f64,
}

const NOT_SEEN: u32 = u32::MAX;

impl Default for Users {
    fn default() -> Self {
        Self {
            snapshot: NOT_SEEN,
            staying: NOT_SEEN,
            last_step: 0,
            of_several: false,
            staged_archive: false,
            kept_by_policy: false,
            left_alone: false,
            named: false,
            full_size_bytes: None,
            monthly_usd_upper_bound: 0.0,
        }
    }
}

/// Images are counted in 32 bits, and all their snapshots that fit in memory can be too.
fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(NOT_SEEN)
}

/// What becomes of one image's snapshots.
pub(crate) struct Fate {
    pub(crate) snapshots: Box<[StepSnapshot]>,
    pub(crate) deletion: SnapshotDeletion,
    /// The steps that must end first.
    pub(crate) after: Vec<CompactString>,
    pub(crate) monthly_usd_upper_bound: f64,
}

/// Why a snapshot stays, and whether AWS spares it by itself.
struct Stays {
    because: CompactString,
    spared_by_aws: bool,
}

impl<'a> SnapshotUsers<'a> {
    /// Looks at every image and snapshot of the scope once. `deregistered` is in the order of the steps.
    pub(crate) fn new(policy: &Policy, scope: &'a ScopeInventory, now: Moment, deregistered: &[Deregistered]) -> Self {
        let mut goes = vec![false; scope.images.len()];
        for image in deregistered {
            goes[image.image as usize] = true;
        }
        let starts = Vec::with_capacity(goes.len() + 1);
        let mut users = Self { scope, now, users: Vec::new(), of_images: Vec::new(), starts, waits: Vec::new() };
        let (numbers, filter) = users.number(&goes, deregistered);
        for image in deregistered {
            users.add(*image);
        }
        if !numbers.is_empty() {
            users.look_at_the_rest(policy, &goes, &numbers, &filter);
        }
        users
    }

    /// Numbers the snapshots of the images that go; in the order of the images, as they lie in memory.
    fn number(&mut self, goes: &[bool], deregistered: &[Deregistered]) -> (IdNumbers, IdFilter) {
        // Two for each image is a guess that most images keep to; where it is too few, more pass the filter in vain.
        let mut numbers = IdNumbers::with_capacity(deregistered.len() * 2);
        let mut filter = IdFilter::new(deregistered.len() * 2);
        for (images, goes) in self.scope.images.chunks(AHEAD).zip(goes.chunks(AHEAD)) {
            ahead::of_images(images.iter().zip(goes).filter(|(_, goes)| **goes).map(|(image, _)| image));
            for (image, goes) in images.iter().zip(goes) {
                self.starts.push(count(&self.of_images));
                for id in image.snapshots().filter(|_| *goes) {
                    let number = numbers.number(id, || {
                        filter.add(id);
                        self.users.push(Users::default());
                        count(&self.users) - 1
                    });
                    self.of_images.push(number);
                }
            }
        }
        self.starts.push(count(&self.of_images));
        (numbers, filter)
    }

    /// Where in `of_images` the snapshots of this image are.
    fn range(&self, image: u32) -> std::ops::Range<usize> {
        self.starts[image as usize] as usize..self.starts[image as usize + 1] as usize
    }

    /// Makes the step of an image a user of its snapshots; called in the order of the steps.
    fn add(&mut self, image: Deregistered) {
        let tags = &self.scope.images[image.image as usize].tags;
        let is_archived = tags.get(STAGE_TAG) == Some(Reached::Stage(Stage::ArchiveSnapshots).as_str());
        for number in &self.of_images[self.range(image.image)] {
            let users = &mut self.users[*number as usize];
            users.kept_by_policy |= image.rule == SnapshotRule::Keep;
            users.staged_archive |= is_archived;
            if users.last_step != 0 && users.last_step != image.step {
                users.of_several = true;
                self.waits.push((image.step, users.last_step));
            }
            users.last_step = image.step;
        }
    }

    /// Takes what is needed of each snapshot in the order of the snapshots, which is far faster than in the order of the images.
    fn look_at_the_rest(&mut self, policy: &Policy, goes: &[bool], numbers: &IdNumbers, filter: &IdFilter) {
        let number = |id: &SnapshotId| if filter.may_have(id) { numbers.get(id) } else { None };
        let stay: Vec<u32> = (0..).zip(goes).filter(|(_, goes)| !**goes).map(|(at, _)| at).collect();
        for near in stay.chunks(AHEAD) {
            ahead::of_images(near.iter().map(|at| &self.scope.images[*at as usize]));
            for at in near {
                for id in self.scope.images[*at as usize].snapshots() {
                    if let Some(users) = number(id).and_then(|number| self.users.get_mut(number as usize)) {
                        users.staying = users.staying.min(*at);
                    }
                }
            }
        }
        for used in &self.scope.snapshot_uses {
            if let Some(users) = number(&used.snapshot).and_then(|number| self.users.get_mut(number as usize)) {
                users.named = true;
            }
        }
        for (at, snapshot) in (0_u32..).zip(&self.scope.snapshots) {
            if let Some(users) = number(&snapshot.id).and_then(|number| self.users.get_mut(number as usize)) {
                users.snapshot = at;
                users.left_alone = left_alone(self.scope, policy, snapshot, self.now, users.staged_archive).is_some();
                users.full_size_bytes = snapshot.full_size_bytes;
                users.monthly_usd_upper_bound = price::monthly_usd_upper_bound(snapshot);
            }
        }
    }

    /// What becomes of the snapshots of the image that this step deregisters; `at` is the index of the image in its scope.
    pub(crate) fn fate(&self, policy: &Policy, step: u32, at: u32, image: &Image) -> Fate {
        let waits_start = self.waits.partition_point(|(later, _)| *later < step);
        let mut waits: Vec<u32> = self.waits[waits_start..]
            .iter()
            .take_while(|(later, _)| *later == step)
            .map(|(_, before)| *before)
            .collect();
        waits.sort_unstable();
        waits.dedup();
        let mut fate = Fate {
            snapshots: Box::default(),
            deletion: SnapshotDeletion::None,
            after: waits.into_iter().map(step_id).collect(),
            monthly_usd_upper_bound: 0.0,
        };
        let mut snapshots: Vec<StepSnapshot> = Vec::with_capacity(image.block_devices.len());
        let mut all_spared = true;
        for (id, number) in image.snapshots().zip(&self.of_images[self.range(at)]) {
            let users = &self.users[*number as usize];
            if snapshots.iter().any(|have| have.id == *id) {
                continue;
            }
            let stays = self.stays(policy, step, users);
            if let Some(stays) = &stays {
                all_spared &= stays.spared_by_aws;
            } else {
                fate.deletion = SnapshotDeletion::WithImage;
                fate.monthly_usd_upper_bound += users.monthly_usd_upper_bound;
            }
            snapshots.push(StepSnapshot {
                id: id.clone(),
                delete: stays.is_none(),
                archive: false,
                kept_because: stays.map(|stays| stays.because.as_str().into()),
                full_size_bytes: users.full_size_bytes,
            });
        }
        if fate.deletion == SnapshotDeletion::WithImage && !all_spared {
            fate.deletion = SnapshotDeletion::OneByOne;
        }
        fate.snapshots = snapshots.into_boxed_slice();
        fate.monthly_usd_upper_bound = price::four_decimals(fate.monthly_usd_upper_bound);
        fate
    }

    fn stays(&self, policy: &Policy, step: u32, users: &Users) -> Option<Stays> {
        let own = |because: CompactString| Some(Stays { because, spared_by_aws: false });
        if users.kept_by_policy {
            return own(CompactString::const_new("the policy keeps snapshots"));
        }
        if users.snapshot == NOT_SEEN {
            return own(CompactString::const_new("not among the account's snapshots"));
        }
        if users.left_alone {
            let snapshot = &self.scope.snapshots[users.snapshot as usize];
            return left_alone(self.scope, policy, snapshot, self.now, users.staged_archive).and_then(own);
        }
        if users.named
            && let Some(snapshot) = self.scope.snapshots.get(users.snapshot as usize)
            && let Some(used) = self.scope.snapshot_uses_of(&snapshot.id).first()
        {
            return own(format_compact!("{} names it ({})", used.resource, used.source));
        }
        if let Some(image) = self.scope.images.get(users.staying as usize) {
            return Some(Stays { because: format_compact!("image {} uses it", image.id), spared_by_aws: true });
        }
        (users.last_step != step).then(|| Stays {
            because: format_compact!("goes with step {}", step_id(users.last_step)),
            spared_by_aws: true,
        })
    }
}

/// Why a snapshot is left alone for what it is; one that a stage of its image archived is not left alone for that.
fn left_alone(
    scope: &ScopeInventory,
    policy: &Policy,
    snapshot: &Snapshot,
    now: Moment,
    staged_archive: bool,
) -> Option<CompactString> {
    let leaves_alone = if staged_archive { snapshot_stays } else { snapshot_left_alone };
    leaves_alone(policy, &scope.scope, snapshot, now)
}

/// The id of the step of this number, counted from 1.
#[must_use]
pub fn step_id(number: u32) -> CompactString {
    let mut id = CompactString::const_new("s");
    id.push_str(itoa::Buffer::new().format(number));
    id
}
