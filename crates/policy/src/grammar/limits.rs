//! The `limits` of a policy.

use super::keys;
use super::reader::Reader;
use crate::limits::{Caps, Limits};
use crate::node::Node;

/// No cap is larger.
const IMAGES_MAX: u64 = u64::MAX >> 1;

pub(super) fn limits(reader: &mut Reader, node: Option<&Node>) -> Limits {
    let mut limits = Limits::default();
    let Some(fields) = node.and_then(|node| reader.fields(node, "`limits`", keys::LIMITS)) else { return limits };
    let mut number = |name| fields.get(name).and_then(|node| reader.whole_number(node, name, 0..=IMAGES_MAX));
    limits.max_actions = number("max_actions").unwrap_or(limits.max_actions);
    limits.min_images = number("min_images").unwrap_or(limits.min_images);
    limits.max_jump = fields.get("max_jump").and_then(|node| reader.whole_number(node, "max_jump", 1..=IMAGES_MAX));
    if let Some(value) = fields.get("max_percent").and_then(|node| reader.percent(node, "max_percent")) {
        limits.max_percent = value;
    }
    limits.per_family = fields.get("per_family").map_or_else(Caps::default, |node| caps(reader, node, "`per_family`"));
    limits.per_account =
        fields.get("per_account").map_or_else(Caps::default, |node| caps(reader, node, "`per_account`"));
    limits
}

fn caps(reader: &mut Reader, node: &Node, what: &str) -> Caps {
    let Some(fields) = reader.fields(node, what, keys::CAPS) else { return Caps::default() };
    let caps = Caps {
        max_actions: fields
            .get("max_actions")
            .and_then(|node| reader.whole_number(node, "max_actions", 0..=IMAGES_MAX)),
        max_percent: fields.get("max_percent").and_then(|node| reader.percent(node, "max_percent")),
    };
    if fields.get("max_actions").is_none() && fields.get("max_percent").is_none() {
        reader.error(node.spot, format!("{what} caps nothing"), "`max_actions`, `max_percent` or both");
    }
    caps
}
