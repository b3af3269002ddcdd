//! The `families` of a policy: what belongs to each, how it is grouped, and what it keeps.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use amictl_model::Source;

use super::reader::{Reader, nearest, shown};
use super::{keep, keys, retire, selector};
use crate::error::Located;
use crate::keep::NewestIn;
use crate::node::{Node, Value};
use crate::policy::{Family, FamilyMatch, GroupKey, ReferenceRules};
use crate::recipe::{self, RecipePattern};
use crate::version::VersionSource;
use crate::{NamePattern, Spot, name_pattern};

pub(super) fn families(reader: &mut Reader, node: &Node, references: &ReferenceRules) -> Vec<Family> {
    let items = reader.list(node, "families");
    if items.is_empty() && matches!(&node.value, Value::List(items) if items.is_empty()) {
        reader.error(node.spot, "`families` is empty, so nothing would ever be retired", "one family or more");
    }
    let mut names: HashMap<&str, u32> = HashMap::new();
    let mut families: Vec<Family> = Vec::new();
    for item in items {
        families.extend(family(reader, item, references));
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
fn family(reader: &mut Reader, node: &Node, references: &ReferenceRules) -> Option<Family> {
    let fields = reader.fields(node, "a family", keys::FAMILY)?;
    let name_node = reader.required(&fields, "name");
    let name = name_node.and_then(|node| family_name(reader, node));
    let match_node = reader.required(&fields, "match");
    let matcher = match_node.and_then(|node| matcher(reader, node));
    let placeholders = matcher.as_ref().and_then(|matcher| matcher.0.name.as_ref());
    let group_by = fields.get("group_by").map_or_else(Vec::new, |node| group_by(reader, node, placeholders));
    let keep_node = reader.required(&fields, "keep");
    let keep = keep_node.and_then(|node| keep::keep(reader, node));
    let version = fields.get("version").map(|node| version_source(reader, node, placeholders));
    let retire = reader.required(&fields, "retire").map(|node| retire::stages(reader, node));
    let (matcher, match_spot) = matcher?;
    let version = version.unwrap_or_else(|| default_version(&matcher));
    let (keep, keep_spot) = (keep?, keep_node?.spot);
    if version.is_none() && !keep.versions.is_empty() && fields.get("version").is_none() {
        let message = "`versions` needs to know where the version of an image stands";
        reader.error(
            keep_spot,
            message,
            format!("{{semver}} or {{version}} in the name pattern, or `version`: {VERSION_ALLOWED}"),
        );
    }
    if keep.channels.is_some() && references.not_used.contains(&Source::SsmParameters) {
        let message = "`channels` are SSM parameters, and `not_used` says that they are not read";
        reader.error(keep_spot, message, "`channels` without `ssm_parameters` in `not_used`");
    }
    let by_name = (keep.newest_in != NewestIn::EachRegion).then_some(VersionSource::Name);
    Some(Family {
        name: name?,
        matcher,
        group_by,
        keep,
        version: version.or(by_name),
        retire: retire?,
        spot: name_node?.spot,
        match_spot,
    })
}

pub(super) fn family_name(reader: &mut Reader, node: &Node) -> Option<Arc<str>> {
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
    if matches!(&node.value, Value::Map(entries) if entries.is_empty()) {
        let allowed = "one of `name`, `tags`, `image_builder_recipe`, `dlm_policy`, `where`, or several";
        reader.error(node.spot, "`match` is empty", allowed);
        return None;
    }
    let first = keys::MATCH.iter().find_map(|key| fields.get(key))?;
    // Each part is read before one that is wrong ends it, so that all errors are seen.
    let name = fields.get("name").map(|node| name_pattern(reader, node));
    let tags = fields.get("tags").map(|node| reader.tag_globs(node, "tags"));
    let recipe = fields.get("image_builder_recipe").map(|node| recipe_pattern(reader, node));
    let dlm_policy = fields.get("dlm_policy").map(|node| reader.glob(node, "dlm_policy"));
    let selector = fields.get("where").map(|node| selector::selector(reader, node, "`where`"));
    let matcher = FamilyMatch {
        name: whole(name)?,
        tags: whole(tags)?.unwrap_or_default(),
        recipe: whole(recipe)?,
        dlm_policy: whole(dlm_policy)?,
        selector: whole(selector)?,
    };
    Some((matcher, first.spot))
}

/// What is there must be right: `None` where it is wrong.
fn whole<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        Some(part) => part.map(Some),
        None => Some(None),
    }
}

fn recipe_pattern(reader: &mut Reader, node: &Node) -> Option<RecipePattern> {
    let text = reader.text(node, "image_builder_recipe", recipe::ALLOWED)?;
    match RecipePattern::parse(text) {
        Ok(pattern) => Some(pattern),
        Err(problem) => {
            reader.error(node.spot, format!("`{}` is no recipe: {problem}", shown(text)), recipe::ALLOWED);
            None
        }
    }
}

const VERSION_ALLOWED: &str = "`tag:KEY`, `name:PLACEHOLDER`, `recipe` or `name`";

/// Where the family says that versions stand.
fn version_source(reader: &mut Reader, node: &Node, pattern: Option<&NamePattern>) -> Option<VersionSource> {
    let text = reader.text(node, "version", VERSION_ALLOWED)?;
    match text.split_once(':') {
        Some(("tag", key)) if !key.is_empty() => return Some(VersionSource::Tag(key.into())),
        Some(("name", part)) if !part.is_empty() => {
            return has_placeholder(reader, node.spot, part, pattern).then(|| VersionSource::NamePart(part.into()));
        }
        None if text == "recipe" => return Some(VersionSource::Recipe),
        None if text == "name" => return Some(VersionSource::Name),
        _ => {}
    }
    reader.error(node.spot, format!("`version` cannot be `{}`", shown(text)), VERSION_ALLOWED);
    None
}

/// Where versions stand if the family does not say.
fn default_version(matcher: &FamilyMatch) -> Option<VersionSource> {
    let pattern = matcher.name.as_ref();
    let part = pattern.and_then(|pattern| {
        let mut parts = pattern.placeholders().filter(|part| matches!(*part, "semver" | "version"));
        parts.next().map(|part| VersionSource::NamePart(part.into()))
    });
    part.or_else(|| matcher.recipe.is_some().then_some(VersionSource::Recipe))
}

/// Whether the pattern has this placeholder; an error is told if not.
fn has_placeholder(reader: &mut Reader, spot: Spot, part: &str, pattern: Option<&NamePattern>) -> bool {
    let have: Vec<&str> = pattern.into_iter().flat_map(NamePattern::placeholders).collect();
    if have.contains(&part) {
        return true;
    }
    let allowed =
        if have.is_empty() { "none, as the family's name pattern has no placeholder".into() } else { have.join(", ") };
    let message = format!("the family's name pattern has no placeholder `{{{}}}`", shown(part));
    let suggestion = nearest(part, have).map(|part| format!("name:{part}"));
    reader.push(Located::error(reader.file(), spot, message).allowed(allowed).suggestion(suggestion));
    false
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
                if !has_placeholder(reader, item.spot, part, pattern) {
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
