//! Lets writers of bytes (JSON, CSV) write to a text that a terminal may show.

use std::fmt;
use std::io;
use std::io::Write as _;

use crate::escape::is_deceptive;
use crate::{ReportError, escape};

/// Takes UTF-8 in pieces and passes it on, with whatever could deceive a terminal escaped.
pub(crate) struct Sink<'a> {
    out: &'a mut dyn fmt::Write,
    /// The bytes of a character that the last piece cut off.
    cut_off: Vec<u8>,
    escape: fn(char, &mut dyn fmt::Write) -> fmt::Result,
}

/// `\u202e` as JSON writes it: such characters stand inside strings only, so the document means the same.
fn json_escape(c: char, out: &mut dyn fmt::Write) -> fmt::Result {
    let mut units = [0; 2];
    c.encode_utf16(&mut units).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))
}

fn terminal_escape(c: char, out: &mut dyn fmt::Write) -> fmt::Result {
    out.write_str(&escape::terminal(c.encode_utf8(&mut [0; 4])))
}

impl<'a> Sink<'a> {
    /// For JSON: the text that comes out is the same document.
    pub(crate) fn json(out: &'a mut dyn fmt::Write) -> Self {
        Self { out, cut_off: Vec::new(), escape: json_escape }
    }

    /// For text whose line ends are meant.
    pub(crate) fn text(out: &'a mut dyn fmt::Write) -> Self {
        Self { out, cut_off: Vec::new(), escape: terminal_escape }
    }

    fn pass(&mut self, text: &str) -> fmt::Result {
        let is_unwanted = |c: char| c != '\n' && is_deceptive(c);
        let mut rest = text;
        while let Some(at) = rest.find(is_unwanted) {
            self.out.write_str(&rest[..at])?;
            let mut chars = rest[at..].chars();
            if let Some(c) = chars.next() {
                (self.escape)(c, self.out)?;
            }
            rest = chars.as_str();
        }
        self.out.write_str(rest)
    }
}

impl io::Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.cut_off.extend_from_slice(bytes);
        let pending = std::mem::take(&mut self.cut_off);
        let (text, rest) = match std::str::from_utf8(&pending) {
            Ok(text) => (text, &[][..]),
            Err(error) if error.error_len().is_none() => {
                let (whole, rest) = pending.split_at(error.valid_up_to());
                (std::str::from_utf8(whole).map_err(io::Error::other)?, rest)
            }
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        self.pass(text).map_err(io::Error::other)?;
        self.cut_off.extend_from_slice(rest);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a value as one indented JSON document.
pub(crate) fn write_json(out: &mut dyn fmt::Write, value: &impl serde::Serialize) -> Result<(), ReportError> {
    let mut sink = Sink::json(out);
    serde_json::to_writer_pretty(&mut sink, value)?;
    sink.write_all(b"\n").map_err(serde_json::Error::io)?;
    Ok(())
}

/// Writes a value as one line of JSON.
pub(crate) fn write_json_line(out: &mut dyn fmt::Write, value: &impl serde::Serialize) -> Result<(), ReportError> {
    let mut sink = Sink::json(out);
    serde_json::to_writer(&mut sink, value)?;
    sink.write_all(b"\n").map_err(serde_json::Error::io)?;
    Ok(())
}

/// Writes CSV: a header, then the records.
pub(crate) fn write_csv<const N: usize>(
    out: &mut dyn fmt::Write,
    header: [&str; N],
    records: impl IntoIterator<Item = [String; N]>,
) -> Result<(), ReportError> {
    let mut writer = csv::Writer::from_writer(Sink::text(out));
    writer.write_record(header)?;
    for record in records {
        writer.write_record(record.iter().map(|cell| escape::csv(cell).into_owned()))?;
    }
    writer.flush().map_err(csv::Error::from)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_means_the_same_and_hides_nothing() {
        let value = "a\u{202e}b\u{9b}c\u{e0041}\u{7f}\n名";
        let mut out = String::new();
        write_json_line(&mut out, &value).unwrap();
        assert_eq!(out, "\"a\\u202eb\\u009bc\\udb40\\udc41\\u007f\\n名\"\n");
        assert_eq!(serde_json::from_str::<String>(&out).unwrap(), value);
    }

    #[test]
    fn a_character_may_arrive_in_pieces() {
        let mut out = String::new();
        let mut sink = Sink::text(&mut out);
        for byte in "名\u{202e}é".bytes() {
            sink.write_all(&[byte]).unwrap();
        }
        assert_eq!(out, "名\\u{202e}é");
    }

    #[test]
    fn csv_is_quoted_and_holds_no_formula() {
        let mut out = String::new();
        let rows = [["=1+1".to_owned(), "a,\"b\"\nc".to_owned()]];
        write_csv(&mut out, ["x", "y"], rows).unwrap();
        assert_eq!(out, "x,y\n'=1+1,\"a,\"\"b\"\"\\u{a}c\"\n");
    }
}
