//! What a run says to people.

use std::collections::BTreeMap;

use amictl_apply::{RunStatus, RunSummary};

use super::RunReport;
use super::step_row::StepRow;
use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, count, date_time, len, plural};

/// Steps that are named before what to do about them.
const STEPS_NAMED_MAX: usize = 5;

/// The whole report.
pub(super) fn document(report: &RunReport<'_>) -> Doc {
    let run = report.run;
    let rows: Vec<StepRow<'_>> = run.steps.iter().map(StepRow::of).collect();
    let is_of_command = rows.iter().any(|row| row.change.is_some());
    let mut doc = Doc::default();
    doc.title(format!("Run {}", run.run.run_id));
    doc.facts(facts(run));
    outcome(&mut doc, run, is_of_command);

    let (done, open): (Vec<&StepRow<'_>>, Vec<&StepRow<'_>>) = rows.iter().partition(|row| row.is_plainly_done());
    if !open.is_empty() {
        doc.heading(format!("Not plainly done: {}", plural(len(open.len()), "step", "steps")));
        doc.grid(steps(&open, "Why", StepRow::why));
        advice(&mut doc, &open);
    }
    snapshots(&mut doc, &rows);
    if !done.is_empty() {
        doc.heading(format!("Done: {}", plural(len(done.len()), "step", "steps")));
        doc.grid(if is_of_command { steps(&done, "What", StepRow::came_to) } else { steps_done(&done) });
    }
    calls(&mut doc, report);
    ending(&mut doc, report, &rows);
    doc
}

/// How a run stopped, in a word.
pub(super) fn status(run: &RunSummary) -> &'static str {
    match run.status {
        Some(RunStatus::Finished) => "finished",
        Some(RunStatus::Interrupted) => "interrupted",
        Some(RunStatus::Stopped) => "stopped",
        Some(RunStatus::TimedOut) => "timed out",
        None => "unfinished",
    }
}

fn facts(run: &RunSummary) -> Vec<(&'static str, String)> {
    let regions: Vec<String> = run.run.regions.iter().map(ToString::to_string).collect();
    let status = match run.status {
        Some(RunStatus::Finished) => "finished",
        Some(RunStatus::Interrupted) => "interrupted by a signal",
        Some(RunStatus::Stopped) => "stopped: the journal could not be written, or the credentials expired",
        Some(RunStatus::TimedOut) => "timed out: what a step waits for is not there yet",
        None => "still at work, or killed",
    };
    vec![
        ("Plan", run.run.plan_id.clone()),
        ("Account", run.run.account.to_string()),
        (if regions.len() == 1 { "Region" } else { "Regions" }, regions.join(", ")),
        ("Started", date_time(run.started_at)),
        ("Last entry", date_time(run.last_at)),
        ("Status", status.to_owned()),
    ]
}

fn outcome(doc: &mut Doc, run: &RunSummary, is_of_command: bool) {
    let counts = run.counts();
    let mut parts = vec![format!("{} of {} done", count(counts.done), plural(len(run.steps.len()), "step", "steps"))];
    for (number, what) in [
        (counts.skipped, "skipped"),
        (counts.returned, "returned"),
        (counts.failed, "failed"),
        (counts.unfinished, "unfinished"),
    ] {
        if number > 0 {
            parts.push(format!("{} {what}", count(number)));
        }
    }
    let tone = match (counts.all_done(), counts.failed + counts.snapshots_failed) {
        (true, _) => Tone::Good,
        (false, 0) => Tone::Warn,
        (false, _) => Tone::Bad,
    };
    doc.line(tone, format!("{}.", parts.join(", ")));
    if is_of_command {
        return;
    }
    doc.line(
        if counts.snapshots_failed > 0 { Tone::Bad } else { Tone::Plain },
        format!(
            "Snapshots: {} deleted, {}{} kept, {} failed.",
            count(counts.snapshots_deleted),
            match counts.snapshots_archived {
                0 => String::new(),
                archived => format!("{} archived, ", count(archived)),
            },
            count(counts.snapshots_kept),
            count(counts.snapshots_failed)
        ),
    );
}

/// Each step in a line, the last column as it is called and filled.
fn steps<'a>(rows: &[&StepRow<'a>], last: &'static str, of_row: fn(&StepRow<'a>) -> String) -> Grid {
    let mut grid = Grid::new(&[
        ("Outcome", Kind::Word),
        ("Step", Kind::Word),
        ("Action", Kind::Word),
        ("Image", Kind::Id),
        ("Region", Kind::Id),
        ("Name", Kind::Name),
        (last, Kind::Note),
    ]);
    for row in rows {
        grid.row(vec![
            row.outcome.to_owned(),
            row.id.to_owned(),
            row.action.as_str().to_owned(),
            row.target.to_string(),
            row.region.to_string(),
            row.name.to_owned(),
            of_row(row),
        ]);
    }
    grid
}

/// What to do about the steps that failed, each advice once.
fn advice(doc: &mut Doc, rows: &[&StepRow<'_>]) {
    let mut of_steps: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows {
        if let Some(advice) = row.advice {
            of_steps.entry(advice).or_default().push(row.id);
        }
    }
    for (advice, steps) in of_steps {
        let named = steps.iter().take(STEPS_NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
        let more = steps.len().saturating_sub(STEPS_NAMED_MAX);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        doc.line(Tone::Warn, format!("{named}{more}: {advice}."));
    }
}

fn steps_done(rows: &[&StepRow<'_>]) -> Grid {
    let mut grid = Grid::new(&[
        ("Outcome", Kind::Word),
        ("Step", Kind::Word),
        ("Action", Kind::Word),
        ("Image", Kind::Id),
        ("Region", Kind::Id),
        ("Name", Kind::Name),
        ("Snapshots", Kind::Number),
    ]);
    for row in rows {
        grid.row(vec![
            row.outcome.to_owned(),
            row.id.to_owned(),
            row.action.as_str().to_owned(),
            row.target.to_string(),
            row.region.to_string(),
            row.name.to_owned(),
            count(len(row.snapshots.len())),
        ]);
    }
    grid
}

fn snapshots(doc: &mut Doc, rows: &[StepRow<'_>]) {
    let mut grid = Grid::new(&[("Fate", Kind::Word), ("Snapshot", Kind::Id), ("Image", Kind::Id), ("Why", Kind::Note)]);
    for fate in ["failed", "kept"] {
        for row in rows {
            for snapshot in row.snapshots.iter().filter(|snapshot| snapshot.fate == fate) {
                grid.row(vec![
                    fate.to_owned(),
                    snapshot.id.to_string(),
                    row.target.to_string(),
                    snapshot.why.unwrap_or(NONE).to_owned(),
                ]);
            }
        }
    }
    if !grid.rows.is_empty() {
        doc.heading("Snapshots that are still there");
        doc.grid(grid);
    }
}

fn calls(doc: &mut Doc, report: &RunReport<'_>) {
    if report.calls.is_empty() {
        return;
    }
    doc.heading("Calls");
    let mut grid = Grid::new(&[("Operation", Kind::Word), ("Sent", Kind::Number), ("Throttled", Kind::Number)]);
    for (operation, calls) in &report.calls {
        grid.row(vec![(*operation).to_owned(), count(calls.sent), count(calls.throttled)]);
    }
    doc.grid(grid);
}

fn ending(doc: &mut Doc, report: &RunReport<'_>, rows: &[StepRow<'_>]) {
    if rows.iter().any(|row| row.change.is_some()) {
        return ending_of_command(doc, report, rows);
    }
    let undoable = len(rows.iter().filter(|row| row.can_be_undone()).count());
    let gone =
        len(rows.iter().filter(|row| row.outcome == "done" && row.action == amictl_plan::Action::Deregister).count());
    let deregistered = plural(gone, "image was", "images were");
    match (undoable, gone) {
        (0, 0) => doc.line(Tone::Plain, "There is nothing to undo."),
        (0, _) => doc.line(Tone::Plain, format!("Nothing can be undone: {deregistered} deregistered.")),
        (_, _) => {
            let disabled = len(rows.iter().filter(|row| row.is_disabled()).count());
            let images = plural(disabled, "disabled image", "disabled images");
            let enabled = format!("{images} would be enabled again, with the launch permissions restored");
            let is_archived =
                |row: &&StepRow<'_>| row.can_be_undone() && row.action == amictl_plan::Action::ArchiveSnapshots;
            let archived = len(rows.iter().filter(is_archived).count());
            let others = plural(undoable - disabled, "image", "images");
            let restored = format!("{others} would have the deprecation and the tags back that they had");
            let can = match (disabled, undoable - disabled) {
                (0, _) => restored,
                (_, 0) => enabled,
                (_, _) => format!("{enabled}; {restored}"),
            };
            doc.line(Tone::Plain, format!("Can be undone: {can}."));
            if archived > 0 {
                let images = plural(archived, "image", "images");
                let text = format!(
                    "Snapshots of {images} come out of the archive within 72 hours then; AWS charges for 90 days in it."
                );
                doc.line(Tone::Plain, text);
            }
            if gone > 0 {
                doc.line(Tone::Plain, format!("Cannot be undone: {deregistered} deregistered."));
            }
        }
    }
    let mut commands = Vec::new();
    if report.run.counts().unfinished > 0 {
        commands.push(("To go on with the run", report.resume.clone()));
    }
    if undoable > 0 {
        commands.push(("To undo it", report.undo.clone()));
    }
    doc.commands(commands);
}

fn ending_of_command(doc: &mut Doc, report: &RunReport<'_>, rows: &[StepRow<'_>]) {
    let undoable: Vec<&StepRow<'_>> = rows.iter().filter(|row| row.can_be_undone()).collect();
    let made = len(undoable.iter().filter(|row| row.is_made).count());
    let changed = len(undoable.len()) - made;
    if changed > 0 {
        doc.line(Tone::Plain, format!("Can be undone: {}.", plural(changed, "change", "changes")));
    }
    if made > 0 {
        let images = plural(made, "image that was made", "images that were made");
        doc.line(Tone::Plain, format!("Undoing disables {images}, and deletes nothing."));
    }
    if undoable.is_empty() {
        doc.line(Tone::Plain, "There is nothing to undo.");
    }
    let mut commands = Vec::new();
    if report.run.counts().unfinished > 0 {
        commands.push(("To go on with the run", report.resume.clone()));
    }
    if !undoable.is_empty() {
        commands.push(("To undo it", report.undo.clone()));
    }
    doc.commands(commands);
}
