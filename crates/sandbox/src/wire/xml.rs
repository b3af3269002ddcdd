//! Writing XML: escaped, and without the characters that XML 1.0 has no place for.

use std::fmt::{self, Write};

use amictl_model::{Moment, Tags};

/// What can be written as the content of an XML element.
pub(crate) trait Encode {
    /// Writes the members, without an element around them.
    fn encode(&self, xml: &mut Xml);
}

/// An XML document in the making.
#[derive(Debug, Default)]
pub(crate) struct Xml {
    out: String,
}

impl Xml {
    /// An empty document with its declaration.
    pub(crate) fn document() -> Self {
        Self { out: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") }
    }

    /// The text so far.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// What this type has written before.
    pub(super) fn written(&mut self, xml: &str) {
        self.out.push_str(xml);
    }

    /// An element with an `xmlns` attribute.
    pub(crate) fn root(&mut self, name: &str, namespace: &str, content: impl FnOnce(&mut Self)) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push_str(" xmlns=\"");
        self.out.push_str(namespace);
        self.out.push_str("\">");
        content(self);
        self.close(name);
    }

    /// An element.
    pub(crate) fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.open(name);
        content(self);
        self.close(name);
    }

    /// An element of text.
    pub(crate) fn text(&mut self, name: &str, text: impl AsRef<str>) {
        self.open(name);
        self.escape(text.as_ref());
        self.close(name);
    }

    /// An element of text, if there is any.
    pub(crate) fn optional(&mut self, name: &str, text: Option<impl AsRef<str>>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// An element of a number, a boolean or another value whose text needs no escaping.
    pub(crate) fn value(&mut self, name: &str, value: impl fmt::Display) {
        self.open(name);
        // Writing to a String cannot fail.
        let _ = write!(self.out, "{value}");
        self.close(name);
    }

    /// An element of a time, in UTC with milliseconds as AWS writes it.
    pub(crate) fn time(&mut self, name: &str, moment: Moment) {
        self.text(name, wire_time(moment));
    }

    /// A list: an element with one `item` (EC2) or `member` (the query protocol) for each entry.
    pub(crate) fn list<T>(
        &mut self,
        name: &str,
        item: &str,
        entries: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T),
    ) {
        self.element(name, |xml| {
            for entry in entries {
                xml.element(item, |xml| each(xml, entry));
            }
        });
    }

    /// A list of texts.
    pub(crate) fn texts<T: AsRef<str>>(&mut self, name: &str, item: &str, entries: impl IntoIterator<Item = T>) {
        self.element(name, |xml| entries.into_iter().for_each(|entry| xml.text(item, entry)));
    }

    /// EC2's `tagSet`, left out when there are no tags.
    pub(crate) fn tag_set(&mut self, tags: &Tags) {
        if !tags.is_empty() {
            self.list("tagSet", "item", tags.iter(), |xml, (key, value)| {
                xml.text("key", key);
                xml.text("value", value);
            });
        }
    }

    fn open(&mut self, name: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    pub(crate) fn escape(&mut self, text: &str) {
        let mut plain_from = 0;
        for (at, character) in text.char_indices() {
            let replacement = match character {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\r' => "&#xD;",
                '\t' | '\n' => continue,
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => "",
                _ => continue,
            };
            self.out.push_str(&text[plain_from..at]);
            self.out.push_str(replacement);
            plain_from = at + character.len_utf8();
        }
        self.out.push_str(&text[plain_from..]);
    }
}

/// A time as AWS writes it: `2026-11-21T09:30:00.000Z`.
pub(crate) fn wire_time(moment: Moment) -> String {
    format!("{:.3}", moment.to_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_what_xml_cannot_hold_is_dropped() {
        let mut xml = Xml::default();
        xml.text("a", "<script>&\"\u{1b}[31m\u{0}\u{ffff}tab\there\r\n€😀");
        assert_eq!(xml.finish(), "<a>&lt;script&gt;&amp;&quot;[31mtab\there&#xD;\n€😀</a>");
    }

    #[test]
    fn times_have_milliseconds() {
        assert_eq!(wire_time("2026-11-21T09:30:00Z".parse().unwrap()), "2026-11-21T09:30:00.000Z");
    }
}
