//! One image as CSV: a row for each piece of evidence.

use std::fmt;

use super::detail::{relatives, snapshots};
use super::{Beyond, ImageReport, Places, ReferenceRow};
use crate::coverage::evidence_coverage;
use crate::{ReportError, sink, words};

/// Writes the rows: facts, verdict, reasons, uses, snapshots, tags, coverage.
pub(super) fn write_csv(out: &mut dyn fmt::Write, report: &ImageReport<'_>) -> Result<(), ReportError> {
    let entry = &report.entry;
    let image = entry.image;
    let id = || image.id.to_string();
    let mut rows: Vec<[String; 5]> = Vec::new();
    let mut row = |kind: &str, source: &str, resource: &str, detail: String| {
        rows.push([id(), kind.to_owned(), source.to_owned(), resource.to_owned(), detail]);
    };
    row("name", "", "", image.name.to_string());
    row("account", "", "", entry.scope.scope.account.to_string());
    row("region", "", "", entry.scope.scope.region.to_string());
    row("state", "", "", words::state(image, report.now));
    row("created_at", "", "", image.created_at.map(|at| at.to_string()).unwrap_or_default());
    row("launch_permissions", "", "", words::permissions(image));
    if let Some(verdict) = entry.verdict {
        row("verdict", "", verdict.family.as_deref().unwrap_or_default(), words::decision(verdict.decision).to_owned());
        for reason in verdict.reasons.iter() {
            let source = reason.source.map(|source| source.to_string()).unwrap_or_default();
            row("reason", &source, reason.resource.as_deref().unwrap_or_default(), reason.message.to_string());
        }
    }
    let places = Places::of(report.inventory);
    for used in ReferenceRow::all(&places, entry) {
        let how = format!("{}; seen in {} of {}", words::usage(&used.reference.usage), used.region, used.account);
        row("reference", used.reference.source.as_str(), &used.reference.resource, how);
    }
    for [kind, source, resource, detail] in Beyond::of(&places, entry).rows() {
        row(&kind, &source, &resource, detail);
    }
    for snapshot in snapshots(entry) {
        let others: Vec<&str> = snapshot.other_images.iter().map(|id| id.as_str()).collect();
        row("snapshot", snapshot.device_name, snapshot.id.as_str(), others.join(" "));
    }
    for (key, value) in image.tags.iter() {
        row("tag", "", key, value.to_owned());
    }
    let (source, copies) = relatives(report);
    for (kind, relative) in
        source.iter().map(|source| ("copied_from", source)).chain(copies.iter().map(|copy| ("copy", copy)))
    {
        let region = relative.region.map(ToString::to_string).unwrap_or_default();
        let account = relative.account.map_or_else(|| "not in the inventory".to_owned(), |account| account.to_string());
        row(kind, &region, relative.id, account);
    }
    for coverage in evidence_coverage(&places, entry) {
        row("coverage", coverage.source.as_str(), coverage.status.as_str(), coverage.detail.to_owned());
    }
    sink::write_csv(out, ["image_id", "kind", "source", "resource", "detail"], rows)
}
