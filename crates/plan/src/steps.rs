//! The steps of a plan: one for each image that something is done to.

use amictl_model::{Image, Inventory, Moment, ScopeInventory};
use amictl_policy::Policy;

use crate::ahead::{self, AHEAD};
use crate::canonical::GrowingObject;
use crate::file::{Action, Expects, SnapshotDeletion, Staging, Step, Undo};
use crate::retired::Retired;
use crate::snapshots::{Deregistered, Fate, SnapshotUsers, step_id};

/// Makes the steps, and hashes them while they are made. `retired` is in their order.
pub(crate) fn steps(
    policy: &Policy,
    inventory: &Inventory,
    now: Moment,
    retired: &[Retired],
    digest: &mut GrowingObject,
) -> Vec<Step> {
    let mut steps = Vec::with_capacity(retired.len());
    let mut first = 1;
    for of_scope in retired.chunk_by(|a, b| a.scope == b.scope) {
        let scope = &inventory.scopes[of_scope[0].scope.index as usize];
        let with_action = |action: Action| -> Vec<Deregistered> {
            (first..)
                .zip(of_scope)
                .filter(|(_, retired)| retired.action == action)
                .map(|(step, retired)| Deregistered { step, image: retired.image, rule: retired.snapshots })
                .collect()
        };
        let users = SnapshotUsers::new(policy, scope, now, &with_action(Action::Deregister));
        let archived = with_action(Action::ArchiveSnapshots);
        let archived = (!archived.is_empty()).then(|| SnapshotUsers::new(policy, scope, now, &archived));
        let mut places = vec![NO_STEP; scope.images.len()];
        for (place, retired) in (0..).zip(of_scope) {
            places[retired.image as usize] = place;
        }
        // Steps are made in the order of the images, as they lie in memory, and only then put in theirs.
        let start = steps.len();
        let made: Vec<u32> = (0..).zip(&places).filter(|(_, place)| **place != NO_STEP).map(|(at, _)| at).collect();
        for near in made.chunks(AHEAD) {
            ahead::of_images(near.iter().map(|at| &scope.images[*at as usize]));
            for at in near {
                let (image, place) = (&scope.images[*at as usize], places[*at as usize]);
                let (number, action) = (first + place, of_scope[place as usize].action);
                let fate = match (action, &archived) {
                    (Action::Deregister, _) => Some(users.fate(policy, number, *at, image)),
                    (Action::ArchiveSnapshots, Some(archived)) => Some(archived.archived(policy, *at, image)),
                    _ => None,
                };
                let staged_by = policy.families.get(of_scope[place as usize].staged_by as usize);
                let staging = staged_by.map(|family| Box::new(Staging { family: family.name.clone() }));
                let require_recycle_bin_days = of_scope[place as usize].recycle_bin_days;
                let step = Step { staging, require_recycle_bin_days, ..step(number, action, scope, image, fate) };
                // Nothing is deregistered that the bin would not keep for so long.
                let is_kept = action == Action::Deregister && require_recycle_bin_days.is_some();
                steps.push(Step { undo: if is_kept { Undo::Restore } else { step.undo }, ..step });
            }
        }
        places.retain(|place| *place != NO_STEP);
        permute(&mut steps[start..], &mut places);
        for near in steps[start..].chunks(AHEAD) {
            ahead::of_steps(near);
            near.iter().for_each(|step| digest.item(step));
        }
        first += u32::try_from(of_scope.len()).unwrap_or(NO_STEP);
    }
    steps
}

/// The place of an image that has no step.
const NO_STEP: u32 = u32::MAX;

/// Moves each item to its place.
fn permute<T>(items: &mut [T], places: &mut [u32]) {
    for at in 0..items.len() {
        while places[at] as usize != at {
            let place = places[at] as usize;
            items.swap(at, place);
            places.swap(at, place);
        }
    }
}

fn step(number: u32, action: Action, scope: &ScopeInventory, image: &Image, fate: Option<Fate>) -> Step {
    let fate = fate.unwrap_or_else(|| Fate {
        snapshots: Box::default(),
        deletion: SnapshotDeletion::None,
        after: Vec::new(),
        monthly_usd_upper_bound: 0.0,
    });
    Step {
        id: step_id(number),
        action,
        account: scope.scope.account,
        region: scope.scope.region.clone(),
        target: image.id.clone().into(),
        name: None,
        change: None,
        after: fate.after.into(),
        expects: expects(image),
        undo: match action {
            Action::Mark => Undo::Untag,
            Action::Deprecate => Undo::Undeprecate,
            Action::Disable => Undo::Enable,
            Action::ArchiveSnapshots => Undo::RestoreTier,
            _ => Undo::None,
        },
        require_recycle_bin_days: None,
        staging: None,
        even_if_used: None,
        snapshot_deletion: fate.deletion,
        snapshots: fate.snapshots,
        monthly_usd_upper_bound: fate.monthly_usd_upper_bound,
    }
}

/// What must still hold when the step is taken.
pub(crate) fn expects(image: &Image) -> Expects {
    Expects {
        state: image.state,
        public: image.public,
        tags: image.tags.clone(),
        launch_permissions: image.launch_permissions.clone(),
        block_devices: image.block_devices.clone(),
        protection: image.protection.clone(),
        deprecation_at: image.deprecation_at,
        last_launched_at: image.last_launched_at,
    }
}
