//! A plan as CSV: one row an image.

use std::fmt;

use amictl_policy::Stage;

use super::PlanReport;
use super::ages::Ages;
use crate::number::days;
use crate::{ReportError, sink, words};

const HEADER: [&str; 14] = [
    "image_id",
    "account",
    "region",
    "name",
    "family",
    "decision",
    "stage",
    "created_at",
    "age_days",
    "reason_code",
    "reason",
    "source",
    "resource",
    "all_reasons",
];

/// Writes the rows in the plan's order.
pub(super) fn write(out: &mut dyn fmt::Write, report: &PlanReport<'_>) -> Result<(), ReportError> {
    let ages = Ages::of(report.inventory);
    sink::write_csv(
        out,
        HEADER,
        report.plan.verdicts.iter().map(|verdict| {
            let created_at = ages.created_at(verdict);
            let strongest = verdict.reasons.first();
            [
                verdict.image_id.to_string(),
                verdict.account.to_string(),
                verdict.region.to_string(),
                verdict.name.to_string(),
                verdict.family.as_deref().unwrap_or_default().to_owned(),
                words::plan_decision(verdict.decision).to_owned(),
                verdict.stage.map(Stage::as_str).unwrap_or_default().to_owned(),
                created_at.map(|at| at.to_string()).unwrap_or_default(),
                created_at.map(|at| days(at, report.plan.now).to_string()).unwrap_or_default(),
                strongest.map(|reason| words::reason_code(reason.code)).unwrap_or_default(),
                strongest.map(|reason| reason.message.to_string()).unwrap_or_default(),
                strongest.and_then(|reason| reason.source).map(|source| source.to_string()).unwrap_or_default(),
                strongest.and_then(|reason| reason.resource.as_deref()).unwrap_or_default().to_owned(),
                words::all_reasons(&verdict.reasons),
            ]
        }),
    )
}
