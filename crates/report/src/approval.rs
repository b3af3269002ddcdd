//! That a plan was approved, and how many approvals it lacks.

use std::fmt;

use amictl_plan::{Approval, Approved, Plan};
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::number::{date_time, len, plural};
use crate::{CommandLine, Format, Output, ReportError, markdown, sink, terminal};

/// An approval and what it leads to.
#[derive(Debug)]
pub struct ApprovalReport<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The approval.
    pub approval: &'a Approval,
    /// Whether it was given just now; otherwise the same person had given it before.
    pub is_new: bool,
    /// How far the plan is approved with it.
    pub approved: &'a Approved,
    /// What carries the plan out.
    pub next: CommandLine,
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    approval: &'a Approval,
    is_new: bool,
    planned_by: Option<&'a str>,
    /// The people whose approvals count.
    approved_by: &'a [Box<str>],
    approvals_needed: u64,
    is_approved: bool,
}

/// Writes an approval.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn approval(out: &mut dyn fmt::Write, report: &ApprovalReport<'_>, output: Output) -> Result<(), ReportError> {
    let ApprovalReport { plan, approval, is_new, approved, .. } = *report;
    let record = Document {
        approval,
        is_new,
        planned_by: plan.planned_by.as_deref(),
        approved_by: &approved.by,
        approvals_needed: len(approved.needed),
        is_approved: approved.is_enough(),
    };
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(report), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(report))?),
        Format::Json => sink::write_json(out, &record),
        Format::Ndjson => sink::write_json_line(out, &record),
        Format::Csv => {
            let header = ["plan_id", "digest", "approver", "approved_at", "comment", "approvals", "approvals_needed"];
            let row = [
                approval.plan_id.clone(),
                approval.digest.clone(),
                approval.approver.to_string(),
                approval.approved_at.to_string(),
                approval.comment.as_deref().unwrap_or_default().to_owned(),
                approved.by.len().to_string(),
                approved.needed.to_string(),
            ];
            sink::write_csv(out, header, [row])
        }
    }
}

fn document(report: &ApprovalReport<'_>) -> Doc {
    let ApprovalReport { plan, approval, is_new, approved, next } = report;
    let mut doc = Doc::default();
    doc.title(format!("{} plan {}", if *is_new { "Approved:" } else { "Approved before:" }, plan.plan_id));
    let retired = plan.steps.iter().filter(|step| step.action.stage().is_some()).count();
    let mut facts = vec![
        ("By", approval.approver.to_string()),
        ("When", date_time(approval.approved_at)),
        ("Digest", approval.digest.clone()),
        ("Retires", plural(len(retired), "image", "images")),
        ("Planned by", plan.planned_by.as_deref().unwrap_or("not known").to_owned()),
    ];
    if let Some(comment) = &approval.comment {
        facts.push(("Comment", comment.to_string()));
    }
    doc.facts(facts);
    let people = plural(len(approved.by.len()), "person has", "people have");
    if approved.needed == 0 {
        doc.line(Tone::Plain, "The policy asks for no approvals.");
    } else if approved.is_enough() {
        doc.line(Tone::Good, format!("{people} approved it, and {} must: it can be carried out.", approved.needed));
    } else {
        doc.line(Tone::Warn, format!("{people} approved it, and {} must.", approved.needed));
    }
    if approved.is_enough() {
        doc.commands(vec![("To carry it out", next.clone())]);
    }
    doc
}
