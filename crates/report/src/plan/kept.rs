//! Why images stay, counted.

use amictl_model::ImageId;
use amictl_plan::{Plan, PlanDecision, PlanVerdict};
use amictl_policy::ReasonCode;

/// How many images stay for one kind of reason, with one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReason {
    /// The kind of their strongest reason.
    pub code: ReasonCode,
    /// How many images.
    pub images: u64,
    /// One of them.
    pub example: ImageId,
    /// Its name. Attacker-controlled text.
    pub example_name: String,
    /// Why that one stays.
    pub example_why: String,
}

/// Counts a plan's kept images by their strongest reason, the most frequent first.
#[must_use]
pub fn kept_by_reason(plan: &Plan) -> Vec<KeptReason> {
    let mut kept: Vec<KeptReason> = Vec::new();
    for verdict in plan.verdicts.iter().filter(|verdict| verdict.decision == PlanDecision::Keep) {
        count(&mut kept, verdict);
    }
    kept.sort_by_key(|reason| (std::cmp::Reverse(reason.images), reason.code));
    kept
}

fn count(kept: &mut Vec<KeptReason>, verdict: &PlanVerdict) {
    let Some(reason) = verdict.reasons.first() else { return };
    match kept.iter_mut().find(|kept| kept.code == reason.code) {
        Some(kept) => kept.images += 1,
        None => kept.push(KeptReason {
            code: reason.code,
            images: 1,
            example: verdict.image_id.clone(),
            example_name: verdict.name.to_string(),
            example_why: reason.to_string(),
        }),
    }
}
