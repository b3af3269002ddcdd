//! What there is to say to people about one image.

use std::collections::BTreeSet;

use amictl_model::{Source, StorageTier};
use amictl_policy::Verdict;

use super::detail::{Relative, SnapshotUse, relatives, snapshots};
use super::undo::sentences;
use super::{Beyond, ImageReport, Places, ReferenceRow, UnreadRow};
use crate::coverage::{coverage_rows, evidence_coverage, section};
use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, age, bytes, count, date, gib, len, plural, usd};
use crate::refs::{reference_grid, unread_section};
use crate::words;

/// The whole report.
pub(super) fn document(report: &ImageReport<'_>) -> Doc {
    let mut doc = Doc::default();
    doc.title(format!("Image {}", report.entry.image.id));
    doc.facts(facts(report));
    if let Some(verdict) = report.entry.verdict {
        judged(&mut doc, verdict);
    }
    references(&mut doc, report);
    snapshot_section(&mut doc, report);
    tags(&mut doc, report);
    undo(&mut doc, report);
    let places = Places::of(report.inventory);
    let problems = coverage_rows(places.users(&report.entry), false);
    if report.entry.verdict.is_some() {
        let all = evidence_coverage(&places, &report.entry);
        section(&mut doc, "What was read where it could be used", &all);
    } else {
        // Those that could use it stand beside its uses.
        let others: Vec<_> = problems.iter().filter(|row| !Source::REFERENCES.contains(&row.source)).copied().collect();
        section(&mut doc, "Not read whole beside them", &others);
    }
    if report.entry.verdict.is_some() && problems.is_empty() {
        doc.line(Tone::Good, "All of these were read whole.");
    }
    steps(&mut doc, report);
    doc.commands(report.next.iter().map(|next| ("To go on", next.clone())).collect());
    doc
}

fn facts(report: &ImageReport<'_>) -> Vec<(&'static str, String)> {
    let image = report.entry.image;
    let scope = &report.entry.scope.scope;
    let dated = |at| match at {
        Some(_) => format!("{} ({} ago)", date(at), age(at, report.now)),
        None => "unknown".to_owned(),
    };
    let mut facts = vec![
        ("Name", image.name.to_string()),
        ("Account", scope.account.to_string()),
        ("Region", scope.region.to_string()),
        ("State", words::state(image, report.now)),
        ("Created", dated(image.created_at)),
        (
            "Last launched",
            image
                .last_launched_at
                .map_or_else(|| "not known to have been launched".to_owned(), |_| dated(image.last_launched_at)),
        ),
        ("Size", gib(report.entry.size_gib())),
        ("Root device", image.root_device_type.as_str().to_owned()),
        ("Architecture", image.architecture.to_string()),
        ("Platform", image.platform_details.as_str().to_owned()),
        ("Protection", image.protection.as_str().to_owned()),
        ("May be launched by", words::permissions(image)),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    if image.deprecation_at.is_some() {
        facts.push(("Deprecation", date(image.deprecation_at)));
    }
    if let Some(description) = &image.description {
        facts.push(("Description", description.to_string()));
    }
    let (source, copies) = relatives(report);
    if let Some(source) = source {
        facts.push(("Copied from", relative(&source)));
    }
    if !copies.is_empty() {
        let mut text = copies.iter().take(COPIES_MAX).map(relative).collect::<Vec<_>>().join("; ");
        if copies.len() > COPIES_MAX {
            text.push_str(&format!("; and {} more", count(len(copies.len() - COPIES_MAX))));
        }
        facts.push(("Copied to", text));
    }
    facts
}

/// Copies that are spelled out; `amictl tree` has all.
const COPIES_MAX: usize = 10;

fn relative(image: &Relative<'_>) -> String {
    match (image.account, image.region) {
        (Some(account), Some(region)) => format!("{} in {region} of {account}", image.id),
        _ => format!("{} (not in the inventory)", image.id),
    }
}

fn undo(doc: &mut Doc, report: &ImageReport<'_>) {
    doc.heading("What can be taken back");
    for sentence in sentences(report.entry.image) {
        doc.line(Tone::Plain, sentence);
    }
}

fn judged(doc: &mut Doc, verdict: &Verdict) {
    let decision = match words::decision(verdict.decision) {
        "keep" => "keep".to_owned(),
        "blocked" => "blocked, so it stays: something that might protect it could not be read".to_owned(),
        stage => format!("retire ({stage})"),
    };
    doc.heading(format!("Verdict: {decision}"));
    let family = verdict.family.as_deref();
    doc.line(
        Tone::Plain,
        family.map_or("In no family of the policy.".to_owned(), |name| format!("Policy family: {name}")),
    );
    let mut grid =
        Grid::new(&[("Reason", Kind::Word), ("Source", Kind::Word), ("Resource", Kind::Name), ("Because", Kind::Note)]);
    for reason in verdict.reasons.iter() {
        grid.row(vec![
            words::reason(reason.code).to_owned(),
            reason.source.map_or(NONE, Source::as_str).to_owned(),
            reason.resource.as_deref().unwrap_or(NONE).to_owned(),
            reason.message.to_string(),
        ]);
    }
    doc.grid(grid);
}

fn references(doc: &mut Doc, report: &ImageReport<'_>) {
    let places = Places::of(report.inventory);
    let (uses, unread) = (ReferenceRow::all(&places, &report.entry), UnreadRow::all(&places, &report.entry));
    doc.heading(format!("Used by: {}", places.used_by_text(&report.entry)));
    let beyond = Beyond::of(&places, &report.entry);
    if uses.is_empty() && unread.is_empty() && beyond.count() == 0 && beyond.unread_files.is_empty() {
        doc.line(Tone::Plain, "Nothing that was read uses it.");
    }
    let own = report.entry.scope.scope.account;
    doc.grid(reference_grid(&uses, own, Kind::Name));
    beyond.tell(doc);
    if report.entry.verdict.is_none() {
        unread_section(doc, &unread, own);
    } else if !unread.is_empty() {
        // A verdict comes with the whole coverage, below.
        let sources: BTreeSet<&str> = unread.iter().map(|row| row.source.as_str()).collect();
        let sources = sources.into_iter().collect::<Vec<_>>().join(", ");
        doc.line(Tone::Bad, format!("Not read whole: {sources}. There may be more uses than are shown here."));
    }
}

fn snapshot_section(doc: &mut Doc, report: &ImageReport<'_>) {
    let snapshots = snapshots(&report.entry);
    doc.heading(format!("Snapshots: {}", count(len(snapshots.len()))));
    let mut grid = Grid::new(&[
        ("Snapshot", Kind::Id),
        ("Device", Kind::Name),
        ("Volume", Kind::Number),
        ("Full size", Kind::Number),
        ("Also used by", Kind::Note),
    ]);
    for snapshot in &snapshots {
        grid.row(vec![
            snapshot.id.to_string(),
            snapshot.device_name.to_owned(),
            snapshot.size_gib.map_or_else(|| NONE.to_owned(), |size| gib(size.into())),
            snapshot.snapshot.and_then(|snapshot| snapshot.full_size_bytes).map_or_else(|| NONE.to_owned(), bytes),
            also_used(snapshot, report.entry.scope.is_complete(Source::Snapshots)),
        ]);
    }
    doc.grid(grid);
    if !report.entry.scope.is_complete(Source::Images) {
        doc.line(Tone::Bad, "The images were not read whole: others may use these snapshots too.");
    }
}

fn also_used(snapshot: &SnapshotUse<'_>, snapshots_are_whole: bool) -> String {
    let mut text = match &snapshot.other_images[..] {
        [] => "no other image".to_owned(),
        ids => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    match (snapshot.snapshot, snapshots_are_whole) {
        (Some(snapshot), _) if snapshot.tier == StorageTier::Archive => text.push_str("; in the archive tier"),
        (Some(_), _) => {}
        (None, true) => text.push_str("; not among the account's snapshots"),
        (None, false) => text.push_str("; the snapshots were not read whole"),
    }
    text
}

fn tags(doc: &mut Doc, report: &ImageReport<'_>) {
    let tags = &report.entry.image.tags;
    if tags.is_empty() {
        return;
    }
    doc.heading("Tags");
    let mut grid = Grid::new(&[("Key", Kind::Name), ("Value", Kind::Note)]);
    for (key, value) in tags.iter() {
        grid.row(vec![key.to_owned(), value.to_owned()]);
    }
    doc.grid(grid);
}

fn steps(doc: &mut Doc, report: &ImageReport<'_>) {
    if report.steps.is_empty() {
        return;
    }
    doc.heading("What the plan does");
    let mut grid = Grid::new(&[
        ("Action", Kind::Word),
        ("Step", Kind::Word),
        ("Saves at most", Kind::Number),
        ("Snapshots", Kind::Note),
    ]);
    for step in &report.steps {
        let deleted = step.snapshots.iter().filter(|snapshot| snapshot.delete).count();
        let archived = step.snapshots.iter().filter(|snapshot| snapshot.archive).count();
        let kept = step.snapshots.len() - deleted - archived;
        let (verb, gone) = if archived > 0 { ("archived", archived) } else { ("deleted", deleted) };
        grid.row(vec![
            step.action.as_str().to_owned(),
            step.id.to_string(),
            format!("{} a month", usd(step.monthly_usd_upper_bound)),
            format!("{} {verb}, {} kept", plural(len(gone), "snapshot", "snapshots"), count(len(kept))),
        ]);
    }
    doc.grid(grid);
}
