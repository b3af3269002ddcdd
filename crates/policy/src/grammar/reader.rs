//! Reads nodes as what the grammar expects and collects what is wrong.

mod lists;

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::error::{Located, PolicyErrors, SourceFile};
use crate::node::{Key, Node, Value};
use crate::{Duration, Glob, Spot};

/// The errors so far.
pub(super) struct Reader {
    file: SourceFile,
    errors: Vec<Located>,
}

/// A mapping whose keys are known.
#[derive(Clone, Copy)]
pub(super) struct Fields<'n> {
    entries: &'n [(Key, Node)],
    spot: Spot,
    what: &'n str,
}

impl<'n> Fields<'n> {
    pub(super) fn get(&self, name: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// Keys and values in their order, unknown keys too.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'n str, &'n Node)> + use<'n> {
        self.entries.iter().map(|(key, node)| (key.name.as_str(), node))
    }
}

impl Node {
    pub(super) fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }
}

/// The allowed word that a misspelt one is nearest to, if one is near.
pub(crate) fn nearest<'a>(text: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| -> String {
        text.chars().take(200).flat_map(char::to_lowercase).map(|c| if c == '-' { '_' } else { c }).collect()
    };
    let text = plain(text);
    allowed
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&text, &plain(word)), word))
        .filter(|(distance, word)| {
            *distance <= (word.chars().count() / 3).max(1) || (text.len() >= 3 && plain(word).starts_with(&text))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

fn backticked(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Text of the user's own file in a message: short and without control characters.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    shown
}

impl Reader {
    pub(super) fn new(file: SourceFile) -> Self {
        Self { file, errors: Vec::new() }
    }

    pub(super) fn file(&self) -> &SourceFile {
        &self.file
    }

    pub(super) fn push(&mut self, error: Located) {
        self.errors.push(error);
    }

    pub(super) fn error(&mut self, spot: Spot, message: impl Into<String>, allowed: impl Into<String>) {
        self.errors.push(Located::error(&self.file, spot, message).allowed(allowed));
    }

    /// What was read, if nothing was wrong.
    pub(super) fn finish<T>(self, read: Option<T>) -> Result<T, PolicyErrors> {
        match (PolicyErrors::new(self.errors), read) {
            (None, Some(read)) => Ok(read),
            (Some(errors), _) => Err(errors),
            (None, None) => {
                let error = Located::error(&self.file, Spot::default(), "there is nothing in it");
                PolicyErrors::new(vec![error]).map_or_else(|| unreachable!("one error was given"), Err)
            }
        }
    }

    fn wrong_type(&mut self, node: &Node, what: impl Display, allowed: impl Into<String>) {
        let message = match &node.value {
            Value::Nothing => format!("{what} has no value"),
            value => format!("{what} cannot be {}", value.kind()),
        };
        self.error(node.spot, message, allowed);
    }

    /// The mapping `node`, its unknown keys reported.
    pub(super) fn fields<'n>(&mut self, node: &'n Node, what: &'n str, allowed: &[&str]) -> Option<Fields<'n>> {
        let Value::Map(entries) = &node.value else {
            self.wrong_type(node, what, format!("a mapping with the keys {}", backticked(allowed)));
            return None;
        };
        for (key, _) in entries {
            if !allowed.contains(&&*key.name) {
                let message = format!("unknown key `{}` in {what}", shown(&key.name));
                let suggestion = nearest(&key.name, allowed.iter().copied());
                self.push(
                    Located::error(&self.file, key.spot, message).allowed(backticked(allowed)).suggestion(suggestion),
                );
            }
        }
        let spot = entries.first().map_or(node.spot, |(key, _)| key.spot);
        Some(Fields { entries, spot, what })
    }

    /// Tells of a key that names something which is not there, with what is spelt most like it.
    pub(super) fn unknown(&mut self, key: &Key, what: &str, known: Vec<&str>) {
        let message = format!("{what} `{}`", shown(&key.name));
        let suggestion = nearest(&key.name, known);
        self.push(Located::error(&self.file, key.spot, message).suggestion(suggestion));
    }

    /// The value of a key that must be there.
    pub(super) fn required<'n>(&mut self, fields: &Fields<'n>, name: &str) -> Option<&'n Node> {
        let found = fields.get(name);
        // A key that is there but misspelt has been reported with its right spelling.
        let misspelt = fields.entries.iter().any(|(key, _)| nearest(&key.name, [name]).is_some());
        if found.is_none() && !misspelt {
            self.errors.push(Located::error(&self.file, fields.spot, format!("{} has no `{name}`", fields.what)));
        }
        found
    }

    /// The only entry of a mapping that must have exactly one.
    pub(super) fn only_entry<'n>(
        &mut self,
        fields: &Fields<'n>,
        node: &Node,
        what: &str,
        allowed: &[&str],
    ) -> Option<(&'n str, &'n Node)> {
        if fields.entries.len() != 1 {
            let spot = fields.entries.get(1).map_or(node.spot, |(key, _)| key.spot);
            self.error(
                spot,
                format!("{what} has {} keys", fields.entries.len()),
                format!("exactly one of {}", backticked(allowed)),
            );
            return None;
        }
        let (key, value) = fields.entries.first()?;
        allowed.contains(&&*key.name).then_some((key.name.as_str(), value))
    }

    /// `true` or `false`.
    pub(super) fn yes_or_no(&mut self, node: &Node, what: &str) -> Option<bool> {
        if let Value::Bool(value) = node.value {
            return Some(value);
        }
        self.wrong_type(node, format_args!("`{what}`"), "`true` or `false`");
        None
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node, what: &str, allowed: &str) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) => Some(text),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                let message = format!("`{what}` must be text and this is {}: put it in quotes", node.value.kind());
                let suggestion = format!("\"{}\"", shown(node.spot.slice(self.file.text())));
                self.push(Located::error(&self.file, node.spot, message).allowed(allowed).suggestion(Some(suggestion)));
                None
            }
            _ => {
                self.wrong_type(node, format_args!("`{what}`"), allowed);
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn word<'w>(&mut self, node: &Node, what: &str, words: &[&'w str]) -> Option<&'w str> {
        self.word_or(node, what, words, "")
    }

    /// One of a few words, where `more` tells what else could stand here.
    pub(super) fn word_or<'w>(&mut self, node: &Node, what: &str, words: &[&'w str], more: &str) -> Option<&'w str> {
        let allowed = backticked(words) + more;
        let Value::Text(text) = &node.value else {
            self.wrong_type(node, format_args!("`{what}`"), allowed);
            return None;
        };
        let found = words.iter().find(|word| **word == text.as_str()).copied();
        if found.is_none() {
            let message = format!("`{what}` cannot be `{}`", shown(text));
            let suggestion = nearest(text, words.iter().copied());
            self.push(Located::error(&self.file, node.spot, message).allowed(allowed).suggestion(suggestion));
        }
        found
    }

    pub(super) fn whole_number(&mut self, node: &Node, what: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let allowed = match *range.end() {
            end if end > 1 << 40 => format!("a whole number from {}", range.start()),
            end => format!("a whole number from {} to {end}", range.start()),
        };
        match &node.value {
            Value::Int(value) => {
                let number = u64::try_from(*value).ok().filter(|value| range.contains(value));
                if number.is_none() {
                    self.error(node.spot, format!("`{what}` cannot be {value}"), allowed);
                }
                number
            }
            Value::Float(value) => {
                self.error(node.spot, format!("`{what}` cannot be {value}"), allowed);
                None
            }
            _ => {
                self.wrong_type(node, format_args!("`{what}`"), allowed);
                None
            }
        }
    }

    pub(super) fn percent(&mut self, node: &Node, what: &str) -> Option<f64> {
        let value = match &node.value {
            Value::Int(value) => *value as f64,
            Value::Float(value) => *value,
            _ => {
                self.wrong_type(node, format_args!("`{what}`"), "a number from 0 to 100");
                return None;
            }
        };
        if (0.0..=100.0).contains(&value) {
            return Some(value);
        }
        self.error(node.spot, format!("`{what}` cannot be {value}"), "a number from 0 to 100");
        None
    }

    pub(super) fn duration(&mut self, node: &Node, what: &str) -> Option<Duration> {
        let (text, number) = match &node.value {
            Value::Text(text) => (text.clone(), None),
            Value::Int(value) => (value.to_string(), u32::try_from(*value).ok()),
            _ => {
                self.wrong_type(node, format_args!("`{what}`"), Duration::ALLOWED);
                return None;
            }
        };
        let duration = Duration::parse(&text);
        if duration.is_none() {
            let suggestion = number.map_or_else(|| nearest_duration(&text), |days| Some(format!("{days}d")));
            let message = format!("`{what}` cannot be `{}`, which is no duration", shown(&text));
            self.push(Located::error(&self.file, node.spot, message).allowed(Duration::ALLOWED).suggestion(suggestion));
        }
        duration
    }

    pub(super) fn glob(&mut self, node: &Node, what: &str) -> Option<Glob> {
        let text = self.text(node, what, "text with the globs `*`, `?` and `[a-z]`")?;
        match Glob::parse(text) {
            Ok(glob) => Some(glob),
            Err(problem) => {
                self.error(
                    node.spot,
                    format!("bad pattern `{}`: {problem}", shown(text)),
                    "text with the globs `*`, `?` and `[a-z]`",
                );
                None
            }
        }
    }

    /// An identifier. One of digits only is read as written, whatever number YAML makes of it.
    pub(super) fn id<T: FromStr>(&mut self, node: &Node, what: &str, allowed: &str) -> Option<T> {
        let text = match &node.value {
            Value::Text(text) => text,
            Value::Int(_) | Value::Float(_) => node.spot.slice(self.file.text()),
            _ => {
                self.wrong_type(node, format_args!("`{what}`"), allowed);
                return None;
            }
        };
        let id = text.parse().ok();
        if id.is_none() {
            let message = format!("`{what}` cannot be `{}`", shown(text));
            self.error(node.spot, message, allowed);
        }
        id
    }
}

/// What a duration such as `30 days` or `14D` probably means.
fn nearest_duration(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let digits = compact.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = compact.split_at(digits);
    let unit = match unit {
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "wk" | "week" | "weeks" => "w",
        "month" | "months" => "mo",
        "y" | "yr" | "year" | "years" => "y",
        _ => return None,
    };
    let suggestion = format!("{number}{unit}");
    Duration::parse(&suggestion).map(|_| suggestion)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_spelling_is_found_and_only_a_near_one() {
        for (text, expected) in [
            ("famlies", Some("families")),
            ("Families", Some("families")),
            ("younger-than", Some("younger_than")),
            ("zzz", None),
        ] {
            assert_eq!(nearest(text, ["families", "younger_than"]), expected, "{text}");
        }
        assert_eq!(nearest_duration("30 days").as_deref(), Some("30d"));
        assert_eq!(nearest_duration("soon"), None);
    }
}
