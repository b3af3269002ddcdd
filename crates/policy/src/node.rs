//! A YAML document as a tree whose every key and value knows its place.
//!
//! The grammar reads this tree and not serde structs, so that it finds all errors of a file in one pass, each with its place.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use crate::Spot;
use crate::error::{Located, SourceFile};

/// The most bytes that a policy file may have.
pub(crate) const POLICY_BYTES_MAX: usize = 1 << 20;

/// How deep lists and mappings may lie in each other: a selector in eight others needs half of it, and each level takes stack.
const DEPTH_MAX: usize = 32;

/// The most events that aliases may stand for.
const ALIAS_EVENTS_MAX: usize = 10_000;

/// A value and its place.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) spot: Spot,
}

/// A key and its place.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) spot: Spot,
}

/// What a value is.
#[derive(Debug)]
pub(crate) enum Value {
    Nothing,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

impl Value {
    /// What a person calls it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Bool(_) => "true or false",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

/// Reads one YAML document.
pub(crate) fn parse(file: &SourceFile) -> Result<Node, Located> {
    let text: &str = file.text();
    if text.len() > POLICY_BYTES_MAX {
        let message = format!("the policy has {} bytes, more than the {POLICY_BYTES_MAX} that are read", text.len());
        return Err(Located::error(file, Spot { line: 1, column: 1, offset: 0, len: 1 }, message));
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: DEPTH_MAX },
        // A policy hardly needs aliases; a few lines of them can stand for millions of values.
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: ALIAS_EVENTS_MAX },
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(root) => Ok(node(root, text)),
        Err(error) => {
            let spot = error.location().map_or_else(Spot::default, |location| Spot::of(&location, text));
            let full = error.without_snippet().to_string();
            let message = full.rsplit_once(" at line ").map_or(full.as_str(), |(message, _)| message);
            // The parser's advice is for programmers.
            let advice = [", set DuplicateKeyPolicy in Options if acceptable", "; use from_str_multiple"];
            let message =
                advice.iter().fold(message, |message, advice| message.split(advice).next().unwrap_or(message));
            Err(Located::error(file, spot, format!("not YAML that can be read: {message}")))
        }
    }
}

fn node(raw: Spanned<Raw>, text: &str) -> Node {
    let spot = Spot::of(&raw.referenced, text);
    let value = match raw.value {
        Raw::Scalar(value) => value,
        Raw::List(items) => Value::List(items.into_iter().map(|item| node(item, text)).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| (Key { spot: Spot::of(&key.referenced, text), name: key.value }, node(value, text)))
                .collect(),
        ),
    };
    Node { value, spot }
}

enum Raw {
    Scalar(Value),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Int(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(i64::try_from(value).map_or(Value::Float(value as f64), Value::Int)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Text(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Nothing))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Nothing))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}
