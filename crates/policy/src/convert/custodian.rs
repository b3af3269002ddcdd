//! Cloud Custodian: policies on the resource `ami`.

use amictl_model::{AccountId, ImageState};
use serde_json::{Value, json};

use super::draft::{Draft, DraftFamily, literal};
use crate::node::{self, Node};

/// What is told of a filter that has no counterpart.
const WOULD_WIDEN: &str =
    "no selector says the same; the whole policy is left out, as more images would go without this filter";

pub(super) fn convert(root: &Node, draft: &mut Draft) {
    draft.leave_out_but(root, &["policies"], "only policies are carried over");
    for policy in root.get("policies").map(Node::items).unwrap_or_default() {
        one(policy, draft);
    }
}

fn one(policy: &Node, draft: &mut Draft) {
    let name = policy.text_of("name").unwrap_or_default();
    let resource = policy.text_of("resource").unwrap_or_default();
    if !matches!(resource.as_str(), "ami" | "aws.ami") {
        draft.leave_out(
            policy,
            format!("policy `{name}`"),
            format!("it is of the resource `{resource}`, and not of AMIs"),
        );
        return;
    }
    let known = ["name", "resource", "filters", "actions", "description", "comment", "comments"];
    draft.leave_out_but(policy, &known, "amictl has no such setting");
    let filters = policy.get("filters").map(Node::items).unwrap_or_default();
    // Every filter is looked at, so that all of them are told.
    let parts: Vec<Option<Value>> = filters.iter().map(|filter| selector(filter, draft)).collect();
    let retire = stages(policy, draft);
    let Some(parts) = parts.into_iter().collect::<Option<Vec<Value>>>() else { return };
    if retire.is_empty() {
        draft.leave_out(policy, format!("policy `{name}`"), "it has no action that retires an AMI");
        return;
    }
    let mut parts: Vec<Value> = parts.into_iter().filter(|part| *part != json!({})).collect();
    let matcher = match parts.len() {
        0 => json!({"name": "*"}),
        1 => json!({"where": parts.remove(0)}),
        _ => json!({"where": {"all": parts}}),
    };
    draft.add(DraftFamily { name, matcher, group_by: Vec::new(), keep: json!({"newest": 0}), retire });
}

/// The selector of a filter; an empty one where amictl sees to it anyway, none where there is no counterpart.
fn selector(filter: &Node, draft: &mut Draft) -> Option<Value> {
    let found = match filter.text_of("type") {
        Some(kind) => typed(&kind, filter),
        None => {
            let mut entries = filter.entries();
            match (entries.next(), entries.next()) {
                (Some((key @ ("and" | "or" | "not"), parts)), None) => return combined(key, parts, draft),
                (Some((key, value)), None) => short(key, value),
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

fn combined(key: &str, node: &Node, draft: &mut Draft) -> Option<Value> {
    let parts: Vec<Option<Value>> = node.items().iter().map(|part| selector(part, draft)).collect();
    let parts = parts.into_iter().collect::<Option<Vec<Value>>>().filter(|parts| !parts.is_empty())?;
    // What amictl sees to anyway says nothing here, and may not be left out of an `or` or a `not`.
    let is_empty = |part: &Value| *part == json!({});
    match key {
        "and" => {
            let parts: Vec<Value> = parts.into_iter().filter(|part| !is_empty(part)).collect();
            Some(if parts.is_empty() { json!({}) } else { json!({"all": parts}) })
        }
        _ if parts.iter().any(is_empty) => {
            draft.leave_out(node, format!("`{key}` with `unused`"), WOULD_WIDEN);
            None
        }
        "or" => Some(json!({"any": parts})),
        // All the filters in a `not` together must not hold.
        _ => Some(json!({"not": {"all": parts}})),
    }
}

fn typed(kind: &str, filter: &Node) -> Option<Value> {
    match kind {
        "image-age" => age(filter),
        // amictl retires nothing that is used, and looks further than this filter does.
        "unused" if filter.flag_of("value") != Some(false) => Some(json!({})),
        "value" => value(&filter.text_of("key")?, filter),
        _ => None,
    }
}

fn age(filter: &Node) -> Option<Value> {
    let number = |name| filter.number_of(name).unwrap_or(0);
    if filter.get("minutes").is_some() {
        return None;
    }
    let hours = number("days").checked_mul(24)?.checked_add(number("hours"))?;
    let age = if hours % 24 == 0 { format!("{}d", hours / 24) } else { format!("{hours}h") };
    match filter.text_of("op").unwrap_or_else(|| "ge".to_owned()).as_str() {
        "ge" | "gte" | "greater-than" | "gt" => Some(json!({"older_than": age})),
        "lt" | "less-than" | "le" | "lte" => Some(json!({"younger_than": age})),
        _ => None,
    }
}

/// A filter `{key: value}` without a type.
fn short(key: &str, value: &Node) -> Option<Value> {
    let Some(tag) = key.strip_prefix("tag:") else { return equal(key, &[value.scalar()?]) };
    Some(match value.scalar()?.as_str() {
        "absent" | "empty" => json!({"not": {"tags": {tag: "*"}}}),
        "present" | "not-null" => json!({"tags": {tag: "*"}}),
        text => json!({"tags": {tag: literal(text)}}),
    })
}

/// A filter of the type `value`.
fn value(key: &str, filter: &Node) -> Option<Value> {
    if filter.get("value_type").is_some() || filter.get("value_from").is_some() {
        return None;
    }
    let wanted = filter.get("value")?;
    let values: Vec<String> = match &wanted.value {
        node::Value::List(items) => items.iter().map(Node::scalar).collect::<Option<_>>()?,
        _ => vec![wanted.scalar()?],
    };
    let tag = key.strip_prefix("tag:");
    let is = |values: &[String]| match tag {
        Some(tag) => any(values.iter().map(|value| json!({"tags": {tag: literal(value)}})).collect()),
        None => equal(key, values),
    };
    match (filter.text_of("op").as_deref().unwrap_or("eq"), values.as_slice()) {
        ("eq" | "equal", [one]) => match (tag, one.as_str()) {
            (Some(tag), "absent" | "empty") => Some(json!({"not": {"tags": {tag: "*"}}})),
            (Some(tag), "present" | "not-null") => Some(json!({"tags": {tag: "*"}})),
            _ => is(&values),
        },
        ("in", _) => is(&values),
        ("ne" | "not-equal" | "ni" | "not-in", _) => Some(json!({"not": is(&values)?})),
        ("glob", [glob]) => match (tag, key) {
            (Some(tag), _) => Some(json!({"tags": {tag: glob}})),
            (None, "Name") => Some(json!({"name": glob})),
            (None, "Architecture") => Some(json!({"architecture": glob})),
            _ => None,
        },
        _ => None,
    }
}

fn any(mut parts: Vec<Value>) -> Option<Value> {
    match parts.len() {
        0 => None,
        1 => Some(parts.remove(0)),
        _ => Some(json!({"any": parts})),
    }
}

/// A member of the image that has one of these values.
fn equal(key: &str, values: &[String]) -> Option<Value> {
    let flag = || match values {
        [one] => one.to_ascii_lowercase().parse::<bool>().ok(),
        _ => None,
    };
    let literals: Vec<String> = values.iter().map(|value| literal(value)).collect();
    match key {
        "Name" => Some(json!({"name": literals})),
        "Architecture" => Some(json!({"architecture": literals})),
        "State" if values.iter().all(|value| is_state(value)) => Some(json!({"state": values})),
        "OwnerId" if values.iter().all(|value| is_account(value)) => Some(json!({"account": values})),
        "SourceImageId" => Some(json!({"source": literals})),
        "Public" => Some(json!({"public": flag()?})),
        _ => None,
    }
}

fn is_state(name: &str) -> bool {
    ImageState::from_wire(name) != ImageState::Unknown
}

fn is_account(id: &str) -> bool {
    id.parse::<AccountId>().is_ok()
}

fn stages(policy: &Node, draft: &mut Draft) -> Vec<Value> {
    let mut stages: Vec<(u8, Value)> = Vec::new();
    for action in policy.get("actions").map(Node::items).unwrap_or_default() {
        let kind = action.text_of("type").or_else(|| action.scalar()).unwrap_or_default();
        let snapshots = if action.flag_of("delete-snapshots") == Some(true) { "delete" } else { "keep" };
        let stage = match kind.as_str() {
            "deregister" => {
                draft.leave_out_but(action, &["type", "delete-snapshots"], "amictl has no such setting");
                (2, json!({"deregister": {"snapshots": snapshots}}))
            }
            "mark-for-op" if action.text_of("op").as_deref() == Some("deregister") => {
                draft.leave_out_but(action, &["type", "op", "days"], "amictl has no such setting");
                let after = format!("{}d", action.number_of("days").unwrap_or(4));
                (2, json!({"deregister": {"after": after, "snapshots": "keep"}}))
            }
            "set-deprecation" => {
                draft.leave_out_but(action, &["type"], "a stage deprecates at once when it is due");
                (0, json!("deprecate"))
            }
            _ => {
                draft.leave_out(action, format!("action `{kind}`"), "amictl's policies only retire images");
                continue;
            }
        };
        if stages.iter().any(|(order, _)| *order == stage.0) {
            draft.leave_out(action, format!("action `{kind}`"), "the stage is there already");
        } else {
            stages.push(stage);
        }
    }
    stages.sort_by_key(|(order, _)| *order);
    stages.into_iter().map(|(_, stage)| stage).collect()
}
