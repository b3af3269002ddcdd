//! The `keep` of a family.

use super::keys;
use super::reader::{Reader, shown};
use crate::keep::{Calendar, Channels, Keep, NewestIn};
use crate::node::{Node, Value};
use crate::version::{self, VersionRange};

pub(super) fn keep(reader: &mut Reader, node: &Node) -> Option<Keep> {
    let fields = reader.fields(node, "`keep`", keys::KEEP)?;
    if matches!(&node.value, Value::Map(entries) if entries.is_empty()) {
        reader.error(
            node.spot,
            "`keep` is empty (write `{newest: 0}` if nothing is to be kept for its age)",
            "`newest`, `younger_than`, `launched_within`, `calendar`, `versions`, `channels`",
        );
    }
    let (newest, newest_in) = fields.get("newest").map_or_else(Default::default, |node| newest(reader, node));
    Some(Keep {
        newest,
        newest_in,
        younger_than: fields.get("younger_than").and_then(|node| reader.duration(node, "younger_than")),
        launched_within: fields.get("launched_within").and_then(|node| reader.duration(node, "launched_within")),
        calendar: fields.get("calendar").map_or_else(Calendar::default, |node| calendar(reader, node)),
        versions: fields.get("versions").map_or_else(Vec::new, |node| versions(reader, node)),
        channels: fields.get("channels").and_then(|node| channels(reader, node)),
    })
}

/// `newest: 5`, or `newest: {count: 5, in: all_regions}`.
fn newest(reader: &mut Reader, node: &Node) -> (u32, NewestIn) {
    if !node.is_map() {
        return (count(reader, node, "newest").unwrap_or(0), NewestIn::EachRegion);
    }
    let Some(fields) = reader.fields(node, "`newest`", keys::NEWEST) else { return Default::default() };
    let count = reader.required(&fields, "count").and_then(|node| count(reader, node, "count")).unwrap_or(0);
    (count, fields.get("in").map_or_else(NewestIn::default, |node| newest_in(reader, node)))
}

fn newest_in(reader: &mut Reader, node: &Node) -> NewestIn {
    const WORDS: &[&str] = &["each_region", "all_regions"];
    if !matches!(node.value, Value::List(_)) {
        return match reader.word_or(node, "in", WORDS, ", or a list of Regions such as [us-east-1, eu-west-1]") {
            Some("all_regions") => NewestIn::AllRegions,
            _ => NewestIn::EachRegion,
        };
    }
    match reader.ids(node, "in", "a list of Regions such as [us-east-1, eu-west-1]") {
        Some(regions) => NewestIn::Regions(regions),
        None => NewestIn::EachRegion,
    }
}

fn calendar(reader: &mut Reader, node: &Node) -> Calendar {
    let Some(fields) = reader.fields(node, "`calendar`", keys::CALENDAR) else { return Calendar::default() };
    let mut slots = |name| fields.get(name).and_then(|node| count(reader, node, name)).unwrap_or(0);
    Calendar { daily: slots("daily"), weekly: slots("weekly"), monthly: slots("monthly"), yearly: slots("yearly") }
}

fn versions(reader: &mut Reader, node: &Node) -> Vec<VersionRange> {
    let mut ranges = Vec::new();
    for item in reader.one_or_more(node, "versions") {
        let Some(text) = reader.text(item, "versions", version::ALLOWED) else { continue };
        match VersionRange::parse(text) {
            Ok(range) => ranges.push(range),
            Err(problem) => {
                let message = format!("`{}` is no range of versions: {problem}", shown(text));
                reader.error(item.spot, message, version::ALLOWED);
            }
        }
    }
    ranges
}

/// `channels: "/ami/web/*"`, a list of such names, or `{parameters: […], previous: 2}`.
fn channels(reader: &mut Reader, node: &Node) -> Option<Channels> {
    if !node.is_map() {
        return Some(Channels { parameters: reader.globs(node, "channels")?, previous: 0 });
    }
    let fields = reader.fields(node, "`channels`", keys::CHANNELS)?;
    let parameters = reader.required(&fields, "parameters").and_then(|node| reader.globs(node, "parameters"));
    let previous = fields.get("previous").and_then(|node| count(reader, node, "previous")).unwrap_or(0);
    Some(Channels { parameters: parameters?, previous })
}

fn count(reader: &mut Reader, node: &Node, what: &str) -> Option<u32> {
    reader.whole_number(node, what, 0..=1_000_000).and_then(|count| u32::try_from(count).ok())
}
