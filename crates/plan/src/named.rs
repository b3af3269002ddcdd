//! The plan that deregisters images which somebody named: of verdicts like any other, and held against no caps, as it cannot retire more than
//! was named.

use amictl_policy::{NAMED_FAMILY, Verdict, overrule};

use crate::command::no_limits;
use crate::snapshots::KEPT_BY_POLICY;
use crate::{Plan, PlanInput, PlanVerdict, build};

/// Makes the plan of a policy [for named images](amictl_policy::Policy::for_named).
///
/// `even_if_used` is why images go that are used, or of which that is not known; what keeps them is told beside it.
#[must_use]
pub fn build_named(input: PlanInput<'_>, even_if_used: Option<&str>) -> Plan {
    let is_named = |verdict: &Verdict| verdict.family.as_deref() == Some(NAMED_FAMILY);
    let verdicts = input.verdicts.into_iter().map(|verdict| match even_if_used {
        Some(why) if is_named(&verdict) => overrule(verdict, why),
        _ => verdict,
    });
    let mut plan = build(PlanInput { verdicts: verdicts.collect(), ..input });
    plan.named = true;
    plan.limits = no_limits();
    for step in &mut plan.steps {
        step.even_if_used = even_if_used.map(Into::into);
        for snapshot in &mut step.snapshots {
            if snapshot.kept_because.as_deref() == Some(KEPT_BY_POLICY) {
                snapshot.kept_because = Some("the snapshots are to be kept".into());
            }
        }
    }
    plan.digest = plan.digest_now();
    plan
}

impl Plan {
    /// The verdicts on the images that were named.
    pub fn named_verdicts(&self) -> impl Iterator<Item = &PlanVerdict> {
        self.verdicts.iter().filter(|verdict| verdict.family.as_deref() == Some(NAMED_FAMILY))
    }
}
