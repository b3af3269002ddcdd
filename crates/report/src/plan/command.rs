//! The plan of a command of the life cycle: what it does, image by image.

use std::collections::BTreeSet;
use std::fmt;

use amictl_plan::{Action, Change, Step};

use super::PlanReport;
use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{len, plural};
use crate::{ReportError, change, sink};

/// The plan for people.
pub(super) fn document(report: &PlanReport<'_>) -> Doc {
    let plan = report.plan;
    let mut doc = Doc::default();
    doc.title(format!("Plan {}", plan.plan_id));
    let accounts: BTreeSet<_> = plan.steps.iter().map(|step| step.account).collect();
    let accounts: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    doc.facts(vec![
        (if accounts.len() == 1 { "Account" } else { "Accounts" }, accounts.join(", ")),
        ("Digest", plan.digest.clone()),
    ]);
    let steps = plural(len(plan.steps.len()), "step", "steps");
    doc.heading(format!("To do: {steps}"));
    let are_images = plan.steps.iter().all(|step| step.target.image().is_some());
    let mut grid = Grid::new(&[
        ("Step", Kind::Word),
        ("Action", Kind::Word),
        (if are_images { "Image" } else { "Target" }, Kind::Id),
        ("Region", Kind::Id),
        ("Name", Kind::Name),
        ("What", Kind::Note),
    ]);
    for step in &plan.steps {
        grid.row(cells(step).into());
    }
    doc.grid(grid);
    doc.line(Tone::Plain, "Nothing was changed.");
    doc.commands(report.next.iter().map(|next| ("To carry it out", next.clone())).collect());
    doc
}

fn cells(step: &Step) -> [String; 6] {
    [
        step.id.to_string(),
        step.action.as_str().to_owned(),
        step.target.to_string(),
        step.region.to_string(),
        step.name.as_deref().unwrap_or_default().to_owned(),
        step.change.as_deref().map_or_else(|| of_verdict(step), |change| what(step, change)),
    ]
}

/// What is to become of an image by its verdict, in a plan that does more than that.
fn of_verdict(step: &Step) -> String {
    let words = match step.action {
        Action::Deregister => "disabled, looked at again after a while, and then deregistered",
        action => action.as_str(),
    };
    words.to_owned()
}

/// What is to become of the image, and whether it is so already.
fn what(step: &Step, change: &Change) -> String {
    let words = change::words(change, &step.region);
    if change.was_so(&step.expects) { format!("{words} (it is so already)") } else { words }
}

/// One row a step.
pub(super) fn csv(out: &mut dyn fmt::Write, report: &PlanReport<'_>) -> Result<(), ReportError> {
    sink::write_csv(
        out,
        ["step", "action", "image_id", "region", "name", "what", "account"],
        report.plan.steps.iter().map(|step| {
            let [id, action, image, region, name, what] = cells(step);
            [id, action, image, region, name, what, step.account.to_string()]
        }),
    )
}
