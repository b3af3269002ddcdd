//! Verdicts become a plan.

use std::collections::BTreeMap;

use amictl_model::{Inventory, Moment};
use amictl_policy::{Caps, Decision, Ladder, Policy, ProtectRule, Stage, Verdict};

use crate::ahead::{self, AHEAD};
use crate::canonical::GrowingObject;
use crate::file::{
    Action, FORMAT_VERSION, Plan, PlanCaps, PlanCoverage, PlanDecision, PlanLimits, PlanReferences, PlanVerdict,
};
use crate::price::four_decimals;
use crate::retired::RetiredImages;
use crate::steps::steps;

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
    /// The ARN of whoever makes it, where that is known.
    pub planned_by: Option<Box<str>>,
}

/// Makes the plan: one verdict for each image, one step for each image that something is to be done to, sorted by account, Region, family, creation and id.
#[must_use]
pub fn build(input: PlanInput<'_>) -> Plan {
    let PlanInput { policy, policy_digest, inventory, verdicts, created_at, now, plan_id, planned_by } = input;
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
            max_jump: policy.limits.max_jump,
            per_family: caps(policy.limits.per_family),
            per_account: caps(policy.limits.per_account),
        },
        references: PlanReferences {
            launch_template_versions: policy.references.launch_template_versions,
            not_used: policy.references.not_used.clone(),
            protected_tags: policy.protect.iter().filter_map(protected_tags).collect(),
            files: inventory.files.as_ref().map(|files| files.places.clone()).unwrap_or_default(),
        },
        windows: policy.windows.texts(),
        approvals: policy.approvals,
        planned_by,
        named: false,
        coverage: coverage(inventory),
        verdicts: Vec::with_capacity(verdicts.len()),
        steps: Vec::new(),
    };
    let mut digest = GrowingObject::new(&plan, "verdicts");
    let mut retired = RetiredImages::new(policy, inventory, now);
    digest.open_list("verdicts");
    let mut verdicts = verdicts.into_iter();
    while !verdicts.as_slice().is_empty() {
        ahead::of_verdicts(inventory, verdicts.as_slice().get(..AHEAD).unwrap_or(verdicts.as_slice()));
        for verdict in verdicts.by_ref().take(AHEAD) {
            let verdict = plan_verdict(inventory, verdict, &mut retired);
            digest.item(&verdict);
            plan.verdicts.push(verdict);
        }
    }
    drop(verdicts);
    digest.close_list();
    digest.open_list("steps");
    plan.steps = steps(policy, inventory, now, &retired.in_order(), &mut digest);
    digest.close_list();
    // Every part of a plan has a JSON form; if one had not, no file would state this.
    plan.digest = digest.finish().unwrap_or_else(|error| format!("no digest: {error}"));
    plan
}

fn caps(caps: Caps) -> Option<PlanCaps> {
    let of_plan = PlanCaps { max_actions: caps.max_actions, max_percent: caps.max_percent.map(four_decimals) };
    (!caps.is_empty()).then_some(of_plan)
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

/// Moves a verdict over, and notes the image if it is retired.
#[inline]
fn plan_verdict(inventory: &Inventory, verdict: Verdict, retired: &mut RetiredImages<'_>) -> PlanVerdict {
    let scope = &inventory.scopes[verdict.scope as usize];
    let image = &scope.images[verdict.image as usize];
    let (decision, stage) = match verdict.decision {
        Decision::Keep => (PlanDecision::Keep, None),
        Decision::Retire(stage) => (PlanDecision::Retire, Some(stage)),
        Decision::Blocked => (PlanDecision::Blocked, None),
    };
    let action = match (stage, verdict.ladder) {
        (Some(Stage::Deprecate), _) => Some(Action::Deprecate),
        (Some(Stage::Disable), _) => Some(Action::Disable),
        (Some(Stage::ArchiveSnapshots), _) => Some(Action::ArchiveSnapshots),
        (Some(Stage::Deregister), _) => Some(Action::Deregister),
        (None, Ladder::Mark) => Some(Action::Mark),
        (None, Ladder::Leave) => Some(Action::Leave),
        (None, Ladder::None | Ladder::Wait) => None,
    };
    if let Some(action) = action {
        retired.add(&verdict, image, action);
    }
    PlanVerdict {
        image_id: image.id.clone(),
        account: scope.scope.account,
        region: scope.scope.region.clone(),
        name: image.name.clone(),
        family: verdict.family,
        decision,
        stage,
        reasons: verdict.reasons,
    }
}

/// The tags of a rule that protects by tags.
fn protected_tags(rule: &ProtectRule) -> Option<BTreeMap<Box<str>, Box<str>>> {
    let ProtectRule::Tag(tags) = rule else { return None };
    Some(tags.iter().map(|(key, glob)| (key.clone(), glob.as_str().into())).collect())
}
