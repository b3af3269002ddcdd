//! Durations as policies write them.

use std::fmt;

use serde::Serialize;

/// A span of time in whole hours or more: `12h`, `30d`, `2w`, `6mo` (of 30 days each) or `1y` (of 365 days).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Duration {
    secs: i64,
}

/// The units, longest spelling first where one begins another.
const UNITS: [(&str, i64); 5] =
    [("mo", 30 * 86_400), ("h", 3_600), ("d", 86_400), ("w", 7 * 86_400), ("y", 365 * 86_400)];

/// The longest duration: a hundred years.
const SECS_MAX: i64 = 100 * 365 * 86_400;

impl Duration {
    /// What [`Duration::parse`] takes, for messages.
    pub(crate) const ALLOWED: &'static str =
        "a whole number and h, d, w, mo (30 days) or y (365 days), such as `12h`, `30d` or `2w`, at most 100y";

    /// So many days.
    #[must_use]
    pub fn days(days: u32) -> Self {
        Self { secs: i64::from(days) * 86_400 }
    }

    /// The duration of this text, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let number: i64 = number.parse().ok()?;
        let (_, unit_secs) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let secs = number.checked_mul(*unit_secs)?;
        (secs <= SECS_MAX).then_some(Self { secs })
    }

    /// In seconds.
    #[must_use]
    pub fn as_secs(self) -> i64 {
        self.secs
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secs % 86_400 == 0 { write!(f, "{}d", self.secs / 86_400) } else { write!(f, "{}h", self.secs / 3_600) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_unit() {
        for (text, secs) in [
            ("12h", 43_200),
            ("30d", 2_592_000),
            ("2w", 1_209_600),
            ("6mo", 15_552_000),
            ("1y", 31_536_000),
            ("0d", 0),
            ("100y", SECS_MAX),
        ] {
            assert_eq!(Duration::parse(text).map(Duration::as_secs), Some(secs), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "30", "d", "-1d", "1.5d", "30 d", "30D", "30m", "101y", "99999999999999999999d", "1d1h", "٣d"]
        {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }
}
