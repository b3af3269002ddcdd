//! Filters of Cloud Custodian: the selector that chooses the same images, or none.
//!
//! A selector may choose fewer images than the filter where all have to hold, and more within a `not`; each knows on which side it stands.

use amictl_model::{AccountId, ImageState};
use serde_json::{Value, json};

use super::super::draft::{Draft, literal};
use super::WOULD_WIDEN;
use crate::node::{self, Node};

/// Days that a duration of amictl may have.
const DAYS_MAX: u64 = 36_500;

/// On which side of a `not` a filter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// What it does not choose stays.
    Chooses,
    /// What it does not choose may go.
    Spares,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Chooses => Self::Spares,
            Self::Spares => Self::Chooses,
        }
    }
}

/// The selector of a filter; an empty one where amictl sees to it anyway, none where there is no counterpart, which is told.
pub(super) fn selector(filter: &Node, side: Side, draft: &mut Draft) -> Option<Value> {
    let found = match filter.text_of("type") {
        Some(kind) => typed(&kind, filter, side, draft),
        None => {
            let mut entries = filter.entries();
            match (entries.next(), entries.next()) {
                (Some((key @ ("and" | "or" | "not"), parts)), None) => return combined(key, parts, side, draft),
                (Some((key, value)), None) => compared(key, Op::Equal, value, side, draft),
                (None, _) if filter.scalar().as_deref() == Some("unused") => Some(json!({})),
                _ => None,
            }
        }
    };
    if found.is_none() {
        draft.leave_out(filter, format!("filter {}", told(filter)), WOULD_WIDEN);
    }
    found
}

fn told(filter: &Node) -> String {
    let bare = filter.scalar();
    let name = filter.text_of("type").or(bare).or_else(|| filter.entries().next().map(|(key, _)| key.to_owned()));
    let of = filter.text_of("key").map(|key| format!(" on `{key}`")).unwrap_or_default();
    format!("`{}`{of}", name.unwrap_or_default())
}

fn combined(key: &str, node: &Node, side: Side, draft: &mut Draft) -> Option<Value> {
    let side = if key == "not" { side.other() } else { side };
    let parts: Vec<Option<Value>> = node.items().iter().map(|part| selector(part, side, draft)).collect();
    let parts = parts.into_iter().collect::<Option<Vec<Value>>>().filter(|parts| !parts.is_empty());
    let Some(parts) = parts else {
        if node.items().is_empty() {
            draft.leave_out(node, format!("`{key}` without filters"), WOULD_WIDEN);
        }
        return None;
    };
    // What amictl sees to anyway says nothing here, and may not be left out of an `or` or a `not`.
    let is_empty = |part: &Value| *part == json!({});
    match key {
        "and" if side == Side::Chooses => {
            let parts: Vec<Value> = parts.into_iter().filter(|part| !is_empty(part)).collect();
            Some(if parts.is_empty() { json!({}) } else { json!({"all": parts}) })
        }
        _ if parts.iter().any(is_empty) => {
            draft.leave_out(node, format!("`{key}` with `unused`"), WOULD_WIDEN);
            None
        }
        "and" => Some(json!({"all": parts})),
        "or" => Some(json!({"any": parts})),
        // All the filters in a `not` together must not hold.
        _ => Some(json!({"not": {"all": parts}})),
    }
}

fn typed(kind: &str, filter: &Node, side: Side, draft: &Draft) -> Option<Value> {
    match kind {
        "image-age" if filter.has_only(&["type", "days", "hours", "op"]) => age(filter),
        // amictl retires nothing that is used, and looks further than this filter does.
        "unused" if filter.has_only(&["type", "value"]) && is_true(filter.get("value")) => Some(json!({})),
        "value" if filter.has_only(&["type", "key", "op", "value"]) => {
            let op = Op::named(filter.text_of("op").as_deref())?;
            compared(&filter.text_of("key")?, op, filter.get("value")?, side, draft)
        }
        _ => None,
    }
}

fn is_true(value: Option<&Node>) -> bool {
    value.is_none_or(|node| matches!(node.value, node::Value::Bool(true)))
}

fn age(filter: &Node) -> Option<Value> {
    // What is there and no whole number is not to be taken for nothing.
    let number = |name| match filter.get(name) {
        None => Some(0),
        Some(_) => filter.number_of(name),
    };
    let hours = number("days")?.checked_mul(24)?.checked_add(number("hours")?)?;
    if hours > DAYS_MAX * 24 {
        return None;
    }
    let age = if hours % 24 == 0 { format!("{}d", hours / 24) } else { format!("{hours}h") };
    match filter.text_of("op").unwrap_or_else(|| "gt".to_owned()).as_str() {
        "ge" | "gte" | "greater-than" | "gt" => Some(json!({"older_than": age})),
        "lt" | "less-than" | "le" | "lte" => Some(json!({"younger_than": age})),
        _ => None,
    }
}

/// How a value filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Equal,
    NotEqual,
    In,
    NotIn,
    Glob,
}

impl Op {
    fn named(name: Option<&str>) -> Option<Self> {
        Some(match name {
            None | Some("eq" | "equal") => Self::Equal,
            Some("ne" | "not-equal") => Self::NotEqual,
            Some("in") => Self::In,
            Some("ni" | "not-in") => Self::NotIn,
            Some("glob") => Self::Glob,
            Some(_) => return None,
        })
    }
}

/// What a member of the image, or a tag, is compared with.
fn compared(key: &str, op: Op, wanted: &Node, side: Side, draft: &Draft) -> Option<Value> {
    let tag = key.strip_prefix("tag:");
    if key == "Public" {
        let node::Value::Bool(public) = wanted.value else { return None };
        return matches!(op, Op::Equal | Op::NotEqual).then(|| json!({"public": public == (op == Op::Equal)}));
    }
    // A list is looked into, and everything else is compared whole.
    let texts: Vec<&str> = match (&wanted.value, op) {
        (node::Value::List(items), Op::In | Op::NotIn) if !items.is_empty() => {
            items.iter().map(|item| text(item, draft)).collect::<Option<_>>()?
        }
        (_, Op::In | Op::NotIn) => return None,
        _ => vec![text(wanted, draft)?],
    };
    if let ([word @ ("absent" | "present" | "not-null" | "empty")], false) =
        (texts.as_slice(), matches!(op, Op::In | Op::NotIn))
    {
        return if op == Op::Equal { special(tag, key, word, side) } else { None };
    }
    let is = || match tag {
        Some(tag) => any(texts.iter().map(|text| json!({"tags": {tag: literal(text)}})).collect()),
        None => equal(key, &texts),
    };
    match (op, texts.as_slice()) {
        (Op::Equal | Op::In, _) => is(),
        (Op::NotEqual | Op::NotIn, _) => Some(json!({"not": is()?})),
        (Op::Glob, [glob]) if is_glob_of_both(glob) => match (tag, key) {
            (Some(tag), _) => Some(json!({"tags": {tag: glob}})),
            (None, "Name") => Some(json!({"name": glob})),
            (None, "Architecture") => Some(json!({"architecture": glob})),
            _ => None,
        },
        (Op::Glob, _) => None,
    }
}

/// The text of a value that is one for Cloud Custodian too: its YAML 1.1 takes `yes`, `2026-01-01` or `1:30` for something else where they
/// stand without quotes, and something else equals no text.
fn text<'n>(node: &'n Node, draft: &Draft) -> Option<&'n str> {
    let node::Value::Text(text) = &node.value else { return None };
    let written = draft.source().get(node.spot.offset as usize..).unwrap_or_default();
    let is_quoted = written.starts_with(['"', '\'', '|', '>']);
    (is_quoted || is_text_without_quotes(text)).then_some(text)
}

fn is_text_without_quotes(text: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let is_word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    !text.is_empty() && !is_word && !text.starts_with(|first: char| first.is_ascii_digit() || "+-.<=~".contains(first))
}

/// The words that stand for what a value is like. Where no other images may be chosen, a value that is spelled like the word counts too.
fn special(tag: Option<&str>, key: &str, word: &str, side: Side) -> Option<Value> {
    let Some(tag) = tag else {
        return match (key, word) {
            ("SourceImageId", "present" | "not-null") => Some(json!({"source": "*"})),
            _ => None,
        };
    };
    let is = |glob: &str| json!({"tags": {tag: glob}});
    let mut parts = match word {
        "present" => return Some(is("*")),
        "not-null" => return Some(is("?*")),
        "absent" => vec![json!({"not": is("*")})],
        _ => vec![json!({"not": is("*")}), is("")],
    };
    if side == Side::Spares {
        parts.push(is(word));
    }
    any(parts)
}

/// Whether both mean the same by it: a class that begins with `^`, or is not closed, is one to one of them only.
fn is_glob_of_both(glob: &str) -> bool {
    !glob.contains("[^") && crate::Glob::parse(glob).is_ok()
}

fn any(mut parts: Vec<Value>) -> Option<Value> {
    match parts.len() {
        0 => None,
        1 => Some(parts.remove(0)),
        _ => Some(json!({"any": parts})),
    }
}

/// A member of the image that has one of these values.
fn equal(key: &str, values: &[&str]) -> Option<Value> {
    let literals: Vec<String> = values.iter().map(|value| literal(value)).collect();
    match key {
        "Name" => Some(json!({"name": literals})),
        "Architecture" => Some(json!({"architecture": literals})),
        "Platform" if values.iter().all(|value| *value == "windows") => Some(json!({"platform": "windows"})),
        "PlatformDetails" if !values.contains(&"windows") => Some(json!({"platform": literals})),
        "State" if values.iter().all(|value| is_state(value)) => Some(json!({"state": values})),
        "OwnerId" if values.iter().all(|value| value.parse::<AccountId>().is_ok()) => Some(json!({"account": values})),
        "SourceImageId" => Some(json!({"source": literals})),
        _ => None,
    }
}

fn is_state(name: &str) -> bool {
    ImageState::from_wire(name) != ImageState::Unknown
}
