//! A check-up for people.

use amictl_collect::doctor::{Checkup, Health, NeedHealth};

use super::DoctorReport;
use super::record::{name, quota, state};
use super::rules::describe;
use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{count, len, plural};

/// Actions that the last line names.
const ACTIONS_MAX: usize = 6;

/// The whole report.
pub(super) fn document(report: &DoctorReport<'_>) -> Doc {
    let mut doc = Doc::default();
    doc.title(format!("Check-up of account {}", report.account));
    doc.facts(vec![("Caller", report.caller.to_owned()), ("Regions", regions(report))]);
    doc.heading("What reading needs");
    doc.grid(needs(report));
    for (places, settings) in settings_groups(report) {
        doc.heading(format!("Settings of {}", list(&places, report.checkups.len())));
        settings.write(&mut doc);
    }
    for (scope, why) in report.unreachable {
        doc.line(Tone::Bad, format!("{scope} cannot be worked in: {why}"));
    }
    doc.heading("What is missing");
    last_line(&mut doc, report);
    doc
}

fn regions(report: &DoctorReport<'_>) -> String {
    let places: Vec<String> = report.checkups.iter().map(|checkup| report.place(&checkup.scope)).collect();
    let names = list(&places, usize::MAX);
    match report.regions {
        Some((enabled, known)) => {
            format!("{names} ({} of {} Regions are enabled)", count(len(enabled)), count(len(known)))
        }
        None => format!("{names} (which are enabled could not be read)"),
    }
}

/// Places that are spelled out.
const PLACES_MAX: usize = 6;

/// Places in words; `all` when there are that many in all, and more than one.
fn list(places: &[String], all: usize) -> String {
    if places.len() == all && all > 1 {
        return "all".to_owned();
    }
    let mut text = places.iter().take(PLACES_MAX).cloned().collect::<Vec<_>>().join(", ");
    if places.len() > PLACES_MAX {
        text.push_str(&format!(" and {} more", count(len(places.len() - PLACES_MAX))));
    }
    text
}

/// A need with everything that is the same in several Regions said once.
struct Group<'a> {
    health: &'a NeedHealth,
    places: Vec<String>,
}

fn needs(report: &DoctorReport<'_>) -> Grid {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for checkup in report.checkups {
        for health in &checkup.needs {
            let place = report.place(&checkup.scope);
            let is_same = |group: &&mut Group<'_>| {
                let had = group.health;
                (had.need, had.health, &had.detail) == (health.need, health.health, &health.detail)
            };
            match groups.iter_mut().find(is_same) {
                Some(group) => group.places.push(place),
                None => groups.push(Group { health, places: vec![place] }),
            }
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse((group.health.blocks, group.health.health.is_ill())));
    let mut grid = Grid::new(&[
        ("Status", Kind::Word),
        ("Need", Kind::Word),
        ("Where", Kind::Word),
        ("What it means", Kind::Note),
    ]);
    for group in groups {
        let (health, places) = (group.health, list(&group.places, report.checkups.len()));
        grid.row(vec![health.health.as_str().to_owned(), name(health.need).to_owned(), places, meaning(health)]);
    }
    grid
}

fn meaning(health: &NeedHealth) -> String {
    match health.health {
        Health::Works => health.purpose.to_owned(),
        Health::NotUsed | Health::InPart => format!("{}; {}", health.purpose, health.detail),
        Health::Failed | Health::Denied => {
            let blocks = if health.blocks { "BLOCKS: " } else { "" };
            format!("{}; {blocks}without it, {}. {}", health.purpose, health.without, health.detail)
        }
    }
}

/// The settings of some places in words.
#[derive(PartialEq)]
struct SettingsText {
    facts: Vec<(&'static str, String)>,
    restorable_days: Option<u64>,
}

/// The settings, each with the places that have them all alike.
fn settings_groups(report: &DoctorReport<'_>) -> Vec<(Vec<String>, SettingsText)> {
    let mut groups: Vec<(Vec<String>, SettingsText)> = Vec::new();
    for checkup in report.checkups {
        let (place, text) = (report.place(&checkup.scope), SettingsText::of(checkup));
        match groups.iter_mut().find(|(_, had)| *had == text) {
            Some((places, _)) => places.push(place),
            None => groups.push((vec![place], text)),
        }
    }
    groups
}

impl SettingsText {
    fn of(checkup: &Checkup) -> Self {
        let settings = &checkup.settings;
        let facts = vec![
            ("Recycle Bin, images", describe(&settings.recovery.images)),
            ("Recycle Bin, snapshots", describe(&settings.recovery.snapshots)),
            ("Allowed AMIs", allowed(&state(&settings.allowed_images))),
            ("Block public access", state(&settings.public_access)),
            ("AMIs at most", quota(&settings.images_max)),
        ];
        Self { facts, restorable_days: settings.recovery.days_for_all() }
    }

    fn write(self, doc: &mut Doc) {
        doc.facts(self.facts);
        match self.restorable_days {
            Some(days) => doc.line(
                Tone::Good,
                format!("Whatever is deregistered can be restored for {}.", plural(days, "day", "days")),
            ),
            None => doc.line(
                Tone::Warn,
                "Not everything that is deregistered could be restored: that takes a Recycle Bin rule for all images and one for \
                 all snapshots.",
            ),
        }
    }
}

fn allowed(state: &str) -> String {
    if state.starts_with("enabled") {
        format!("{state}: images of others that are not allowed are hidden from listings; the account's own are not")
    } else {
        state.to_owned()
    }
}

fn last_line(doc: &mut Doc, report: &DoctorReport<'_>) {
    let missing = report.missing();
    let (ill, blocks) = (report.ill().count(), report.ill().filter(|health| health.blocks).count());
    if ill == 0 && !report.unreachable.is_empty() {
        doc.line(
            Tone::Bad,
            "Accounts that cannot be worked in: see above. What they use, and their images, cannot be told.",
        );
        return;
    }
    if ill == 0 {
        doc.line(Tone::Good, "Nothing: everything that reading needs works.");
        return;
    }
    let mut text = format!(
        "{} not work, {} would keep images from being retired.",
        plural(len(ill), "need does", "needs do"),
        count(len(blocks))
    );
    if !missing.is_empty() {
        let shown = missing.iter().take(ACTIONS_MAX).copied().collect::<Vec<_>>().join(", ");
        let more = missing.len().saturating_sub(ACTIONS_MAX);
        let more = if more > 0 { format!(" and {} more", count(len(more))) } else { String::new() };
        text.push_str(&format!(" Missing permissions: {shown}{more}."));
    }
    doc.line(if blocks > 0 { Tone::Bad } else { Tone::Warn }, text);
    if !missing.is_empty() {
        doc.commands(vec![("The policy that allows them", report.policy_command.clone())]);
    }
}
