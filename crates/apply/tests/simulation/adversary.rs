//! What happens around a run: others use, tag and share images at the worst moments, and calls go wrong.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use amictl_apply::{Event, JournalCall};
use amictl_model::{Grantee, ImageId, ImageState, Moment, SnapshotId};
use amictl_plan::Plan;
use amictl_sandbox::world::{Image, World};
use amictl_sandbox::{FaultKind, FaultRule, HookPoint, Lag, Stall, Throttling, When};
use fastrand::Rng;

use crate::story::{MemoryJournal, Story, account, friend, launch_in, region};
use crate::tiers::Tiers;
use crate::worlds::{Kind, name_in_template};

/// Calls of one operation that are watched; a run of so few images makes fewer.
const CALLS_MAX: u64 = 150;
/// Changes are seen after less than the settle time.
pub(crate) const LAG_MAX_SECS: u64 = 45;

/// What is known of the world beside the world itself.
#[derive(Clone)]
pub(crate) struct Watched(Arc<Mutex<Known>>);

pub(crate) struct Known {
    /// Every image there was, with what it was made of.
    pub(crate) images: BTreeMap<ImageId, Vec<SnapshotId>>,
    /// Those that the plan is about, with their steps.
    pub(crate) planned: HashMap<ImageId, String>,
    /// What each image's launch permissions were when the plan was made, or before a stage took them.
    pub(crate) shared_before: HashMap<ImageId, BTreeSet<Grantee>>,
    /// The same with what others shared since.
    pub(crate) permissions: HashMap<ImageId, BTreeSet<Grantee>>,
    /// The images as they were when the plan was made.
    pub(crate) before: HashMap<ImageId, Image>,
    /// References that launch nothing by themselves, in the order in which they came to be.
    named: Vec<(u64, ImageId)>,
    /// Tags that say to keep an image, in the same order.
    kept: Vec<(u64, ImageId)>,
    /// When images were disabled, in the same order.
    disabled: HashMap<ImageId, u64>,
    gone: HashSet<ImageId>,
    clock: u64,
    /// Where their snapshots are.
    pub(crate) tiers: Tiers,
    /// Where the run says what it is about to do.
    journal: Arc<MemoryJournal>,
    /// What must not have happened.
    pub(crate) wrong: Vec<String>,
}

impl Watched {
    pub(crate) fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap()
    }
}

/// Watches what the calls of a run do to the images.
pub(crate) fn watch(story: &Story, plan: &Plan, images: Vec<ImageId>, journal: &Arc<MemoryJournal>) -> Watched {
    let tiers = {
        let world = story.sandbox.world();
        Tiers::of(world.scope(account(), &region()).unwrap(), plan, story.clock.now())
    };
    let mut known = Known {
        images: BTreeMap::new(),
        planned: plan.steps.iter().map(|step| (step.image().clone(), step.id.to_string())).collect(),
        shared_before: HashMap::new(),
        permissions: HashMap::new(),
        before: HashMap::new(),
        named: Vec::new(),
        kept: Vec::new(),
        disabled: HashMap::new(),
        gone: HashSet::new(),
        clock: 0,
        tiers,
        journal: Arc::clone(journal),
        wrong: Vec::new(),
    };
    {
        let world = story.sandbox.world();
        let scope = world.scope(account(), &region()).unwrap();
        for id in images {
            let image = scope.image(&id).unwrap();
            let shared = match image.state {
                ImageState::Disabled => BTreeSet::from([friend()]),
                _ => image.permissions.clone(),
            };
            known.permissions.insert(id.clone(), shared.clone());
            known.shared_before.insert(id.clone(), shared);
            known.before.insert(id.clone(), image.clone());
            known.images.insert(id, image.snapshots().cloned().collect());
        }
    }
    let already = images_in(story, ImageState::Disabled);
    known.disabled = already.into_iter().map(|image| (image, known.clock)).collect();
    let watched = Watched(Arc::new(Mutex::new(known)));
    for operation in ["DisableImage", "EnableImage", "DeregisterImage", "ModifySnapshotTier", "RestoreSnapshotTier"] {
        for nth in 1..=CALLS_MAX {
            let watched = watched.clone();
            let look = move |world: &mut World, _: &_, at: Moment| watched.known().look(world, at);
            story.sandbox.hook(HookPoint::After, operation, nth, look);
        }
    }
    watched
}

impl Known {
    /// Somebody else enabled this image, which was disabled when the plan was made; its sharing does not come back by that.
    pub(crate) fn is_enabled(&mut self, image: &ImageId) {
        self.disabled.remove(image);
        self.before.get_mut(image).unwrap().state = ImageState::Available;
        self.permissions.insert(image.clone(), BTreeSet::new());
        self.shared_before.insert(image.clone(), BTreeSet::new());
    }

    /// Looks at what has changed.
    pub(crate) fn look(&mut self, world: &World, at: Moment) {
        self.clock += 1;
        let Some(scope) = world.scope(account(), &region()) else { return };
        let ids: Vec<ImageId> = self.images.keys().cloned().collect();
        for id in ids {
            match scope.image(&id).map(|image| image.state) {
                Some(ImageState::Disabled) if !self.disabled.contains_key(&id) => {
                    self.was_intended(&id, &JournalCall::Disable);
                    self.disabled.insert(id, self.clock);
                }
                Some(ImageState::Disabled) => {}
                Some(_) if self.disabled.remove(&id).is_some() => self.was_intended(&id, &JournalCall::Enable),
                Some(_) => {}
                None if self.gone.insert(id.clone()) => self.went(world, &id, at),
                None => {}
            }
        }
        let wrong = self.tiers.look(scope, &self.journal);
        self.wrong.extend(wrong);
    }

    /// What has just happened to an image was written down before.
    fn was_intended(&mut self, id: &ImageId, call: &JournalCall) {
        let is_intent = |event: &Event, of: &str| matches!(event, Event::Intent { step, call: intended } if step == of && intended == call);
        let is_intended = |step: &String| self.journal.events().iter().any(|event| is_intent(event, step));
        if !self.planned.get(id).is_some_and(is_intended) {
            self.wrong.push(format!("{call:?} of {id} happened, and the journal did not say that it would"));
        }
    }

    /// An image has just been deregistered.
    fn went(&mut self, world: &World, id: &ImageId, at: Moment) {
        self.was_intended(id, &JournalCall::Deregister);
        let Some(disabled) = self.disabled.get(id).copied() else {
            self.wrong.push(format!("{id} was deregistered without having been disabled"));
            return;
        };
        let scope = world.scope(account(), &region()).unwrap();
        if let Some(instance) = scope.instances().find(|instance| instance.image == *id && instance.is_shown(at)) {
            self.wrong.push(format!("{id} was deregistered, and {} uses it", instance.id));
        }
        // What was there when the image was disabled is seen behind the fence.
        if self.named.iter().any(|(named, image)| image == id && *named < disabled) {
            self.wrong.push(format!("{id} was deregistered, and was named before it was disabled"));
        }
        if self.kept.iter().any(|(kept, image)| image == id && *kept < disabled) {
            self.wrong.push(format!("{id} was deregistered, and was tagged to be kept before it was disabled"));
        }
    }
}

/// The account's images in this state.
fn images_in(story: &Story, state: ImageState) -> Vec<ImageId> {
    let world = story.sandbox.world();
    let images = world.scope(account(), &region()).unwrap().images();
    images.filter(|image| image.state == state).map(|image| image.id.clone()).collect()
}

/// What somebody else does.
#[derive(Clone, Copy)]
enum Deed {
    Launch,
    NameInParameter,
    NameInTemplate,
    Keep,
    Share,
}

const DEEDS: [Deed; 5] = [Deed::Launch, Deed::NameInParameter, Deed::NameInTemplate, Deed::Keep, Deed::Share];

/// Calls around which others act.
const WATCHED: [&str; 7] = [
    "DisableImage",
    "DescribeInstances",
    "DescribeImages",
    "DescribeImageAttribute",
    "DescribeParameters",
    "DescribeLaunchTemplates",
    "DescribeLaunchTemplateVersions",
];

/// The same where snapshots are archived.
const WATCHED_OF_TIERS: [&str; 3] = ["ModifySnapshotTier", "DescribeSnapshotTierStatus", "DescribeSnapshots"];

/// Calls that go wrong.
const FAULTY: [&str; 15] = [
    "DisableImage",
    "EnableImage",
    "DeregisterImage",
    "DeleteSnapshot",
    "ModifyImageAttribute",
    "DescribeImages",
    "DescribeImageAttribute",
    "DescribeInstances",
    "DescribeSnapshots",
    "DescribeLaunchTemplates",
    "EnableImageDeprecation",
    "DisableImageDeprecation",
    "CreateTags",
    "DeleteTags",
    "*",
];

/// The same where snapshots are archived.
const FAULTY_OF_TIERS: [&str; 6] = [
    "ModifySnapshotTier",
    "RestoreSnapshotTier",
    "DescribeSnapshotTierStatus",
    "DescribeSnapshotAttribute",
    "DescribeLockedSnapshots",
    "CreateTags",
];

/// Sets others loose on the world, and the faults; with `gives_up` also answers that never come.
pub(crate) fn set_loose(story: &Story, watched: &Watched, kind: Kind, gives_up: bool, rng: &mut Rng) {
    if rng.u8(..4) == 0 {
        story.sandbox.set_throttling(Throttling::Aws);
    }
    if rng.bool() {
        story.sandbox.set_lag(Lag::of_all(Duration::from_secs(rng.u64(1..LAG_MAX_SECS))));
    }
    let images: Vec<ImageId> = watched.known().images.keys().cloned().collect();
    for _ in 0..rng.usize(..4) {
        let point = if rng.bool() { HookPoint::Before } else { HookPoint::After };
        let operation = kind.draw(&WATCHED, &WATCHED_OF_TIERS, rng);
        let image = images[rng.usize(..images.len())].clone();
        let deed = DEEDS[rng.usize(..DEEDS.len())];
        let watched = watched.clone();
        story.sandbox.hook(point, operation, rng.u64(1..6), move |world, _, at| {
            watched.known().look(world, at);
            deed.is_done(world, &image, &watched);
        });
    }
    story.faults((0..rng.usize(..4)).map(|_| fault(kind, gives_up, rng)).collect());
}

impl Deed {
    /// Done as AWS lets it be done: what is disabled cannot be launched or shared, but named and tagged.
    fn is_done(self, world: &mut World, image: &ImageId, watched: &Watched) {
        let state = world.scope(account(), &region()).and_then(|scope| scope.image(image)).map(|image| image.state);
        let Some(state) = state else { return };
        let mut known = watched.known();
        match self {
            Self::Launch if state == ImageState::Available => launch_in(world, image),
            Self::Share if state == ImageState::Available => {
                let grantee = Grantee::Account("333333333333".parse().unwrap());
                let scope = world.scope_mut(account(), &region());
                scope.image_mut(image).unwrap().permissions.insert(grantee.clone());
                known.permissions.get_mut(image).unwrap().insert(grantee);
            }
            Self::Launch | Self::Share => {}
            Self::NameInParameter | Self::NameInTemplate => {
                if matches!(self, Self::NameInTemplate) {
                    name_in_template(world, image);
                } else {
                    world.scope_mut(account(), &region()).put_parameter(&format!("/golden/{image}"), image.as_str());
                }
                let at = known.clock;
                known.named.push((at, image.clone()));
                known.clock += 1;
            }
            Self::Keep => {
                let at = known.clock;
                known.kept.push((at, image.clone()));
                known.clock += 1;
                let image = world.scope_mut(account(), &region()).image_mut(image).unwrap();
                image.tags = image.tags.iter().chain([("amictl:keep", "yes")]).collect();
            }
        }
    }
}

fn fault(kind: Kind, gives_up: bool, rng: &mut Rng) -> FaultRule {
    let kinds = [
        FaultKind::Throttle,
        FaultKind::ServerError,
        FaultKind::Unavailable,
        FaultKind::AccessDenied,
        FaultKind::ExpiredCredentials,
        FaultKind::Reset,
        FaultKind::Truncate,
        FaultKind::Stall(Stall { millis: if gives_up && rng.bool() { None } else { Some(20_000) } }),
    ];
    let when = match rng.u8(..4) {
        0 => When::First(rng.u64(1..4)),
        1 => When::Every(rng.u64(2..6)),
        _ => When::Nth(rng.u64(1..8)),
    };
    let operation = kind.draw(&FAULTY, &FAULTY_OF_TIERS, rng);
    let kind = kinds[rng.usize(..kinds.len())].clone();
    let when = if kind == FaultKind::AccessDenied && rng.bool() { When::Always } else { when };
    // AWS refuses before it does anything; only an answer can be lost afterwards.
    let is_refusal = matches!(kind, FaultKind::Throttle | FaultKind::AccessDenied | FaultKind::ExpiredCredentials);
    let rule = FaultRule::new(operation, kind).when(when);
    if !is_refusal && rng.bool() { rule.after_effect() } else { rule }
}
