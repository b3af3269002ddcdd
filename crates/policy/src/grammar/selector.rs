//! Selectors: mappings of conditions that must all hold, with `all`, `any` and `not` to combine them.

use amictl_model::ImageState;

use super::keys;
use super::reader::{Fields, Reader};
use crate::node::Node;
use crate::selector::Selector;

/// The states that an image can be in, as AWS names them.
pub(super) const STATES: &[&str] =
    &["available", "disabled", "pending", "failed", "error", "invalid", "transient", "deregistered"];

/// Reads a selector; every error in it is told.
pub(super) fn selector(reader: &mut Reader, node: &Node, what: &str) -> Option<Selector> {
    let fields = reader.fields(node, what, keys::SELECTOR)?;
    if fields.is_empty() {
        reader.error(node.spot, format!("{what} is empty"), "one condition or more, such as {state: available}");
        return None;
    }
    let mut parts: Vec<Option<Selector>> = fields.iter().map(|(key, node)| condition(reader, key, node)).collect();
    if parts.len() == 1 {
        return parts.pop().flatten();
    }
    parts.into_iter().collect::<Option<Vec<_>>>().map(Selector::All)
}

fn condition(reader: &mut Reader, key: &str, node: &Node) -> Option<Selector> {
    match key {
        "all" => parts(reader, node, "all").map(Selector::All),
        "any" => parts(reader, node, "any").map(Selector::Any),
        "not" => selector(reader, node, "`not`").map(|part| Selector::Not(Box::new(part))),
        "name" => reader.globs(node, "name").map(Selector::Name),
        "tags" => reader.tag_globs(node, "tags").map(Selector::Tags),
        "state" => states(reader, node).map(Selector::State),
        "older_than" => reader.duration(node, "older_than").map(Selector::OlderThan),
        "younger_than" => reader.duration(node, "younger_than").map(Selector::YoungerThan),
        "architecture" => reader.globs(node, "architecture").map(Selector::Architecture),
        "platform" => reader.globs(node, "platform").map(Selector::Platform),
        "region" => reader.globs(node, "region").map(Selector::Region),
        "account" => reader.ids(node, "account", "account ids of twelve digits, in quotes").map(Selector::Account),
        "public" => reader.yes_or_no(node, "public").map(Selector::Public),
        "shared" => reader.yes_or_no(node, "shared").map(Selector::Shared),
        "deprecated" => reader.yes_or_no(node, "deprecated").map(Selector::Deprecated),
        "encrypted" => reader.yes_or_no(node, "encrypted").map(Selector::Encrypted),
        "min_size_gib" => reader.whole_number(node, "min_size_gib", 0..=SIZE_GIB_MAX).map(Selector::MinSizeGib),
        "max_size_gib" => reader.whole_number(node, "max_size_gib", 0..=SIZE_GIB_MAX).map(Selector::MaxSizeGib),
        "source" => reader.globs(node, "source").map(Selector::Source),
        // An unknown key has been told.
        _ => None,
    }
}

/// More than all volumes of an image can have together.
const SIZE_GIB_MAX: u64 = 10_000_000;

fn parts(reader: &mut Reader, node: &Node, what: &str) -> Option<Vec<Selector>> {
    let items = reader.list(node, what);
    if items.is_empty() {
        if matches!(&node.value, crate::node::Value::List(items) if items.is_empty()) {
            reader.error(node.spot, format!("`{what}` is empty"), "a list of one selector or more");
        }
        return None;
    }
    let name = format!("an entry of `{what}`");
    let parts: Vec<Option<Selector>> = items.iter().map(|item| selector(reader, item, &name)).collect();
    parts.into_iter().collect()
}

fn states(reader: &mut Reader, node: &Node) -> Option<Vec<ImageState>> {
    let states: Vec<Option<ImageState>> = reader
        .one_or_more(node, "state")
        .iter()
        .map(|item| reader.word(item, "state", STATES).map(ImageState::from_wire))
        .collect();
    states.into_iter().collect::<Option<Vec<_>>>().filter(|states| !states.is_empty())
}

impl<'n> Fields<'n> {
    /// Whether no key stands in it.
    fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}
