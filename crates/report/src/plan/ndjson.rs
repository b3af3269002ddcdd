//! A plan as lines of JSON: its head, then each coverage, verdict and step by itself.

use std::fmt;

use amictl_model::Moment;
use amictl_plan::{Plan, PlanCoverage, PlanLimits, PlanReferences, PlanVerdict, Step};
use serde::Serialize;

use crate::{ReportError, sink};

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Plan(Head<'a>),
    Coverage(&'a PlanCoverage),
    Verdict(&'a PlanVerdict),
    Step(&'a Step),
}

/// The fields of a plan that are not lists.
#[derive(Serialize)]
struct Head<'a> {
    format_version: &'a str,
    plan_id: &'a str,
    digest: &'a str,
    created_at: Moment,
    now: Moment,
    policy_digest: &'a str,
    inventory_id: &'a str,
    complete: bool,
    limits: &'a PlanLimits,
    references: &'a PlanReferences,
}

/// Writes the lines.
pub(super) fn write(out: &mut dyn fmt::Write, plan: &Plan) -> Result<(), ReportError> {
    let head = Line::Plan(Head {
        format_version: &plan.format_version,
        plan_id: &plan.plan_id,
        digest: &plan.digest,
        created_at: plan.created_at,
        now: plan.now,
        policy_digest: &plan.policy_digest,
        inventory_id: &plan.inventory_id,
        complete: plan.complete,
        limits: &plan.limits,
        references: &plan.references,
    });
    std::iter::once(head)
        .chain(plan.coverage.iter().map(Line::Coverage))
        .chain(plan.verdicts.iter().map(Line::Verdict))
        .chain(plan.steps.iter().map(Line::Step))
        .try_for_each(|line| sink::write_json_line(out, &line))
}
