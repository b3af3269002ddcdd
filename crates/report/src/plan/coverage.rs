//! What could not be read, and how many images that blocks.

use std::collections::HashMap;

use amictl_model::{AccountId, CoverageStatus, Region, Source};
use amictl_plan::{Plan, PlanCoverage, PlanDecision};

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, count, len, plural};

/// The sources that were not read whole.
pub(super) fn problems(plan: &Plan) -> Vec<&PlanCoverage> {
    plan.coverage.iter().filter(|coverage| coverage.status != CoverageStatus::Complete).collect()
}

/// One sentence at the top, so that nobody misses it.
pub(super) fn warn(doc: &mut Doc, plan: &Plan, blocked: u64) {
    let problems = len(problems(plan).len());
    if problems > 0 || !plan.complete {
        let sources = if problems == 0 { "something".to_owned() } else { plural(problems, "source", "sources") };
        let images = if blocked == 1 { "1 image is".to_owned() } else { format!("{} images are", count(blocked)) };
        doc.line(
            Tone::Bad,
            format!("The evidence is not whole: {sources} could not be read whole, and {images} blocked. See below."),
        );
    }
}

/// The table of what could not be read.
pub(super) fn section(doc: &mut Doc, plan: &Plan) {
    let problems = problems(plan);
    if problems.is_empty() {
        return;
    }
    let mut blocked: HashMap<(AccountId, &Region, Source), u64> = HashMap::new();
    for verdict in plan.verdicts.iter().filter(|verdict| verdict.decision == PlanDecision::Blocked) {
        let mut sources: Vec<Source> = verdict.reasons.iter().filter_map(|reason| reason.source).collect();
        sources.sort_unstable();
        sources.dedup();
        for source in sources {
            *blocked.entry((verdict.account, &verdict.region, source)).or_default() += 1;
        }
    }
    doc.heading(format!("Not read whole: {}", plural(len(problems.len()), "source", "sources")));
    let mut grid = Grid::new(&[
        ("Status", Kind::Word),
        ("Source", Kind::Word),
        ("Account", Kind::Id),
        ("Region", Kind::Id),
        ("Blocked", Kind::Number),
        ("Detail", Kind::Note),
    ]);
    for coverage in problems {
        let blocked = blocked.get(&(coverage.account, &coverage.region, coverage.source));
        grid.row(vec![
            coverage.status.as_str().to_owned(),
            coverage.source.to_string(),
            coverage.account.to_string(),
            coverage.region.to_string(),
            count(blocked.copied().unwrap_or(0)),
            if coverage.detail.is_empty() { NONE.to_owned() } else { coverage.detail.to_string() },
        ]);
    }
    doc.grid(grid);
}
