//! The snapshots that go with a plan's images, and those that stay.

use std::collections::BTreeMap;

use amictl_plan::{Plan, Step, StepSnapshot};

use super::PlanReport;
use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, bytes, count, len};

/// The section, when the plan touches snapshots.
pub(super) fn section(doc: &mut Doc, report: &PlanReport<'_>) {
    let all: Vec<(&Step, &StepSnapshot)> = all(report.plan);
    if all.is_empty() {
        return;
    }
    let (deleted, others): (Vec<_>, Vec<_>) = all.iter().copied().partition(|(_, snapshot)| snapshot.delete);
    let (archived, kept): (Vec<_>, Vec<_>) = others.into_iter().partition(|(_, snapshot)| snapshot.archive);
    let freed: u64 = deleted.iter().filter_map(|(_, snapshot)| snapshot.full_size_bytes).fold(0, u64::saturating_add);
    let unknown = deleted.iter().filter(|(_, snapshot)| snapshot.full_size_bytes.is_none()).count();
    let mut heading = format!("Snapshots: {} to delete", count(len(deleted.len())));
    if freed > 0 {
        heading.push_str(&format!(" ({} at most", bytes(freed)));
        if unknown > 0 {
            heading.push_str(&format!(", {} of unknown size", count(len(unknown))));
        }
        heading.push(')');
    }
    if !archived.is_empty() {
        heading.push_str(&format!(", {} to archive", count(len(archived.len()))));
    }
    heading.push_str(&format!(", {} kept", count(len(kept.len()))));
    doc.heading(heading);
    if report.all || all.len() <= super::ROWS_MAX {
        doc.grid(listed(&[deleted, archived, kept].concat()));
    } else {
        doc.line(Tone::Plain, "Too many to list here (--all does); those that stay, by reason:");
        doc.grid(counted(&kept));
    }
}

/// Every snapshot of every step.
fn all(plan: &Plan) -> Vec<(&Step, &StepSnapshot)> {
    plan.steps.iter().flat_map(|step| step.snapshots.iter().map(move |snapshot| (step, snapshot))).collect()
}

fn why(snapshot: &StepSnapshot) -> &str {
    snapshot.kept_because.as_deref().unwrap_or("the policy keeps snapshots")
}

fn listed(all: &[(&Step, &StepSnapshot)]) -> Grid {
    let mut grid = Grid::new(&[
        ("Fate", Kind::Word),
        ("Snapshot", Kind::Id),
        ("Image", Kind::Id),
        ("Region", Kind::Id),
        ("Full size", Kind::Number),
        ("Why kept", Kind::Note),
    ]);
    for (step, snapshot) in all {
        let fate = match (snapshot.delete, snapshot.archive) {
            (true, _) => "delete",
            (false, true) => "archive",
            (false, false) => "keep",
        };
        grid.row(vec![
            fate.to_owned(),
            snapshot.id.to_string(),
            step.target.to_string(),
            step.region.to_string(),
            snapshot.full_size_bytes.map_or_else(|| NONE.to_owned(), bytes),
            if fate == "keep" { why(snapshot).to_owned() } else { String::new() },
        ]);
    }
    grid
}

fn counted(kept: &[(&Step, &StepSnapshot)]) -> Grid {
    let mut by_reason: BTreeMap<&str, (u64, &StepSnapshot)> = BTreeMap::new();
    for (_, snapshot) in kept {
        by_reason.entry(why(snapshot)).or_insert((0, snapshot)).0 += 1;
    }
    let mut reasons: Vec<_> = by_reason.into_iter().collect();
    reasons.sort_by_key(|(_, (snapshots, _))| std::cmp::Reverse(*snapshots));
    let others = reasons.split_off(reasons.len().min(super::ROWS_MAX));
    let mut grid = Grid::new(&[("Snapshots", Kind::Number), ("Such as", Kind::Id), ("Why kept", Kind::Note)]);
    for (why, (snapshots, example)) in reasons {
        grid.row(vec![count(snapshots), example.id.to_string(), why.to_owned()]);
    }
    let rest: u64 = others.iter().map(|(_, (snapshots, _))| snapshots).sum();
    if rest > 0 {
        grid.row(vec![count(rest), NONE.to_owned(), "other reasons; the JSON output has each".to_owned()]);
    }
    grid
}
