//! Verdicts become a plan.

use std::collections::HashMap;
use std::sync::Arc;

use amictl_model::{Image, Inventory, Moment, ScopeInventory};
use amictl_policy::{Decision, Policy, SnapshotRule, Stage, Verdict};

use crate::file::{
    Action, Expects, FORMAT_VERSION, Plan, PlanCoverage, PlanDecision, PlanLimits, PlanReferences, PlanVerdict,
    SnapshotDeletion, Step, Undo,
};
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
}

/// A scope by its place among all by name, and its index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ScopeOrder {
    place: u32,
    index: u32,
}

fn steps(policy: &Policy, inventory: &Inventory, verdicts: &[Verdict]) -> Vec<Step> {
    let retired = retired(inventory, verdicts);
    let mut steps = Vec::with_capacity(retired.len());
    let mut number = 1;
    for of_scope in retired.chunk_by(|a, b| a.scope == b.scope) {
        let scope = &inventory.scopes[of_scope[0].scope.index as usize];
        let deregistered: Vec<Deregistered> = (number..)
            .zip(of_scope)
            .filter(|(_, retired)| retired.action == Action::Deregister)
            .map(|(step, retired)| {
                let rule = snapshot_rule(policy, &scope.images[retired.image as usize]);
                Deregistered { step, image: retired.image, rule }
            })
            .collect();
        let mut users = SnapshotUsers::new(policy, scope, &deregistered);
        for retired in of_scope {
            let image = &scope.images[retired.image as usize];
            let fate = (retired.action == Action::Deregister).then(|| users.fate(policy, number, image));
            steps.push(step(number, retired.action, scope, image, fate));
            number += 1;
        }
    }
    steps
}

fn action(stage: Stage) -> Option<Action> {
    match stage {
        // Judging retires nothing to this stage yet: see `Policy::unsupported`.
        Stage::Deprecate => None,
        Stage::Disable => Some(Action::Disable),
        Stage::Deregister => Some(Action::Deregister),
    }
}

fn snapshot_rule(policy: &Policy, image: &Image) -> SnapshotRule {
    policy.family_of(image).and_then(|family| family.retire.last()).map_or(SnapshotRule::Keep, |last| last.snapshots)
}

/// The retired images in the order of the plan's steps.
fn retired(inventory: &Inventory, verdicts: &[Verdict]) -> Vec<Retired> {
    let scopes = scope_places(inventory);
    let families = family_places(verdicts);
    let mut retired: Vec<Retired> = Vec::new();
    for verdict in verdicts {
        let Decision::Retire(stage) = verdict.decision else { continue };
        let Some(action) = action(stage) else { continue };
        retired.push(Retired {
            scope: ScopeOrder { place: scopes[verdict.scope as usize], index: verdict.scope },
            family: verdict.family.as_ref().and_then(|family| families.get(family)).copied().unwrap_or(0),
            created_at: inventory.scopes[verdict.scope as usize].images[verdict.image as usize].created_at,
            image: verdict.image,
            action,
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

/// The place of each family of a retired image among all by name, from 1.
fn family_places(verdicts: &[Verdict]) -> HashMap<&Arc<str>, u32> {
    let mut families: HashMap<&Arc<str>, u32> = HashMap::new();
    for verdict in verdicts.iter().filter(|verdict| matches!(verdict.decision, Decision::Retire(_))) {
        families.extend(verdict.family.iter().map(|family| (family, 0)));
    }
    let mut names: Vec<&Arc<str>> = families.keys().copied().collect();
    names.sort_unstable();
    families.extend((1..).zip(names).map(|(place, name)| (name, place)));
    families
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
