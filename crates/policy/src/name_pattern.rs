//! Patterns over image names: text, globs and placeholders such as `{version}`.

use regex::Regex;

use crate::glob::{compile, glob_token, push_literal};

/// The most characters that an AMI name may have.
const AMI_NAME_CHARS_MAX: usize = 128;

/// The placeholders with a meaning of their own; any other matches one or more letters, digits, dots and underscores.
const PLACEHOLDERS: [(&str, &str); 7] = [
    ("semver", r"v?(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"),
    ("version", r"v?[0-9][0-9A-Za-z.+~_-]*"),
    (
        "date",
        r"[0-9]{4}[-.]?[0-9]{2}[-.]?[0-9]{2}(?:[T_.-]?[0-9]{2}[:h._-]?[0-9]{2}(?:[:m._-]?[0-9]{2}s?)?(?:\.[0-9]+)?Z?)?",
    ),
    ("number", r"[0-9]+"),
    ("build", r"[0-9]+"),
    ("hash", r"[0-9a-fA-F]{7,64}"),
    ("arch", r"(?:x86_64|x86-64|amd64|arm64|aarch64|i386|x86)"),
];
/// The placeholder for any text, also none: a `*` that reads like the others.
const ANYTHING: &str = "{*}";
const OTHER_PLACEHOLDER: &str = r"[0-9A-Za-z._]+";

/// What may stand in a name pattern, for messages.
pub(crate) const ALLOWED: &str = "letters, digits, ( ) space . / - ' @ _, the globs * ? [a-z], and the placeholders {version} {semver} {date} {number} {build} {hash} {arch} {*} or one of any other name";

/// A compiled name pattern. It matches whole names and case counts.
#[derive(Debug, Clone)]
pub struct NamePattern {
    text: Box<str>,
    /// What every matching name begins with.
    prefix: Box<str>,
    rest: Rest,
    placeholders: Vec<Box<str>>,
}

/// What is checked after the prefix.
#[derive(Debug, Clone)]
enum Rest {
    Nothing,
    Anything,
    Whole(Regex),
}

impl PartialEq for NamePattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl NamePattern {
    /// Compiles a pattern; the error is a fragment for a person.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut pattern = String::from("(?s)^");
        let mut placeholders: Vec<Box<str>> = Vec::new();
        let (mut prefix, mut in_prefix, mut chars_min) = (String::new(), true, 0_usize);
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            match first {
                '{' if rest.starts_with(ANYTHING) => {
                    pattern.push_str(".*");
                    (in_prefix, rest) = (false, &rest[ANYTHING.len()..]);
                }
                '{' => {
                    let (name, after) = placeholder(&rest[1..])?;
                    if placeholders.iter().any(|have| **have == *name) {
                        return Err(format!("the placeholder `{{{name}}}` stands here twice"));
                    }
                    let known = PLACEHOLDERS.iter().find(|(known, _)| *known == name);
                    pattern.push_str(&format!("(?<{name}>{})", known.map_or(OTHER_PLACEHOLDER, |(_, regex)| regex)));
                    placeholders.push(name.into());
                    (in_prefix, chars_min, rest) = (false, chars_min + 1, after);
                }
                '}' => return Err("`}` without `{` before it".into()),
                '*' | '?' | '[' | ']' => {
                    (in_prefix, chars_min) = (false, chars_min + usize::from(first != '*'));
                    rest = glob_token(rest, &mut pattern)?.unwrap_or_default();
                }
                _ if is_ami_name_char(first) => {
                    push_literal(first, &mut pattern);
                    if in_prefix {
                        prefix.push(first);
                    }
                    (chars_min, rest) = (chars_min + 1, &rest[first.len_utf8()..]);
                }
                _ => {
                    return Err(format!(
                        "`{}` cannot stand in an AMI name, so this matches nothing",
                        first.escape_debug()
                    ));
                }
            }
        }
        if text.is_empty() {
            return Err("an empty pattern matches nothing".into());
        }
        if chars_min > AMI_NAME_CHARS_MAX {
            return Err(format!(
                "this matches names of {chars_min} or more characters only, and an AMI name has at most {AMI_NAME_CHARS_MAX}"
            ));
        }
        let rest = match &text[prefix.len()..] {
            "" => Rest::Nothing,
            "*" | ANYTHING => Rest::Anything,
            _ => Rest::Whole(compile(&(pattern + "$"))?),
        };
        Ok(Self { text: text.into(), prefix: prefix.into(), rest, placeholders })
    }

    /// Whether the whole name matches.
    #[must_use]
    pub fn is_match(&self, name: &str) -> bool {
        // Comparing nothing is far from free on some processors: `*` is common, so it is spared.
        (self.prefix.is_empty() || name.starts_with(&*self.prefix))
            && match &self.rest {
                Rest::Nothing => name.len() == self.prefix.len(),
                Rest::Anything => true,
                Rest::Whole(regex) => regex.is_match(name),
            }
    }

    /// The part of a matching name that a placeholder stands for.
    #[must_use]
    pub fn part<'a>(&self, name: &'a str, placeholder: &str) -> Option<&'a str> {
        let Rest::Whole(regex) = &self.rest else { return None };
        regex.captures(name)?.name(placeholder).map(|part| part.as_str())
    }

    /// The names of the placeholders, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.placeholders.iter().map(AsRef::as_ref)
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What every matching name begins with.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }
}

/// Reads a placeholder whose `{` has been read: its name and what follows.
fn placeholder(rest: &str) -> Result<(&str, &str), String> {
    let Some((name, after)) = rest.split_once('}') else {
        return Err("`{` is never closed".into());
    };
    let is_name = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= 32
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_name {
        Ok((name, after))
    } else {
        Err(format!(
            "`{{{}}}` is no placeholder: its name is lowercase letters, digits and underscores",
            name.chars().take(40).flat_map(char::escape_debug).collect::<String>()
        ))
    }
}

/// Whether AWS lets this character stand in an AMI name.
fn is_ami_name_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '(' | ')' | '[' | ']' | ' ' | '.' | '/' | '-' | '\'' | '@' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("web-*", "web-1", true),
            ("web-*", "my-web-1", false),
            ("web-1", "web-1", true),
            ("web-1", "web-10", false),
            ("web-{version}", "web-1.2.3", true),
            ("web-{version}", "web-v41", true),
            ("web-{version}", "web-2026.11.03-1a2b", true),
            ("web-{version}", "web-admin-1.2.3", false),
            ("web-{version}", "web-", false),
            ("web-{date}", "web-20261103", true),
            ("web-{date}", "web-2026-11-03T12:30Z", true),
            ("web-{date}", "web-2026-11-03-1230", true),
            ("web-{date}", "web-20261103T123045Z", true),
            ("web-{date}", "web-latest", false),
            ("web-{semver}", "web-1.2.3", true),
            ("web-{semver}", "web-v1.2.3-rc.1", true),
            ("web-{semver}", "web-1.2", false),
            ("web-{semver}", "web-1.02.3", false),
            ("web-{*}", "web-", true),
            ("web-{*}", "web-x-1", true),
            ("{*}-{*}-7", "web-x-7", true),
            ("{*}-{*}-7", "web-7", false),
            ("web-{number}-{hash}", "web-12-1a2b3c4", true),
            ("web-{number}-{hash}", "web-12-xyz", false),
            ("{app}-{arch}-{version}", "billing-arm64-7", true),
            ("{app}-{arch}-{version}", "billing-mips-7", false),
            ("w?b-[0-9]*", "wob-3rd", true),
        ] {
            assert_eq!(NamePattern::parse(pattern).unwrap().is_match(name), expected, "{pattern} on {name:?}");
        }
    }

    #[test]
    fn placeholders_give_their_part() {
        let pattern = NamePattern::parse("{app}-{arch}-{version}").unwrap();
        assert_eq!(pattern.part("billing-arm64-7", "app"), Some("billing"));
        assert_eq!(pattern.part("billing-arm64-7", "arch"), Some("arm64"));
        assert_eq!(pattern.placeholders().collect::<Vec<_>>(), ["app", "arch", "version"]);
    }

    #[test]
    fn patterns_that_match_no_legal_name_are_refused() {
        let long = "x".repeat(129);
        for pattern in ["", "web:1", "wéb", "web-{version", "web-}", "web-{Version}", "{a}{a}", "web-[", "a$", &long] {
            assert!(NamePattern::parse(pattern).is_err(), "{pattern}");
        }
        assert!(NamePattern::parse(&"x".repeat(128)).is_ok());
    }
}
