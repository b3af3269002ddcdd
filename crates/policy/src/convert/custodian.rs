//! Cloud Custodian: policies on the resource `ami`.

mod filters;

use serde_json::{Value, json};

use super::draft::{Draft, DraftFamily, literal};
use crate::node::{self, Node};
use filters::{Side, selector};

/// What is told of something that narrows the choice and has no counterpart.
const WOULD_WIDEN: &str =
    "no selector says the same; the whole policy is left out, as more images would go without this filter";
/// The same of a setting.
const SETTING_WOULD_WIDEN: &str =
    "amictl has no such setting; the whole policy is left out, as more images might go without it";

/// Keys of a policy that are carried over, or say nothing.
const KNOWN: [&str; 8] = ["name", "resource", "filters", "actions", "description", "comment", "comments", "region"];
/// Keys of a policy without which the same images are chosen.
const HARMLESS: [&str; 5] = ["tags", "vars", "metadata", "title", "tz"];
/// Modes in which a policy looks at all images, and not at those that an event is about.
const MODES_OF_ALL: [&str; 3] = ["pull", "periodic", "schedule"];

/// Days until what is marked goes, where the policy does not say.
const MARKED_DAYS: u64 = 4;

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
    let mut is_whole = true;
    for (key, value) in policy.entries().filter(|(key, _)| !KNOWN.contains(key)) {
        let is_harmless = match key {
            "query" => asks_for_own(value),
            "mode" => value.text_of("type").is_some_and(|kind| MODES_OF_ALL.contains(&kind.as_str())),
            _ => HARMLESS.contains(&key),
        };
        is_whole &= is_harmless;
        draft.leave_out(
            value,
            format!("`{key}`"),
            if is_harmless { "amictl has no such setting" } else { SETTING_WOULD_WIDEN },
        );
    }
    let mut parts = Vec::new();
    match policy.get("filters").map(|node| (node, &node.value)) {
        None | Some((_, node::Value::Nothing)) => {}
        // Every filter is looked at, so that all of them are told.
        Some((_, node::Value::List(filters))) => {
            parts.extend(filters.iter().map(|filter| selector(filter, Side::Chooses, draft)));
        }
        Some((node, _)) => {
            draft.leave_out(node, "`filters`", "they are no list; the whole policy is left out");
            is_whole = false;
        }
    }
    let region = policy.get("region").map(|node| node.scalar().map(|region| json!({"region": literal(&region)})));
    parts.extend(region);
    let retire = stages(policy, draft);
    let Some(parts) = parts.into_iter().collect::<Option<Vec<Value>>>().filter(|_| is_whole) else { return };
    if retire.is_empty() {
        draft.leave_out(policy, format!("policy `{name}`"), "it has no action that retires an AMI");
        return;
    }
    draft.add(DraftFamily {
        name,
        matcher: json!({"where": chosen(parts)}),
        group_by: Vec::new(),
        keep: json!({"newest": 0}),
        retire,
    });
}

/// Whether a query asks for what is asked for anyway.
fn asks_for_own(query: &Node) -> bool {
    let is_own = |node: &Node| match &node.value {
        node::Value::List(owners) => matches!(owners.as_slice(), [one] if one.scalar().as_deref() == Some("self")),
        _ => node.scalar().as_deref() == Some("self"),
    };
    query.items().iter().all(|part| part.entries().all(|(key, value)| key == "Owners" && is_own(value)))
        && !query.items().is_empty()
}

/// What all filters choose of the images that the tool sees: it does not list disabled ones.
fn chosen(parts: Vec<Value>) -> Value {
    let mut parts: Vec<Value> = parts.into_iter().filter(|part| *part != json!({})).collect();
    let names_states = |part: &Value| {
        let states = part.get("state").and_then(Value::as_array);
        states.is_some_and(|states| states.iter().all(|state| *state != "disabled"))
    };
    if !parts.iter().any(names_states) {
        parts.push(json!({"not": {"state": "disabled"}}));
    }
    match parts.len() {
        1 => parts.remove(0),
        _ => json!({"all": parts}),
    }
}

/// A stage: its place among stages, the days before it, and how it is written.
type DraftStage = (u8, u64, Value);

fn stages(policy: &Node, draft: &mut Draft) -> Vec<Value> {
    let mut stages: Vec<DraftStage> = Vec::new();
    for action in policy.get("actions").map(Node::items).unwrap_or_default() {
        let kind = action.text_of("type").or_else(|| action.scalar()).unwrap_or_default();
        let Some(stage) = stage(&kind, action, draft) else { continue };
        if stages.iter().any(|(order, ..)| *order == stage.0) {
            draft.leave_out(action, format!("action `{kind}`"), "the stage is there already");
        } else {
            stages.push(stage);
        }
    }
    stages.sort_by_key(|(order, ..)| *order);
    if let [(_, deprecated, _), (_, gone, _)] = stages.as_slice()
        && deprecated > gone
    {
        draft.leave_out(policy, "action `set-deprecation`", "the image goes before it would be deprecated");
        stages.remove(0);
    }
    stages.into_iter().map(|(.., stage)| stage).collect()
}

fn stage(kind: &str, action: &Node, draft: &mut Draft) -> Option<DraftStage> {
    // A number that is there and cannot be read is no other number.
    let days = |name: &str, default: u64| match action.get(name) {
        None => Some(default),
        Some(_) => action.number_of(name),
    };
    match kind {
        "deregister" => {
            let snapshots = if action.flag_of("delete-snapshots") == Some(true) { "delete" } else { "keep" };
            draft.leave_out_but(action, &["type", "delete-snapshots"], "amictl has no such setting");
            Some((2, 0, json!({"deregister": {"snapshots": snapshots}})))
        }
        "mark-for-op" if action.text_of("op").as_deref() == Some("deregister") => {
            draft.leave_out_but(action, &["type", "op", "days"], "amictl has no such setting");
            let Some(days) = days("days", MARKED_DAYS) else {
                draft.leave_out(action, "action `mark-for-op`", "its days are no whole number");
                return None;
            };
            Some((2, days, json!({"deregister": {"after": format!("{days}d"), "snapshots": "keep"}})))
        }
        "set-deprecation" => {
            let known = ["days", "age"].into_iter().find(|name| action.get(name).is_some());
            let Some(days) = known.and_then(|name| action.number_of(name)) else {
                let why = "a stage deprecates so many days after the image was chosen, and takes nothing back";
                draft.leave_out(action, "action `set-deprecation`", why);
                return None;
            };
            if known == Some("age") {
                let why = "a stage counts from when the image was chosen, not from its creation, so it comes later";
                draft.leave_out(action, "`age`", why);
            }
            Some((
                0,
                days,
                if days == 0 { json!("deprecate") } else { json!({"deprecate": {"after": format!("{days}d")}}) },
            ))
        }
        _ => {
            draft.leave_out(action, format!("action `{kind}`"), "amictl's policies only retire images");
            None
        }
    }
}
