//! Spans of time as people write them: `250ms`, `36h`, `1h30m`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A span of time in milliseconds, written as numbers with their units, the largest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

/// Why a text is not a span of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a span of time such as `250ms`, `30s`, `36h` or `1h30m`")]
pub struct SpanTextError {
    text: String,
}

/// Units with their milliseconds, the longest first.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

impl FromStr for Span {
    type Err = SpanTextError;

    fn from_str(text: &str) -> Result<Self, SpanTextError> {
        let error = || SpanTextError { text: text.chars().take(40).collect() };
        if text == "0" {
            return Ok(Self::default());
        }
        let mut rest = text;
        let mut millis: u64 = 0;
        let mut units = UNITS.iter();
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number: u64 = rest[..digits].parse().map_err(|_| error())?;
            let unit_len = rest[digits..].bytes().take_while(u8::is_ascii_lowercase).count();
            let unit = &rest[digits..digits + unit_len];
            let (_, factor) = units.find(|(name, _)| *name == unit).ok_or_else(error)?;
            millis = number.checked_mul(*factor).and_then(|more| millis.checked_add(more)).ok_or_else(error)?;
            rest = &rest[digits + unit_len..];
        }
        // More than that is a mistake, and does not fit where moments are counted.
        if text.is_empty() || millis > 1000 * 366 * 86_400_000 {
            return Err(error());
        }
        Ok(Self(Duration::from_millis(millis)))
    }
}

impl Span {
    /// Whole seconds, rounded up.
    #[must_use]
    pub fn secs(self) -> u64 {
        self.0.as_secs() + u64::from(self.0.subsec_millis() > 0)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        if millis == 0 {
            return f.write_str("0s");
        }
        for (name, factor) in UNITS {
            if millis >= factor {
                write!(f, "{}{name}", millis / factor)?;
                millis %= factor;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_written() {
        for (text, millis, shown) in [
            ("250ms", 250, "250ms"),
            ("36h", 36 * 3_600_000, "1d12h"),
            ("1h30m", 5_400_000, "1h30m"),
            ("1d2h3m4s5ms", 93_784_005, "1d2h3m4s5ms"),
            ("0", 0, "0s"),
            ("0s", 0, "0s"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!((span.0.as_millis(), span.to_string().as_str()), (millis, shown));
        }
        assert_eq!("1500ms".parse::<Span>().unwrap().secs(), 2);
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in ["", "5", "h", "5x", "5 s", "1s1h", "1h1h", "-1s", "99999999999999999999s", "999999999d", "1é"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
