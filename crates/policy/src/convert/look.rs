//! Looking into another tool's document, where nothing is an error and what is not understood is told.

use crate::node::{Node, Value};

impl Node {
    /// The value of a key of a mapping.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.entries().find(|(key, _)| *key == name).map(|(_, node)| node)
    }

    /// Whether a mapping has no other keys than these.
    pub(super) fn has_only(&self, known: &[&str]) -> bool {
        self.entries().all(|(key, _)| known.contains(&key))
    }

    /// Keys and values of a mapping; nothing of anything else.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        let entries = match &self.value {
            Value::Map(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(|(key, node)| (key.name.as_str(), node))
    }

    /// The items of a list; nothing of anything else.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// A text, or a number or truth value as text.
    pub(super) fn scalar(&self) -> Option<String> {
        match &self.value {
            Value::Text(text) => Some(text.clone()),
            Value::Int(number) => Some(number.to_string()),
            Value::Float(number) => Some(number.to_string()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Nothing | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The text of a key.
    pub(super) fn text_of(&self, name: &str) -> Option<String> {
        self.get(name).and_then(Self::scalar)
    }

    /// The whole number of a key, not negative.
    pub(super) fn number_of(&self, name: &str) -> Option<u64> {
        match self.get(name)?.value {
            Value::Int(number) => u64::try_from(number).ok(),
            _ => None,
        }
    }

    /// The truth value of a key, also where it is written as text.
    pub(super) fn flag_of(&self, name: &str) -> Option<bool> {
        match self.text_of(name)?.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }
}
