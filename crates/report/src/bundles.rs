//! Bundles of instance-store images: what each is made of, what it costs, and which no image is made of.

use std::collections::BTreeMap;
use std::fmt;

use amictl_collect::bundles::{
    Bundle, BundleImage, BundleImages, BundleStanding, FoundBundle, ManifestState, bundle_standing,
};
use amictl_collect::files::BucketPath;
use amictl_model::{AccountId, ImageId, Region};
use amictl_plan::monthly_usd_of_objects;
use serde::Serialize;

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{NONE, bytes, len, plural, usd};
use crate::{Format, Output, ReportError, markdown, sink, terminal};

/// Bundles, and the images that were looked at.
#[derive(Debug)]
pub struct BundleList<'a> {
    /// Every instance-store image.
    pub images: &'a BundleImages,
    /// The bundles that are shown.
    pub found: &'a [FoundBundle],
    /// Buckets that could not be looked through, and why.
    pub unread: &'a [(BucketPath, String)],
}

/// Writes a list of bundles.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn bundles(out: &mut dyn fmt::Write, list: &BundleList<'_>, output: Output) -> Result<(), ReportError> {
    let mut rows: Vec<Row<'_>> = list.found.iter().map(|found| Row::of(found, list.images)).collect();
    rows.sort_by_key(|row| row.standing);
    let unread = unread(list);
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(&rows, &unread), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(&rows, &unread))?),
        Format::Json => sink::write_json(out, &Document { totals: totals(&rows), unread: &unread, items: &rows }),
        Format::Ndjson => {
            let lines = unread.iter().map(Line::Unread).chain(rows.iter().map(Line::Bundle));
            lines.into_iter().try_for_each(|line| sink::write_json_line(out, &line))
        }
        Format::Csv => sink::write_csv(out, COLUMNS, rows.iter().map(Row::cells)),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    totals: BTreeMap<BundleStanding, u64>,
    /// What could not be read: where it is not empty, what is not in the list is not known.
    unread: &'a [Unread],
    items: &'a [Row<'a>],
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Unread(&'a Unread),
    Bundle(&'a Row<'a>),
}

/// Somewhere that could not be read.
#[derive(Serialize)]
struct Unread {
    place: String,
    why: String,
}

fn unread(list: &BundleList<'_>) -> Vec<Unread> {
    let images =
        list.images.unread.iter().map(|(scope, why)| Unread { place: format!("images of {scope}"), why: why.clone() });
    let places = list.images.images.iter().filter_map(|image| {
        let why = image.place.as_ref().err()?;
        Some(Unread { place: format!("{} in {}", image.image.id, image.scope), why: why.clone() })
    });
    let buckets = list.unread.iter().map(|(path, why)| Unread { place: path.to_string(), why: why.clone() });
    images.chain(places).chain(buckets).collect()
}

fn totals(rows: &[Row<'_>]) -> BTreeMap<BundleStanding, u64> {
    let mut totals = BTreeMap::new();
    for row in rows {
        *totals.entry(row.standing).or_default() += 1;
    }
    totals
}

/// A bundle as a record.
#[derive(Serialize)]
struct Row<'a> {
    bucket: &'a str,
    key: &'a str,
    account: AccountId,
    region: Option<&'a Region>,
    standing: BundleStanding,
    because: String,
    images: Vec<ImageRow<'a>>,
    /// `read`, `missing`, `unreadable` or `unknown`.
    manifest: &'static str,
    architecture: Option<&'a str>,
    image_bytes: Option<u64>,
    parts: u64,
    parts_missing: Vec<&'a str>,
    parts_not_in_manifest: Vec<&'a str>,
    bytes: u64,
    monthly_usd: f64,
}

#[derive(Serialize)]
struct ImageRow<'a> {
    image_id: &'a ImageId,
    account: AccountId,
    region: &'a Region,
    name: &'a str,
    state: &'a str,
}

impl<'a> ImageRow<'a> {
    fn of(image: &'a BundleImage) -> Self {
        Self {
            image_id: &image.image.id,
            account: image.scope.account,
            region: &image.scope.region,
            name: &image.image.name,
            state: image.image.state.as_str(),
        }
    }
}

const COLUMNS: [&str; 12] = [
    "bucket",
    "key",
    "account",
    "region",
    "standing",
    "because",
    "images",
    "manifest",
    "parts",
    "parts_missing",
    "bytes",
    "monthly_usd",
];

impl<'a> Row<'a> {
    fn of(found: &'a FoundBundle, images: &'a BundleImages) -> Self {
        let (standing, because) = bundle_standing(found, images);
        let bundle = found.bundle.as_ref().ok();
        let manifest = bundle.and_then(Bundle::read);
        let size = bundle.map_or(0, Bundle::bytes);
        Self {
            bucket: &found.place.bucket,
            key: &found.place.key,
            account: found.scope.account,
            region: bundle.map(|bundle| &bundle.region),
            standing,
            because,
            images: images.of(&found.place).map(ImageRow::of).collect(),
            manifest: match bundle.map(|bundle| &bundle.manifest) {
                None => "unknown",
                Some(ManifestState::Read(_)) => "read",
                Some(ManifestState::Missing) => "missing",
                Some(ManifestState::Unreadable(_)) => "unreadable",
            },
            architecture: manifest.map(|manifest| manifest.architecture.as_str()),
            image_bytes: manifest.and_then(|manifest| manifest.size_bytes),
            parts: bundle.map_or(0, |bundle| len(bundle.parts().len())),
            parts_missing: bundle.map(Bundle::missing).unwrap_or_default(),
            parts_not_in_manifest: bundle.map(Bundle::unlisted).unwrap_or_default(),
            bytes: size,
            monthly_usd: monthly_usd_of_objects(size),
        }
    }

    fn cells(&self) -> [String; 12] {
        [
            self.bucket.to_owned(),
            self.key.to_owned(),
            self.account.to_string(),
            self.region.map(ToString::to_string).unwrap_or_default(),
            self.standing.as_str().to_owned(),
            self.because.clone(),
            self.images.iter().map(|image| image.image_id.as_str()).collect::<Vec<_>>().join(" "),
            self.manifest.to_owned(),
            self.parts.to_string(),
            self.parts_missing.len().to_string(),
            self.bytes.to_string(),
            format!("{:.4}", self.monthly_usd),
        ]
    }
}

fn document(rows: &[Row<'_>], unread: &[Unread]) -> Doc {
    let mut doc = Doc::default();
    let (size, cost) = rows.iter().fold((0, 0.0), |(size, cost), row| (size + row.bytes, cost + row.monthly_usd));
    let of_all = plural(len(rows.len()), "bundle", "bundles");
    doc.line(Tone::Plain, format!("{of_all} of instance-store images, {}, {} a month", bytes(size), usd(cost)));
    let totals = totals(rows);
    let totals: Vec<String> =
        totals.iter().map(|(standing, number)| format!("{number} {}", standing.as_str())).collect();
    if !totals.is_empty() {
        doc.line(Tone::Plain, totals.join(", "));
    }
    let mut grid = Grid::new(&[
        ("Manifest", Kind::Id),
        ("Region", Kind::Id),
        ("Parts", Kind::Number),
        ("Size", Kind::Number),
        ("A month", Kind::Number),
        ("It is", Kind::Word),
        ("Because", Kind::Note),
    ]);
    for row in rows {
        grid.row(vec![
            format!("{}/{}", row.bucket, row.key),
            row.region.map_or_else(|| NONE.to_owned(), ToString::to_string),
            row.parts.to_string(),
            bytes(row.bytes),
            usd(row.monthly_usd),
            row.standing.as_str().to_owned(),
            row.because.clone(),
        ]);
    }
    doc.grid(grid);
    if !unread.is_empty() {
        doc.heading(format!("Not read: {}", plural(len(unread.len()), "place", "places")));
        let mut grid = Grid::new(&[("Place", Kind::Name), ("Why", Kind::Note)]);
        for unread in unread {
            grid.row(vec![unread.place.clone(), unread.why.clone()]);
        }
        doc.grid(grid);
    }
    doc
}
