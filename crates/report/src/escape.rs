//! Text that others chose, made harmless for each place that it is shown in.
//!
//! Names, tags, descriptions and error texts can be set by whoever may make an image, so all of them count as hostile.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character can move the cursor, reorder what is shown, or be there without being seen.
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// For a terminal: whatever [`is_deceptive`] becomes visible, as `\u{1b}`.
#[must_use]
pub fn terminal(text: &str) -> Cow<'_, str> {
    if !text.contains(is_deceptive) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_deceptive(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// For a cell of CSV: as on a terminal, and a spreadsheet takes it for text, never for a formula. Quoting is the writer's.
#[must_use]
pub fn csv(text: &str) -> Cow<'_, str> {
    let starts_formula = text.starts_with(['\t', '\r', '\n'])
        || text.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if starts_formula { Cow::Owned(format!("'{}", terminal(text))) } else { terminal(text) }
}

/// For running text and table cells of Markdown: no markup, no HTML, no link, no mention, one line.
#[must_use]
pub fn markdown(text: &str) -> String {
    let text = terminal(text);
    let mut safe = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        match c {
            '|' => safe.push_str("&#124;"),
            '\\' | '`' | '*' | '[' | ']' | '~' | '$' => {
                safe.push('\\');
                safe.push(c);
            }
            // Inside a word an underscore is no markup, and ids of sources are full of them.
            '_' if !is_inside_word(&text, at) => safe.push_str("\\_"),
            '#' | '>' | '-' | '+' | '=' if at == 0 => {
                let _ = write!(safe, "&#{};", u32::from(c));
            }
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            ':' if text[at..].starts_with("://") => safe.push_str("&#58;"),
            '.' if ends_with_www(&text[..at]) => safe.push_str("&#46;"),
            '@' => safe.push_str("@<!-- -->"),
            _ => safe.push(c),
        }
    }
    safe
}

/// For Markdown as a code span, which also keeps links and mentions from coming alive.
#[must_use]
pub fn markdown_code(text: &str) -> String {
    let text = terminal(text);
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    if text.contains('|') {
        // A table's cells are cut before code spans are seen, and after a backslash not by every reader alike.
        return markdown(text);
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// For Slack's `mrkdwn` as a code span: no markup, no link, no mention. Slack's own escapes are `&`, `<` and `>`.
#[must_use]
pub fn slack_code(text: &str) -> String {
    let text = terminal(text);
    let mut safe = String::with_capacity(text.len() + 8);
    safe.push('`');
    for c in text.trim().chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // There is no way to write it inside a code span.
            '`' => safe.push('\''),
            _ => safe.push(c),
        }
    }
    // An empty span would be two backticks.
    if safe.len() == 1 {
        return String::new();
    }
    safe.push('`');
    safe
}

/// For a POSIX shell: one word, whatever is in it. What a terminal must not see is written with `$'…'`.
#[must_use]
pub fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=@%+".contains(c);
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(plain) {
        return word.to_owned();
    }
    if !word.contains(is_deceptive) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let mut safe = String::from("$'");
    for c in word.chars() {
        match c {
            '\'' | '\\' => {
                safe.push('\\');
                safe.push(c);
            }
            c if is_deceptive(c) => {
                let mut utf8 = [0; 4];
                for byte in c.encode_utf8(&mut utf8).bytes() {
                    let _ = write!(safe, "\\x{byte:02x}");
                }
            }
            c => safe.push(c),
        }
    }
    safe.push('\'');
    safe
}

fn is_inside_word(text: &str, at: usize) -> bool {
    text[..at].ends_with(char::is_alphanumeric) && text[at + 1..].starts_with(char::is_alphanumeric)
}

fn ends_with_www(text: &str) -> bool {
    text.len() >= 3 && text.as_bytes()[text.len() - 3..].eq_ignore_ascii_case(b"www")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: [&str; 24] = [
        "",
        "web-1.0",
        "\u{1b}[31mred\u{1b}[0m",
        "\u{1b}]8;;https://evil.example\u{7}click\u{1b}]8;;\u{7}",
        "\u{9b}2J",
        "a\nb\r\nc\td",
        "abc\u{202e}gpj.exe",
        "\u{2066}x\u{2069}",
        "ze\u{200b}ro\u{feff}",
        "tag\u{e0041}\u{fe0f}",
        "line\u{2028}sep\u{85}",
        "=HYPERLINK(\"http://evil\",\"x\")",
        "+1",
        "-1+2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1",
        "a|b`c``d",
        "<script>alert(1)</script>",
        "[x](javascript:alert(1)) ![y](http://evil/p.png)",
        "https://evil.example www.evil.example @everyone",
        "it's; rm -rf / $(id) `id`",
        "\\|",
    ];

    #[test]
    fn nothing_deceptive_is_left_anywhere() {
        for text in HOSTILE {
            for safe in [
                terminal(text).into_owned(),
                csv(text).into_owned(),
                markdown(text),
                markdown_code(text),
                shell(text),
                slack_code(text),
            ] {
                assert!(!safe.contains(is_deceptive), "{text:?} became {safe:?}");
            }
        }
    }

    #[test]
    fn terminal_shows_what_was_hidden() {
        for (text, safe) in [
            ("web-1.0", "web-1.0"),
            ("größe 名前", "größe 名前"),
            ("\u{1b}[31m", "\\u{1b}[31m"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("a\nb", "a\\u{a}b"),
            ("x\u{202e}y", "x\\u{202e}y"),
            ("\u{7f}", "\\u{7f}"),
        ] {
            assert_eq!(terminal(text), safe);
        }
    }

    #[test]
    fn no_csv_cell_is_a_formula() {
        for (text, safe) in [
            ("web-1", "web-1"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\\u{9}=1"),
            ("\rx", "'\\u{d}x"),
            ("  =1", "'  =1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
        ] {
            assert_eq!(csv(text), safe, "{text:?}");
        }
    }

    #[test]
    fn markdown_has_no_markup_left() {
        for (text, safe) in [
            ("auto_scaling_groups", "auto_scaling_groups"),
            ("_em_", "\\_em\\_"),
            ("a|b", "a&#124;b"),
            ("`x`", "\\`x\\`"),
            ("<b>&", "&lt;b&gt;&amp;"),
            ("[x](y)", "\\[x\\](y)"),
            ("a\nb", "a\\\\u{a}b"),
            ("http://e", "http&#58;//e"),
            ("www.e", "www&#46;e"),
            ("@all", "@<!-- -->all"),
            ("# head", "&#35; head"),
            ("$x$", "\\$x\\$"),
        ] {
            assert_eq!(markdown(text), safe, "{text:?}");
        }
    }

    #[test]
    fn slack_sees_neither_mentions_nor_links_nor_the_end_of_a_span() {
        for (text, safe) in [
            ("", ""),
            ("  ", ""),
            ("web-1", "`web-1`"),
            ("<!channel> & <https://evil|ok>", "`&lt;!channel&gt; &amp; &lt;https://evil|ok&gt;`"),
            ("a`*b*`", "`a'*b*'`"),
            ("a\nb", "`a\\u{a}b`"),
        ] {
            assert_eq!(slack_code(text), safe, "{text:?}");
        }
    }

    #[test]
    fn code_spans_cannot_be_closed_from_inside() {
        for (text, safe) in [
            ("", ""),
            ("web", "`web`"),
            ("a`b", "``a`b``"),
            ("`a", "`` `a ``"),
            ("a``b", "```a``b```"),
            ("a|b", "a&#124;b"),
            ("<i>", "`<i>`"),
            ("a\nb", "`a\\u{a}b`"),
        ] {
            assert_eq!(markdown_code(text), safe, "{text:?}");
        }
    }

    #[test]
    fn a_shell_takes_it_for_one_word() {
        for (text, safe) in [
            ("plan.json", "plan.json"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$(id)", "'$(id)'"),
            ("~", "'~'"),
            ("a\u{1b}'b\\", r"$'a\x1b\'b\\'"),
            ("\u{202e}", r"$'\xe2\x80\xae'"),
        ] {
            assert_eq!(shell(text), safe, "{text:?}");
        }
    }
}
