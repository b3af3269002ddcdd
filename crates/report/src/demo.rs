//! The last page of `amictl demo`.

use std::fmt;

use amictl_model::{AccountId, ImageId, Region};

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{bytes, count, gib, len, plural, usd};
use crate::plan::KeptReason;
use crate::{CommandLine, Format, Output, ReportError, markdown, terminal, words};

/// What the demo came to, computed by whoever ran it.
#[derive(Debug, Clone)]
pub struct DemoSummary {
    /// What was found.
    pub found: DemoFound,
    /// Why images stay, from [`kept_by_reason`](crate::kept_by_reason).
    pub kept: Vec<KeptReason>,
    /// Images that stay because something could not be read.
    pub blocked: u64,
    /// What was cleaned up.
    pub cleaned: DemoCleaned,
    /// The image that undoing gave back.
    pub returned: Option<DemoReturned>,
    /// Where things were left: a label and a path each.
    pub files: Vec<(&'static str, String)>,
    /// How to go on: what for, and the command.
    pub next: Vec<(&'static str, CommandLine)>,
    /// How long it took, in milliseconds; the caller measures.
    pub took_ms: u64,
}

/// What the scan of the demo found.
#[derive(Debug, Clone)]
pub struct DemoFound {
    /// Accounts.
    pub accounts: Vec<AccountId>,
    /// Regions.
    pub regions: Vec<Region>,
    /// Images.
    pub images: u64,
    /// Images by family, in the order to be shown.
    pub families: Vec<(String, u64)>,
    /// Snapshots.
    pub snapshots: u64,
    /// GiB of the snapshots' volumes.
    pub snapshots_gib: u64,
}

/// What the run of the demo did.
#[derive(Debug, Clone, Copy, Default)]
pub struct DemoCleaned {
    /// Images deregistered.
    pub images: u64,
    /// Snapshots deleted.
    pub snapshots: u64,
    /// Their full sizes.
    pub snapshots_bytes: u64,
    /// Snapshots kept because others need them.
    pub snapshots_kept: u64,
    /// Steps that were not done: skipped, returned or failed.
    pub not_done: u64,
    /// US dollars a month that it saves at most.
    pub monthly_usd_upper_bound: f64,
}

/// An image that undoing gave back.
#[derive(Debug, Clone)]
pub struct DemoReturned {
    /// The image.
    pub image: ImageId,
    /// Its name. Attacker-controlled text.
    pub name: String,
    /// What else came back, such as `shared with 2 accounts again`; may be empty.
    pub detail: String,
}

/// Writes the summary; as Markdown where that is asked for, otherwise for a terminal.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn demo(out: &mut dyn fmt::Write, summary: &DemoSummary, output: Output) -> Result<(), ReportError> {
    let doc = document(summary);
    match output.format {
        Format::Markdown => Ok(markdown::draw(out, &doc)?),
        Format::Table | Format::Json | Format::Ndjson | Format::Csv => Ok(terminal::draw(out, &doc, output.style)?),
    }
}

fn document(summary: &DemoSummary) -> Doc {
    let mut doc = Doc::default();
    let seconds = format!("{}.{} s", summary.took_ms / 1000, summary.took_ms % 1000 / 100);
    doc.title(format!("That was the whole pipeline in {seconds}: scan, plan, apply, undo"));
    found(&mut doc, &summary.found);
    kept(&mut doc, summary);
    cleaned(&mut doc, summary);
    if !summary.files.is_empty() {
        doc.heading("Left for you to look at");
        doc.facts(summary.files.clone());
    }
    if !summary.next.is_empty() {
        doc.heading("How to go on");
        doc.commands(summary.next.clone());
    }
    doc
}

fn found(doc: &mut Doc, found: &DemoFound) {
    let join = |names: Vec<String>| names.join(", ");
    let accounts = join(found.accounts.iter().map(ToString::to_string).collect());
    let regions = join(found.regions.iter().map(ToString::to_string).collect());
    doc.heading("What was found");
    doc.facts(vec![
        ("Accounts", format!("{} ({accounts})", count(len(found.accounts.len())))),
        ("Regions", format!("{} ({regions})", count(len(found.regions.len())))),
        ("Images", format!("{} in {}", count(found.images), plural(len(found.families.len()), "family", "families"))),
        ("Snapshots", format!("{}, {} of volumes", count(found.snapshots), gib(found.snapshots_gib))),
    ]);
    let mut grid = Grid::new(&[("Family", Kind::Name), ("Images", Kind::Number), ("", Kind::Word)]);
    let most = found.families.iter().map(|(_, images)| *images).max().unwrap_or(0);
    for (family, images) in &found.families {
        grid.row(vec![family.clone(), count(*images), bar(*images, most)]);
    }
    doc.grid(grid);
}

/// A bar of up to 24 blocks; at least one for anything at all.
fn bar(number: u64, most: u64) -> String {
    let blocks = if most == 0 { 0 } else { (u128::from(number) * 24).div_ceil(u128::from(most)) };
    "█".repeat(usize::try_from(blocks).unwrap_or(24))
}

fn kept(doc: &mut Doc, summary: &DemoSummary) {
    let images: u64 = summary.kept.iter().map(|kept| kept.images).sum();
    doc.heading(format!("What is kept, and why: {}", plural(images, "image", "images")));
    let mut grid = Grid::new(&[
        ("Images", Kind::Number),
        ("Why kept", Kind::Word),
        ("Such as", Kind::Name),
        ("Because", Kind::Note),
    ]);
    for kept in &summary.kept {
        grid.row(vec![
            count(kept.images),
            words::reason(kept.code).to_owned(),
            kept.example_name.clone(),
            kept.example_why.clone(),
        ]);
    }
    doc.grid(grid);
    if summary.blocked > 0 {
        let images = plural(summary.blocked, "image stays", "images stay");
        doc.line(Tone::Warn, format!("{images} because something that might use them could not be read."));
    }
}

fn cleaned(doc: &mut Doc, summary: &DemoSummary) {
    let cleaned = &summary.cleaned;
    doc.heading("What was cleaned up");
    doc.line(
        Tone::Good,
        format!(
            "{} deregistered behind the fence, {} deleted ({} at most).",
            plural(cleaned.images, "unused image", "unused images"),
            plural(cleaned.snapshots, "snapshot", "snapshots"),
            bytes(cleaned.snapshots_bytes)
        ),
    );
    if cleaned.snapshots_kept > 0 {
        let kept = plural(cleaned.snapshots_kept, "snapshot was kept", "snapshots were kept");
        doc.line(Tone::Plain, format!("{kept}, because other images need what is in there."));
    }
    if cleaned.not_done > 0 {
        let steps = plural(cleaned.not_done, "step was", "steps were");
        doc.line(Tone::Warn, format!("{steps} not done; the run says why."));
    }
    if let Some(returned) = &summary.returned {
        let detail = if returned.detail.is_empty() { String::new() } else { format!(", {}", returned.detail) };
        doc.line(Tone::Good, format!("Undo brought back {} ({}){detail}.", returned.name, returned.image));
    }
    doc.line(
        Tone::Good,
        format!(
            "That saves at most {} a month (upper bound: full sizes at the standard price).",
            usd(cleaned.monthly_usd_upper_bound)
        ),
    );
}
