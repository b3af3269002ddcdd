//! Fitting text into columns of a terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Shortens a text in its middle to at most so many columns.
pub(crate) fn shorten(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(1);
    let head = take(text.chars(), room.div_ceil(2));
    let tail: String = take(text.chars().rev(), room - room.div_ceil(2)).chars().rev().collect();
    format!("{head}…{tail}")
}

fn take(chars: impl Iterator<Item = char>, columns: usize) -> String {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= columns
        })
        .collect()
}

/// Breaks a text at spaces into lines of at most so many columns; a longer word gets a line of its own, whole.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_both_ends() {
        for (text, columns, short) in [
            ("web-1", 5, "web-1"),
            ("web-2026.11.21-arm64", 11, "web-2…arm64"),
            ("名前名前名前", 7, "名…前"),
            ("abc", 1, "…"),
            ("abc", 0, "…"),
        ] {
            assert_eq!(shorten(text, columns), short);
        }
    }

    #[test]
    fn words_are_never_broken() {
        assert_eq!(wrap("used by i-0123456789abcdef0 now", 8), ["used by", "i-0123456789abcdef0", "now"]);
        assert_eq!(wrap("", 8), [""]);
    }
}
