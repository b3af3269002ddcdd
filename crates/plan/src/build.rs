//! Verdicts become a plan.

use std::sync::Arc;

use amictl_model::{Image, Inventory, Moment, ScopeInventory};
use amictl_policy::{Decision, Family, Policy, SnapshotRule, Stage, Verdict};

use crate::file::{
    Action, Expects, FORMAT_VERSION, Plan, PlanCoverage, PlanDecision, PlanLimits, PlanReferences, PlanVerdict,
    SnapshotDeletion, Step, Undo,
};
use crate::id_hash::IdMap;
use crate::price::four_decimals;
use crate::snapshots::{Deregistered, Fate, SnapshotUsers, step_id};

/// What a plan is made from.
#[derive(Debug)]
pub struct PlanInput<'a> {
    /// The policy that the images were judged by.
    pub policy: &'a Policy,
    /// [`Policy::digest`].
    pub policy_digest: String,
    /// The inventory that was judged.
    pub inventory: &'a Inventory,
    /// What [`judge`](amictl_policy::judge) said of this inventory; consumed, as there may be millions.
    pub verdicts: Vec<Verdict>,
    /// The wall clock.
    pub created_at: Moment,
    /// The moment that was judged for.
    pub now: Moment,
    /// Names the plan.
    pub plan_id: String,
}

/// Makes the plan: one verdict for each image, one step for each image that is retired, sorted by account, Region, family, creation and id.
#[must_use]
pub fn build(input: PlanInput<'_>) -> Plan {
    let PlanInput { policy, policy_digest, inventory, verdicts, created_at, now, plan_id } = input;
    let steps = steps(policy, inventory, &verdicts);
    let mut plan = Plan {
        format_version: FORMAT_VERSION.into(),
        plan_id,
        digest: String::new(),
        created_at,
        now,
        policy_digest,
        inventory_id: inventory.id.clone(),
        complete: inventory.is_complete(),
        limits: PlanLimits {
            max_actions: Some(policy.limits.max_actions),
            max_percent: Some(four_decimals(policy.limits.max_percent)),
            min_images: policy.limits.min_images,
        },
        references: PlanReferences {
            launch_template_versions: policy.references.launch_template_versions,
            not_used: policy.references.not_used.clone(),
        },
        coverage: coverage(inventory),
        verdicts: plan_verdicts(inventory, verdicts),
        steps,
    };
    plan.digest = plan.digest_now();
    plan
}

fn coverage(inventory: &Inventory) -> Vec<PlanCoverage> {
    let entries = inventory.scopes.iter().flat_map(|scope| {
        scope.coverage.iter().map(|coverage| PlanCoverage {
            account: scope.scope.account,
            region: scope.scope.region.clone(),
            source: coverage.source,
            status: coverage.status,
            detail: coverage.detail.clone(),
            items: coverage.items,
            calls: coverage.calls,
            read_at: coverage.read_at,
        })
    });
    entries.collect()
}

/// Moves the verdicts over. They are given back to the system on the way, so that not both lists are held whole.
fn plan_verdicts(inventory: &Inventory, mut verdicts: Vec<Verdict>) -> Vec<PlanVerdict> {
    const VERDICTS_BETWEEN_SHRINKS: usize = 1 << 15;
    let mut out = Vec::with_capacity(verdicts.len());
    // Taken from the end, which is where a list can be given back.
    verdicts.reverse();
    while let Some(verdict) = verdicts.pop() {
        if verdicts.len().is_multiple_of(VERDICTS_BETWEEN_SHRINKS) {
            verdicts.shrink_to_fit();
        }
        let scope = &inventory.scopes[verdict.scope as usize];
        let image = &scope.images[verdict.image as usize];
        let (decision, stage) = match verdict.decision {
            Decision::Keep => (PlanDecision::Keep, None),
            Decision::Retire(stage) => (PlanDecision::Retire, Some(stage)),
            Decision::Blocked => (PlanDecision::Blocked, None),
        };
        out.push(PlanVerdict {
            image_id: image.id.clone(),
            account: scope.scope.account,
            region: scope.scope.region.clone(),
            name: image.name.clone(),
            family: verdict.family,
            decision,
            stage,
            reasons: verdict.reasons,
        });
    }
    out
}

/// An image that is retired, with what the order of the steps goes by.
struct Retired {
    scope: ScopeOrder,
    /// The place of its family among all by name, so that sorting need not compare names.
    family: u32,
    created_at: Option<Moment>,
    image: u32,
    action: Action,
    snapshots: SnapshotRule,
}

/// A scope by its place among all by name, and its index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ScopeOrder {
    place: u32,
    index: u32,
}

fn steps(policy: &Policy, inventory: &Inventory, verdicts: &[Verdict]) -> Vec<Step> {
    let retired = retired(policy, inventory, verdicts);
    let mut steps = Vec::with_capacity(retired.len());
    let mut first = 1;
    for of_scope in retired.chunk_by(|a, b| a.scope == b.scope) {
        let scope = &inventory.scopes[of_scope[0].scope.index as usize];
        let deregistered: Vec<Deregistered> = (first..)
            .zip(of_scope)
            .filter(|(_, retired)| retired.action == Action::Deregister)
            .map(|(step, retired)| Deregistered { step, image: retired.image, rule: retired.snapshots })
            .collect();
        let users = SnapshotUsers::new(policy, scope, &deregistered);
        let mut places = vec![NO_STEP; scope.images.len()];
        for (place, retired) in (0..).zip(of_scope) {
            places[retired.image as usize] = place;
        }
        // Steps are made in the order of the images, as they lie in memory, and only then put in theirs.
        let start = steps.len();
        for ((at, image), place) in (0..).zip(&scope.images).zip(&places).filter(|(_, place)| **place != NO_STEP) {
            let (number, action) = (first + place, of_scope[*place as usize].action);
            let fate = (action == Action::Deregister).then(|| users.fate(policy, number, at, image));
            steps.push(step(number, action, scope, image, fate));
        }
        places.retain(|place| *place != NO_STEP);
        permute(&mut steps[start..], &mut places);
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

fn action(stage: Stage) -> Option<Action> {
    match stage {
        // Judging retires nothing to this stage yet: see `Policy::unsupported`.
        Stage::Deprecate => None,
        Stage::Disable => Some(Action::Disable),
        Stage::Deregister => Some(Action::Deregister),
    }
}

/// What the policy says of the snapshots of an image; where all families say the same, the image need not be matched with them again.
fn snapshot_rule<'p>(policy: &'p Policy) -> impl Fn(&Image) -> SnapshotRule + 'p {
    let of_family = |family: &Family| family.retire.last().map_or(SnapshotRule::Keep, |last| last.snapshots);
    let mut rules = policy.families.iter().map(of_family);
    let first = rules.next().unwrap_or(SnapshotRule::Keep);
    let same = rules.all(|rule| rule == first).then_some(first);
    move |image| same.unwrap_or_else(|| policy.family_of(image).map_or(SnapshotRule::Keep, of_family))
}

/// The retired images in the order of the plan's steps.
fn retired(policy: &Policy, inventory: &Inventory, verdicts: &[Verdict]) -> Vec<Retired> {
    let scopes = scope_places(inventory);
    let families = family_places(verdicts);
    let snapshots = snapshot_rule(policy);
    let mut retired: Vec<Retired> = Vec::new();
    for verdict in verdicts {
        let Decision::Retire(stage) = verdict.decision else { continue };
        let Some(action) = action(stage) else { continue };
        let image = &inventory.scopes[verdict.scope as usize].images[verdict.image as usize];
        retired.push(Retired {
            scope: ScopeOrder { place: scopes[verdict.scope as usize], index: verdict.scope },
            family: verdict.family.as_ref().and_then(|family| families.get(&Arc::as_ptr(family))).copied().unwrap_or(0),
            created_at: image.created_at,
            image: verdict.image,
            action,
            snapshots: snapshots(image),
        });
    }
    retired.sort_unstable_by(|a, b| {
        let id = |retired: &Retired| &inventory.scopes[retired.scope.index as usize].images[retired.image as usize].id;
        (a.scope, a.family, a.created_at).cmp(&(b.scope, b.family, b.created_at)).then_with(|| id(a).cmp(id(b)))
    });
    retired
}

/// The place of each scope among all by account and Region.
fn scope_places(inventory: &Inventory) -> Vec<u32> {
    let mut order: Vec<usize> = (0..inventory.scopes.len()).collect();
    order.sort_by(|a, b| inventory.scopes[*a].scope.cmp(&inventory.scopes[*b].scope));
    let mut places = vec![0; order.len()];
    for (place, index) in (0..).zip(order) {
        places[index] = place;
    }
    places
}

/// The place of each family of a retired image among all by name, from 1; by where its name lies, as verdicts share names.
fn family_places(verdicts: &[Verdict]) -> IdMap<*const str, u32> {
    let retired = verdicts.iter().filter(|verdict| matches!(verdict.decision, Decision::Retire(_)));
    let mut names: IdMap<*const str, &str> = IdMap::default();
    for family in retired.filter_map(|verdict| verdict.family.as_ref()) {
        names.entry(Arc::as_ptr(family)).or_insert(family);
    }
    let mut names: Vec<(&str, *const str)> = names.into_iter().map(|(at, name)| (name, at)).collect();
    names.sort_unstable_by_key(|(name, _)| *name);
    // Equal names may lie in more places than one.
    (1..)
        .zip(names.chunk_by(|a, b| a.0 == b.0))
        .flat_map(|(place, same)| same.iter().map(move |(_, at)| (*at, place)))
        .collect()
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
        target: image.id.clone(),
        after: fate.after.into(),
        expects: expects(image),
        undo: match action {
            Action::Disable => Undo::Enable,
            Action::Deregister => Undo::None,
        },
        snapshot_deletion: fate.deletion,
        snapshots: fate.snapshots,
        monthly_usd_upper_bound: fate.monthly_usd_upper_bound,
    }
}

/// What must still hold when the step is taken.
fn expects(image: &Image) -> Expects {
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
