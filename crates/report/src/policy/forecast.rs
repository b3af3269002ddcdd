//! What a policy would do in the days to come.

use std::collections::BTreeMap;
use std::fmt;

use amictl_model::{AccountId, Inventory, Moment, Region, Source};
use amictl_policy::{Forecast, ForecastEvent, Reached, Stage};
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, count, date, date_time, len, plural};
use crate::{Format, Output, ReportError, markdown, sink, terminal};

/// Above so many images, a table has one row a day and stage only.
const ROWS_MAX: usize = 200;

/// A forecast and the inventory that it is of.
#[derive(Debug, Clone, Copy)]
pub struct ForecastReport<'a> {
    /// The inventory.
    pub inventory: &'a Inventory,
    /// The forecast.
    pub forecast: &'a Forecast,
}

#[derive(Serialize)]
struct Document<'a> {
    inventory_id: &'a str,
    from: Moment,
    days: u32,
    blocked: u64,
    /// The days on which a plan would go beyond `max_actions` or `max_percent`.
    refused: Vec<Refused>,
    events: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Refused {
    at: Moment,
    retired: u64,
    images: u64,
}

#[derive(Serialize)]
struct Row<'a> {
    at: Moment,
    reached: &'static str,
    image_id: &'a str,
    account: AccountId,
    region: &'a Region,
    name: &'a str,
    family: Option<&'a str>,
    /// What is read only of images that would go, and may still keep it.
    depends_on: &'a [Source],
}

impl<'a> Row<'a> {
    fn of(inventory: &'a Inventory, event: &'a ForecastEvent) -> Option<Self> {
        let scope = inventory.scopes.get(event.scope as usize)?;
        let image = scope.images.get(event.image as usize)?;
        Some(Self {
            at: event.at,
            reached: event.reached.as_str(),
            image_id: image.id.as_str(),
            account: scope.scope.account,
            region: &scope.scope.region,
            name: &image.name,
            family: event.family.as_deref(),
            depends_on: &event.depends_on,
        })
    }

    fn depends_on(&self) -> String {
        self.depends_on.iter().map(|source| source.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn cells(&self) -> [String; 8] {
        [
            self.at.to_string(),
            self.reached.to_owned(),
            self.image_id.to_owned(),
            self.account.to_string(),
            self.region.to_string(),
            self.name.to_owned(),
            self.family.unwrap_or_default().to_owned(),
            self.depends_on(),
        ]
    }
}

/// Writes what would be done when.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn policy_forecast(
    out: &mut dyn fmt::Write,
    report: &ForecastReport<'_>,
    output: Output,
) -> Result<(), ReportError> {
    let mut rows = report.forecast.events.iter().filter_map(|event| Row::of(report.inventory, event));
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(report), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(report))?),
        Format::Json => {
            let Forecast { from, days, blocked, .. } = *report.forecast;
            let refused = report.forecast.refused.iter().map(|day| Refused {
                at: day.at,
                retired: day.retired,
                images: day.images,
            });
            let inventory_id = &report.inventory.id;
            let document =
                Document { inventory_id, from, days, blocked, refused: refused.collect(), events: rows.collect() };
            sink::write_json(out, &document)
        }
        Format::Ndjson => rows.try_for_each(|row| sink::write_json_line(out, &row)),
        Format::Csv => {
            let header = ["at", "reached", "image_id", "account", "region", "name", "family", "depends_on"];
            sink::write_csv(out, header, rows.map(|row| row.cells()))
        }
    }
}

fn document(report: &ForecastReport<'_>) -> Doc {
    let Forecast { from, days, events, refused, blocked } = report.forecast;
    let mut doc = Doc::default();
    doc.title(format!("Forecast of {} from {}", plural(u64::from(*days), "day", "days"), date_time(*from)));
    doc.line(
        Tone::Plain,
        "As if amictl ran once a day from this inventory on, and nothing else were made, launched or changed.",
    );
    if *blocked > 0 {
        let images = plural(*blocked, "image", "images");
        doc.line(Tone::Bad, format!("{images} cannot be decided on, because something was not read whole."));
    }
    for day in refused {
        let images = plural(day.retired, "image", "images");
        let line = format!(
            "On {} a plan would retire {images} of {} and be refused by the caps.",
            date(Some(day.at)),
            count(day.images)
        );
        doc.line(Tone::Warn, line);
    }
    if events.iter().any(|event| !event.depends_on.is_empty()) {
        doc.line(Tone::Warn, "What an image depends on is read when it would go, and may still keep it.");
    }
    if events.is_empty() {
        doc.line(Tone::Good, "Nothing would be done.");
    }
    doc.grid(per_day(events));
    if events.len() <= ROWS_MAX {
        doc.grid(per_image(report));
    } else {
        let images = plural(len(events.len()), "event", "events");
        doc.line(Tone::Plain, format!("{images} in all; every one is listed with --output csv, json or ndjson."));
    }
    doc
}

fn per_day(events: &[ForecastEvent]) -> Grid {
    const KINDS: [Reached; 5] = [
        Reached::Marked,
        Reached::Stage(Stage::Deprecate),
        Reached::Stage(Stage::Disable),
        Reached::Stage(Stage::ArchiveSnapshots),
        Reached::Stage(Stage::Deregister),
    ];
    let mut days: BTreeMap<Moment, [u64; 5]> = BTreeMap::new();
    for event in events {
        let day = days.entry(event.at).or_default();
        if let Some(at) = KINDS.iter().position(|kind| *kind == event.reached) {
            day[at] += 1;
        }
    }
    let columns = [
        ("Day", Kind::Word),
        ("Marked", Kind::Number),
        ("Deprecate", Kind::Number),
        ("Disable", Kind::Number),
        ("Deregister", Kind::Number),
    ];
    let mut grid = Grid::new(&columns);
    for (day, counts) in days {
        let counts = counts.map(|images| if images == 0 { NONE.to_owned() } else { count(images) });
        grid.row(std::iter::once(date(Some(day))).chain(counts).collect());
    }
    grid
}

fn per_image(report: &ForecastReport<'_>) -> Grid {
    let columns = [
        ("Day", Kind::Word),
        ("What", Kind::Word),
        ("Image", Kind::Id),
        ("Region", Kind::Id),
        ("Name", Kind::Name),
        ("Family", Kind::Name),
        ("Depends on", Kind::Note),
    ];
    let mut grid = Grid::new(&columns);
    for row in report.forecast.events.iter().filter_map(|event| Row::of(report.inventory, event)) {
        grid.row(vec![
            date(Some(row.at)),
            row.reached.to_owned(),
            row.image_id.to_owned(),
            row.region.to_string(),
            row.name.to_owned(),
            row.family.unwrap_or(NONE).to_owned(),
            row.depends_on(),
        ]);
    }
    grid
}
