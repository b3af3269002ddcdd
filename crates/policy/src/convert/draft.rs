//! The policy while it is put together, and how it is written.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Conversion, LeftOut};
use crate::node::Node;

/// The families so far and what was left out.
pub(super) struct Draft {
    source: Arc<str>,
    families: Vec<DraftFamily>,
    left_out: Vec<LeftOut>,
}

/// A family; its parts as JSON, which is YAML.
pub(super) struct DraftFamily {
    pub(super) name: String,
    pub(super) matcher: Value,
    pub(super) group_by: Vec<String>,
    pub(super) keep: Value,
    pub(super) retire: Vec<Value>,
}

/// Characters of a family's name, before a number that tells it from another.
const NAME_CHARS_MAX: usize = 60;
/// Characters of what is told of something left out.
const TEXT_CHARS_MAX: usize = 300;

impl Draft {
    /// Of the other tool's file with this text.
    pub(super) fn of(source: Arc<str>) -> Self {
        Self { source, families: Vec::new(), left_out: Vec::new() }
    }

    /// The text of the other tool's file.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Tells of something that could not be carried over.
    pub(super) fn leave_out(&mut self, node: &Node, what: impl AsRef<str>, why: impl AsRef<str>) {
        // Both may hold text of the file, which must not end the comment that they become.
        let in_one_line = |text: &str| -> String {
            let shown = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
            text.chars().take(TEXT_CHARS_MAX).map(shown).collect()
        };
        let (what, why) = (in_one_line(what.as_ref()), in_one_line(why.as_ref()));
        self.left_out.push(LeftOut { line: node.spot.line, what, why });
    }

    /// Tells of every key of a mapping but these.
    pub(super) fn leave_out_but(&mut self, node: &Node, known: &[&str], why: &str) {
        for (key, value) in node.entries().filter(|(key, _)| !known.contains(key)) {
            self.leave_out(value, format!("`{key}`"), why);
        }
    }

    /// Adds a family under a name that no other has.
    pub(super) fn add(&mut self, family: DraftFamily) {
        let plain: String = family
            .name
            .chars()
            .take(NAME_CHARS_MAX)
            .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
            .collect();
        let plain = if plain.is_empty() { "converted".to_owned() } else { plain };
        let is_taken = |name: &str| self.families.iter().any(|family| family.name == name);
        let numbered = (2..).map(|number| format!("{plain}-{number}"));
        let name = std::iter::once(plain.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or(plain);
        self.families.push(DraftFamily { name, ..family });
    }

    pub(super) fn finish(mut self) -> Conversion {
        self.left_out.sort_by_key(|left| left.line);
        if self.families.is_empty() {
            return Conversion { text: String::new(), left_out: self.left_out };
        }
        let mut text = String::from("version: 1\nfamilies:\n");
        for family in &self.families {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  - name: {}", flow(&json!(family.name)));
            let _ = writeln!(text, "    match: {}", flow(&family.matcher));
            if !family.group_by.is_empty() {
                let _ = writeln!(text, "    group_by: {}", flow(&json!(family.group_by)));
            }
            let _ = writeln!(text, "    keep: {}", flow(&family.keep));
            let _ = writeln!(text, "    retire:");
            for stage in &family.retire {
                let _ = writeln!(text, "      - {}", flow(stage));
            }
        }
        Conversion { text, left_out: self.left_out }
    }
}

/// A value in one line; texts in quotes unless they are plain words.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => word(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(name, value)| format!("{}: {}", word(name), flow(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// A text, in quotes unless it is a plain word. What is neither a letter nor a digit nor of ASCII is written by its number, so that
/// nobody who shows the policy has to.
fn word(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::new();
    for c in json!(text).to_string().chars() {
        match u32::from(c) {
            _ if c.is_ascii_graphic() || c == ' ' || c.is_alphanumeric() => quoted.push(c),
            // Writing to a String cannot fail.
            number @ ..=0xffff => drop(write!(quoted, "\\u{number:04x}")),
            number => drop(write!(quoted, "\\U{number:08x}")),
        }
    }
    quoted
}

/// Whether it reads as text without quotes; what YAML takes for something else begins with neither.
fn is_plain(text: &str) -> bool {
    const NOT_TEXT: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        && !NOT_TEXT.contains(&text.to_ascii_lowercase().as_str())
}

/// A text as a glob that matches just that.
pub(super) fn literal(text: &str) -> String {
    let mut glob = String::new();
    for c in text.chars() {
        match c {
            '*' | '?' | '[' | ']' => {
                glob.push('[');
                glob.push(c);
                glob.push(']');
            }
            c => glob.push(c),
        }
    }
    glob
}
