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

    /// Text that needs no escaping.
    pub(crate) fn plain(&mut self, value: impl fmt::Display) {
        // Writing to a String cannot fail.
        let _ = write!(self.out, "{value}");
    }

    /// An element of a boolean.
    pub(crate) fn flag(&mut self, name: &str, value: bool) {
        self.open(name);
        self.out.push_str(if value { "true" } else { "false" });
        self.close(name);
    }

    /// An element of a time, in UTC with milliseconds as AWS writes it.
    pub(crate) fn time(&mut self, name: &str, moment: Moment) {
        self.open(name);
        self.out.push_str(write_time(moment, &mut [0; TIME_BYTES]));
        self.close(name);
    }

    /// Makes room for so many bytes more.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.out.reserve(bytes);
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
        // Nearly every text is plain.
        if text.bytes().all(|byte| PLAIN[usize::from(byte)]) {
            self.out.push_str(text);
            return;
        }
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

/// Bytes that stand for themselves wherever they come: ASCII that is neither markup nor control.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0x20;
    while byte < 0x80 {
        plain[byte] = !matches!(byte as u8, b'&' | b'<' | b'>' | b'"');
        byte += 1;
    }
    plain
};

/// Bytes of a time between the years 0 and 9999.
const TIME_BYTES: usize = 24;

/// A time as AWS writes it, with milliseconds; the year after 9999 has no place in it and is cut to that.
fn write_time(moment: Moment, buffer: &mut [u8; TIME_BYTES]) -> &str {
    const DAY_MILLIS: i64 = 86_400_000;
    // 0000-01-01 and the end of 9999.
    let millis = moment.as_millis().clamp(-62_167_219_200_000, 253_402_300_799_999);
    let (days, in_day) = (millis.div_euclid(DAY_MILLIS), millis.rem_euclid(DAY_MILLIS));
    let (year, month, day) = civil(days);
    buffer.copy_from_slice(b"0000-00-00T00:00:00.000Z");
    for (at, digits, value) in [
        (0, 4, year),
        (5, 2, month),
        (8, 2, day),
        (11, 2, in_day / 3_600_000),
        (14, 2, in_day / 60_000 % 60),
        (17, 2, in_day / 1000 % 60),
        (20, 3, in_day % 1000),
    ] {
        let mut rest = value;
        for digit in buffer[at..at + digits].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
    }
    std::str::from_utf8(buffer).unwrap_or_default()
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar (Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    const ERA_DAYS: i64 = 146_097;
    // From 0000-03-01, so that a leap day ends its year.
    let days = days + 719_468;
    let day_of_era = days.rem_euclid(ERA_DAYS);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / (ERA_DAYS - 1)) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (days.div_euclid(ERA_DAYS) * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// A time as AWS writes it: `2026-11-21T09:30:00.000Z`.
pub(crate) fn wire_time(moment: Moment) -> String {
    write_time(moment, &mut [0; TIME_BYTES]).to_owned()
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
        // A step that shares no factor with a day walks through all months, leap days and ends of milliseconds.
        for millis in (-62_167_219_200_000..253_402_207_200_999_i64).step_by(87_654_321_109) {
            let moment = Moment::from_millis(millis);
            assert_eq!(wire_time(moment), format!("{:.3}", moment.to_timestamp()), "{millis}");
        }
    }
}
