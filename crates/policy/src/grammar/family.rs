//! The `families` of a policy: what belongs to each, how it is grouped, and what it keeps.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::reader::{Reader, nearest, shown};
use super::{keys, retire};
use crate::error::Located;
use crate::name_pattern;
use crate::node::{Node, Value};
use crate::policy::{Calendar, Family, FamilyMatch, GroupKey, Keep};
use crate::{NamePattern, Spot};

pub(super) fn families(reader: &mut Reader, node: &Node) -> Vec<Family> {
    let items = reader.list(node, "families");
    if items.is_empty() && matches!(&node.value, Value::List(items) if items.is_empty()) {
        reader.error(node.spot, "`families` is empty, so nothing would ever be retired", "one family or more");
    }
    let mut names: HashMap<&str, u32> = HashMap::new();
    let mut families: Vec<Family> = Vec::new();
    for item in items {
        families.extend(family(reader, item));
        // Also of a family that has other errors.
        let Some((name, spot)) = name_of(item) else { continue };
        match names.entry(name) {
            Entry::Vacant(vacant) => {
                vacant.insert(spot.line);
            }
            Entry::Occupied(first) => {
                let message = format!("a family `{}` stands on line {} already", shown(name), first.get());
                reader.error(spot, message, "a name for each family");
            }
        }
    }
    families
}

fn name_of(family: &Node) -> Option<(&str, Spot)> {
    let Value::Map(entries) = &family.value else { return None };
    let (_, node) = entries.iter().find(|(key, _)| key.name == "name")?;
    match &node.value {
        Value::Text(name) => Some((name, node.spot)),
        _ => None,
    }
}

/// Reads every part even when one is wrong, so that all errors of a family are seen.
fn family(reader: &mut Reader, node: &Node) -> Option<Family> {
    let fields = reader.fields(node, "a family", keys::FAMILY)?;
    let name_node = reader.required(&fields, "name");
    let name = name_node.and_then(|node| family_name(reader, node));
    let match_node = reader.required(&fields, "match");
    let matcher = match_node.and_then(|node| matcher(reader, node));
    let placeholders = matcher.as_ref().and_then(|matcher| matcher.0.name.as_ref());
    let group_by = fields.get("group_by").map_or_else(Vec::new, |node| group_by(reader, node, placeholders));
    let keep = reader.required(&fields, "keep").and_then(|node| keep(reader, node));
    let retire = reader.required(&fields, "retire").map(|node| retire::stages(reader, node));
    let (matcher, match_spot) = matcher?;
    Some(Family { name: name?, matcher, group_by, keep: keep?, retire: retire?, spot: name_node?.spot, match_spot })
}

fn family_name(reader: &mut Reader, node: &Node) -> Option<Arc<str>> {
    const ALLOWED: &str = "1 to 64 letters, digits, `-`, `_` or `.`";
    let name = reader.text(node, "name", ALLOWED)?;
    let is_name = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if !is_name {
        reader.error(node.spot, format!("`{}` cannot name a family", shown(name)), ALLOWED);
        return None;
    }
    Some(name.into())
}

fn matcher(reader: &mut Reader, node: &Node) -> Option<(FamilyMatch, Spot)> {
    let fields = reader.fields(node, "`match`", keys::MATCH)?;
    let (name, tags) = (fields.get("name"), fields.get("tags"));
    if name.is_none() && tags.is_none() {
        if matches!(&node.value, Value::Map(entries) if entries.is_empty()) {
            reader.error(node.spot, "`match` is empty", "`name`, `tags` or both");
        }
        return None;
    }
    let spot = name.or(tags).map_or(node.spot, |node| node.spot);
    let tags = tags.map(|node| reader.tag_globs(node, "tags"));
    let pattern = name.map(|node| name_pattern(reader, node));
    let matcher = FamilyMatch {
        name: match pattern {
            Some(pattern) => Some(pattern?),
            None => None,
        },
        tags: match tags {
            Some(tags) => tags?,
            None => Vec::new(),
        },
    };
    Some((matcher, spot))
}

fn name_pattern(reader: &mut Reader, node: &Node) -> Option<NamePattern> {
    let text = reader.text(node, "name", name_pattern::ALLOWED)?;
    match NamePattern::parse(text) {
        Ok(pattern) => Some(pattern),
        Err(problem) => {
            reader.error(node.spot, format!("bad pattern `{}`: {problem}", shown(text)), name_pattern::ALLOWED);
            None
        }
    }
}

fn group_by(reader: &mut Reader, node: &Node, pattern: Option<&NamePattern>) -> Vec<GroupKey> {
    const ALLOWED: &str = "`tag:KEY`, `name:PLACEHOLDER` or `name_family`";
    let mut keys = Vec::new();
    for item in reader.list(node, "group_by") {
        let Some(text) = reader.text(item, "group_by", ALLOWED) else { continue };
        let key = match text.split_once(':') {
            Some(("tag", key)) if !key.is_empty() => GroupKey::Tag(key.into()),
            Some(("name", part)) if !part.is_empty() => {
                let have: Vec<&str> = pattern.into_iter().flat_map(NamePattern::placeholders).collect();
                if !have.contains(&part) {
                    let allowed = if have.is_empty() {
                        "none, as the family's name pattern has no placeholder".into()
                    } else {
                        have.join(", ")
                    };
                    let message = format!("the family's name pattern has no placeholder `{{{}}}`", shown(part));
                    let suggestion = nearest(part, have).map(|part| format!("name:{part}"));
                    reader.push(
                        Located::error(reader.file(), item.spot, message).allowed(allowed).suggestion(suggestion),
                    );
                    continue;
                }
                GroupKey::NamePart(part.into())
            }
            None if text == "name_family" => GroupKey::NameFamily,
            _ => {
                let suggestion = nearest(text, ["name_family"]);
                let message = format!("`group_by` cannot hold `{}`", shown(text));
                reader.push(Located::error(reader.file(), item.spot, message).allowed(ALLOWED).suggestion(suggestion));
                continue;
            }
        };
        if keys.contains(&key) {
            reader.error(item.spot, format!("`{}` stands in the list twice", shown(text)), "each key once");
        } else {
            keys.push(key);
        }
    }
    keys
}

fn keep(reader: &mut Reader, node: &Node) -> Option<Keep> {
    let fields = reader.fields(node, "`keep`", keys::KEEP)?;
    if matches!(&node.value, Value::Map(entries) if entries.is_empty()) {
        reader.error(
            node.spot,
            "`keep` is empty (write `{newest: 0}` if nothing is to be kept for its age)",
            "`newest`, `younger_than`, `launched_within`, `calendar`",
        );
    }
    let newest = fields.get("newest").and_then(|node| count(reader, node, "newest")).unwrap_or(0);
    let younger_than = fields.get("younger_than").and_then(|node| reader.duration(node, "younger_than"));
    let launched_within = fields.get("launched_within").and_then(|node| reader.duration(node, "launched_within"));
    let calendar = fields.get("calendar").map_or_else(Calendar::default, |node| calendar(reader, node));
    Some(Keep { newest, younger_than, launched_within, calendar })
}

fn calendar(reader: &mut Reader, node: &Node) -> Calendar {
    let Some(fields) = reader.fields(node, "`calendar`", keys::CALENDAR) else { return Calendar::default() };
    let mut slots = |name| fields.get(name).and_then(|node| count(reader, node, name)).unwrap_or(0);
    Calendar { daily: slots("daily"), weekly: slots("weekly"), monthly: slots("monthly"), yearly: slots("yearly") }
}

fn count(reader: &mut Reader, node: &Node, what: &str) -> Option<u32> {
    reader.whole_number(node, what, 0..=1_000_000).and_then(|count| u32::try_from(count).ok())
}
