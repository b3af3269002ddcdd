//! What a plan says to people.

use std::collections::{BTreeSet, HashSet};
use std::num::NonZeroU32;

use amictl_plan::{Action, Plan, PlanDecision, PlanVerdict, Step, Undo};
use amictl_policy::NAMED_FAMILY;

use super::ages::Ages;
use super::kept::kept_by_reason;
use super::{PlanReport, ROWS_MAX, coverage, snapshots};
use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{age, count, date_time, len, plural, usd};
use crate::words;

/// The whole report.
pub(super) fn document(report: &PlanReport<'_>) -> Doc {
    let plan = report.plan;
    // Of the images that nobody named there is nothing to say.
    let is_told = |verdict: &&PlanVerdict| !plan.named || verdict.family.as_deref() == Some(NAMED_FAMILY);
    let told: Vec<&PlanVerdict> = plan.verdicts.iter().filter(is_told).collect();
    let of = |decision| told.iter().copied().filter(|verdict| verdict.decision == decision).collect::<Vec<_>>();
    let (retired, blocked, kept) = (of(PlanDecision::Retire), of(PlanDecision::Blocked), of(PlanDecision::Keep));

    let mut doc = Doc::default();
    doc.title(format!("Plan {}", plan.plan_id));
    doc.facts(facts(plan, retired.len(), blocked.len(), kept.len()));
    coverage::warn(&mut doc, plan, len(blocked.len()));
    for cap in report.caps_exceeded {
        doc.line(Tone::Bad, format!("Cap exceeded: {cap}"));
    }

    let ages = Ages::of(report.inventory);
    let list = |verdicts: &[&PlanVerdict], title| listed(verdicts, title, &ages, report);
    if !retired.is_empty() {
        doc.heading(format!("Retire: {}", plural(len(retired.len()), "image", "images")));
        doc.grid(list(&retired, "Why"));
    }
    for (action, title) in [
        (Action::Leave, "Give back, as something keeps it again"),
        (Action::Mark, "Mark as unused, so that the wait for its first stage begins"),
    ] {
        let of_action = verdicts_of(plan, action);
        if !of_action.is_empty() {
            doc.heading(format!("{title}: {}", plural(len(of_action.len()), "image", "images")));
            doc.grid(list(if report.all { &of_action } else { &of_action[..of_action.len().min(ROWS_MAX)] }, "Why"));
            if !report.all && of_action.len() > ROWS_MAX {
                let more = plural(len(of_action.len() - ROWS_MAX), "more image is", "more images are");
                doc.line(Tone::Plain, format!("{more} not listed here; --all lists each."));
            }
        }
    }
    if !blocked.is_empty() {
        doc.heading(format!("Blocked, so kept: {}", plural(len(blocked.len()), "image", "images")));
        if report.all || blocked.len() <= ROWS_MAX {
            doc.grid(list(&blocked, "Why kept"));
        } else {
            doc.grid(list(&blocked[..ROWS_MAX], "Why kept"));
            let more = plural(len(blocked.len() - ROWS_MAX), "more image is", "more images are");
            doc.line(Tone::Bad, format!("{more} blocked; --all lists each."));
        }
    }
    if !kept.is_empty() {
        doc.heading(format!("Keep: {}", plural(len(kept.len()), "image", "images")));
        if report.all || plan.named || kept.len() <= ROWS_MAX {
            doc.grid(list(&kept, "Why kept"));
        } else {
            doc.grid(counted(plan));
            doc.line(Tone::Plain, "Counted by the strongest reason; --all lists every image, `amictl explain` one.");
        }
    }
    coverage::section(&mut doc, plan);
    snapshots::section(&mut doc, report);
    ending(&mut doc, report, retired.len());
    doc
}

/// The verdicts on the images that the steps with this action are about.
fn verdicts_of(plan: &Plan, action: Action) -> Vec<&PlanVerdict> {
    let steps = plan.steps.iter().filter(|step| step.action == action);
    let targets: HashSet<_> = steps.map(|step| (step.account, &step.region, step.image())).collect();
    if targets.is_empty() {
        return Vec::new();
    }
    let is_target = |verdict: &&PlanVerdict| targets.contains(&(verdict.account, &verdict.region, &verdict.image_id));
    plan.verdicts.iter().filter(is_target).collect()
}

fn facts(plan: &Plan, retired: usize, blocked: usize, kept: usize) -> Vec<(&'static str, String)> {
    let places = || {
        let covered = plan.coverage.iter().map(|coverage| (coverage.account, &coverage.region));
        covered.chain(plan.verdicts.iter().map(|verdict| (verdict.account, &verdict.region)))
    };
    let accounts: BTreeSet<_> = places().map(|(account, _)| account).collect();
    let regions: BTreeSet<_> = places().map(|(_, region)| region).collect();
    let accounts: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    let regions: Vec<String> = regions.iter().map(ToString::to_string).collect();
    let mut facts = vec![
        (if accounts.len() == 1 { "Account" } else { "Accounts" }, accounts.join(", ")),
        (if regions.len() == 1 { "Region" } else { "Regions" }, regions.join(", ")),
        (
            "Images",
            format!(
                "{} judged: {} to retire, {} blocked, {} kept",
                count(len(retired + blocked + kept)),
                count(len(retired)),
                count(len(blocked)),
                count(len(kept))
            ),
        ),
        ("Judged for", date_time(plan.now)),
        ("Inventory", plan.inventory_id.clone()),
        ("Digest", plan.digest.clone()),
    ];
    if let Some(undo) = undo(plan) {
        facts.push(("Undo", undo));
    }
    if !plan.windows.is_empty() {
        facts.push(("Windows", plan.windows.join("; ")));
    }
    if plan.approvals.is_some() {
        facts.push(("Planned by", plan.planned_by.as_deref().unwrap_or("not known").to_owned()));
        let people = plural(len(plan.approvals_needed()), "other person", "other people");
        facts.push(("Needs approval", format!("of {people}, by `amictl approve`")));
    }
    facts
}

/// How many steps can be taken back, and those of the Recycle Bin for how long; nothing for a plan without steps.
fn undo(plan: &Plan) -> Option<String> {
    let days = |step: &Step| step.require_recycle_bin_days.map_or(0, NonZeroU32::get);
    let from_bin = || plan.steps.iter().filter(|step| step.undo == Undo::Restore);
    let never = plan.steps.iter().filter(|step| step.undo == Undo::None).count();
    let archived = plan.steps.iter().filter(|step| step.undo == Undo::RestoreTier).count();
    let at_once = plan.steps.len() - never - archived - from_bin().count();
    let mut parts = Vec::new();
    if at_once > 0 {
        parts.push(format!("{} at any time", plural(len(at_once), "step", "steps")));
    }
    if archived > 0 {
        let steps = plural(len(archived), "step", "steps");
        parts.push(format!("{steps} within 72 hours, out of the archive, where AWS charges for 90 days at least"));
    }
    if let Some(shortest) = from_bin().map(days).min() {
        let steps = plural(len(from_bin().count()), "step", "steps");
        parts.push(format!("{steps} for {} or longer, from the Recycle Bin", plural(shortest.into(), "day", "days")));
    }
    if never > 0 {
        let steps = plural(len(never), "step", "steps");
        parts.push(format!("{steps} only if the Recycle Bin happens to keep what goes (`require_recycle_bin`)"));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn listed(verdicts: &[&PlanVerdict], why: &'static str, ages: &Ages<'_>, report: &PlanReport<'_>) -> Grid {
    let with_age = report.inventory.is_some();
    let with_account = report.plan.verdicts.iter().any(|verdict| verdict.account != report.plan.verdicts[0].account);
    let mut columns = vec![("Verdict", Kind::Word), ("Image", Kind::Id)];
    if with_account {
        columns.push(("Account", Kind::Id));
    }
    columns.extend([("Region", Kind::Id), ("Name", Kind::Name)]);
    if with_age {
        columns.push(("Age", Kind::Number));
    }
    columns.push((why, Kind::Note));
    let mut grid = Grid::new(&columns);
    for verdict in verdicts {
        let mut row = vec![words::verdict(verdict).to_owned(), verdict.image_id.to_string()];
        if with_account {
            row.push(verdict.account.to_string());
        }
        row.extend([verdict.region.to_string(), verdict.name.to_string()]);
        if with_age {
            row.push(age(ages.created_at(verdict), report.plan.now));
        }
        row.push(words::reasons(&verdict.reasons));
        grid.row(row);
    }
    grid
}

fn counted(plan: &Plan) -> Grid {
    let mut grid = Grid::new(&[
        ("Images", Kind::Number),
        ("Why kept", Kind::Word),
        ("Such as", Kind::Id),
        ("Name", Kind::Name),
        ("Because", Kind::Note),
    ]);
    for kept in kept_by_reason(plan) {
        grid.row(vec![
            count(kept.images),
            words::reason(kept.code).to_owned(),
            kept.example.to_string(),
            kept.example_name,
            kept.example_why,
        ]);
    }
    grid
}

fn ending(doc: &mut Doc, report: &PlanReport<'_>, retired: usize) {
    let plan = report.plan;
    if plan.steps.is_empty() {
        let nothing = if retired == 0 { "Nothing to retire." } else { "No steps: nothing would be done." };
        doc.line(Tone::Plain, nothing);
        return;
    }
    let steps = plural(len(plan.steps.len()), "step", "steps");
    doc.line(
        Tone::Good,
        format!(
            "{steps}; saves at most {} a month (upper bound: full sizes at the standard price).",
            usd(plan.monthly_usd_upper_bound())
        ),
    );
    for cap in report.caps_exceeded {
        doc.line(Tone::Bad, format!("This plan will be refused, a cap is exceeded: {cap}"));
    }
    doc.commands(report.next.iter().map(|next| ("To carry it out", next.clone())).collect());
}
