//! Globs over tag values and names: `*` is any run of characters, `?` is one, `[a-z]` and `[!a-z]` are classes.

use regex::Regex;

/// A compiled glob. It matches whole texts and case counts.
#[derive(Debug, Clone)]
pub struct Glob {
    text: Box<str>,
    matcher: Matcher,
}

#[derive(Debug, Clone)]
enum Matcher {
    Anything,
    Exact,
    Prefix(Box<str>),
    Regex(Regex),
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Glob {
    /// Compiles a glob; the error is a fragment for a person.
    ///
    /// # Errors
    /// What is wrong with it, such as `]` without `[` before it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let special = |part: &str| part.contains(['*', '?', '[', ']']);
        let matcher = match text.strip_suffix('*') {
            Some("") => Matcher::Anything,
            Some(prefix) if !special(prefix) => Matcher::Prefix(prefix.into()),
            None if !special(text) => Matcher::Exact,
            _ => {
                let mut pattern = String::from("(?s)^");
                let mut rest = text;
                while let Some(after) = glob_token(rest, &mut pattern)? {
                    rest = after;
                }
                pattern.push('$');
                Matcher::Regex(compile(&pattern)?)
            }
        };
        Ok(Self { text: text.into(), matcher })
    }

    /// Whether the whole text matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        match &self.matcher {
            Matcher::Anything => true,
            Matcher::Exact => *self.text == *text,
            Matcher::Prefix(prefix) => text.starts_with(&**prefix),
            Matcher::Regex(regex) => regex.is_match(text),
        }
    }

    /// The glob as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Compiles a pattern that was put together from escaped parts.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|_| "the pattern cannot be compiled, it is too large or a class in it is empty".into())
}

/// Translates the first glob token of `rest` into a regular expression; returns what follows it, `None` at the end.
pub(crate) fn glob_token<'a>(rest: &'a str, pattern: &mut String) -> Result<Option<&'a str>, String> {
    let Some(first) = rest.chars().next() else { return Ok(None) };
    let after = &rest[first.len_utf8()..];
    match first {
        '*' => pattern.push_str(".*"),
        '?' => pattern.push('.'),
        '[' => return class(after, pattern).map(Some),
        ']' => return Err("`]` without `[` before it (write `[]]` for the character itself)".into()),
        _ => push_literal(first, pattern),
    }
    Ok(Some(after))
}

/// Adds one character that stands for itself.
pub(crate) fn push_literal(literal: char, pattern: &mut String) {
    let mut buffer = [0; 4];
    pattern.push_str(&regex::escape(literal.encode_utf8(&mut buffer)));
}

/// Translates a class whose `[` has been read; a `]` right at its beginning is a member.
fn class<'a>(rest: &'a str, pattern: &mut String) -> Result<&'a str, String> {
    let (negated, body) = match rest.strip_prefix(['!', '^']) {
        Some(body) => (true, body),
        None => (false, rest),
    };
    let first_len = body.chars().next().map_or(0, char::len_utf8);
    let close = body[first_len..].find(']').map(|at| at + first_len);
    let Some(close) = close else {
        return Err("`[` is never closed (write `[[]` for the character itself)".into());
    };
    pattern.push_str(if negated { "[^" } else { "[" });
    let members: Vec<char> = body[..close].chars().collect();
    let mut at = 0;
    while at < members.len() {
        let from = members[at];
        if at + 2 < members.len() && members[at + 1] == '-' {
            let to = members[at + 2];
            if from > to {
                return Err(format!("the range `{from}-{to}` runs backwards"));
            }
            push_member(from, pattern);
            pattern.push('-');
            push_member(to, pattern);
            at += 3;
        } else {
            push_member(from, pattern);
            at += 1;
        }
    }
    pattern.push(']');
    Ok(&body[close + 1..])
}

fn push_member(member: char, pattern: &mut String) {
    if member.is_ascii_punctuation() {
        pattern.push('\\');
    }
    pattern.push(member);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_texts() {
        for (glob, text, expected) in [
            ("*", "", true),
            ("*", "any\nthing", true),
            ("prod", "prod", true),
            ("prod", "production", false),
            ("prod", "Prod", false),
            ("prod*", "production", true),
            ("*prod", "preprod", true),
            ("p?od", "prod", true),
            ("p?od", "pod", false),
            ("a[0-9]", "a7", true),
            ("a[!0-9]", "a7", false),
            ("a[^0-9]", "ab", true),
            ("[]]", "]", true),
            ("[[]x]", "[x]", false),
            ("a.b", "axb", false),
            ("a.b*", "a.bc", true),
            ("(x)+", "(x)+", true),
            ("*\n?", "a\nb", true),
            ("[a-]", "-", true),
        ] {
            match Glob::parse(glob) {
                Ok(compiled) => assert_eq!(compiled.is_match(text), expected, "{glob} on {text:?}"),
                Err(error) => assert!(!expected, "{glob}: {error}"),
            }
        }
    }

    #[test]
    fn bad_globs_are_refused() {
        for glob in ["[a", "a]", "[z-a]", "["] {
            assert!(Glob::parse(glob).is_err(), "{glob}");
        }
    }
}
