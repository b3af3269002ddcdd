//! Points in time, small enough to hold millions of them.

use std::fmt;
use std::num::NonZeroI64;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is not a point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a time in RFC 3339 form (such as `2026-11-21T09:30:00Z`)")]
pub struct MomentError {
    text: String,
}

/// A point in time in whole milliseconds, 8 bytes also as an `Option`.
///
/// Milliseconds since the Unix epoch; the epoch itself is one millisecond late, so that zero is free for `None`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment(NonZeroI64);

impl Moment {
    /// The moment so many milliseconds after the Unix epoch.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        const AFTER_EPOCH: NonZeroI64 = NonZeroI64::new(1).expect("one is not zero");
        Self(NonZeroI64::new(millis).unwrap_or(AFTER_EPOCH))
    }

    /// The moment so many seconds after the Unix epoch.
    #[must_use]
    pub fn from_secs(secs: i64) -> Self {
        Self::from_millis(secs.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub fn as_millis(self) -> i64 {
        self.0.get()
    }

    /// Whole seconds from `earlier` to this moment, negative when `earlier` is later.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.as_millis().saturating_sub(earlier.as_millis()).div_euclid(1000)
    }

    /// This moment moved by so many seconds.
    #[must_use]
    pub fn plus_secs(self, secs: i64) -> Self {
        Self::from_millis(self.as_millis().saturating_add(secs.saturating_mul(1000)))
    }

    /// The same moment as a `jiff` timestamp; beyond year 9999 the nearest one that exists.
    #[must_use]
    pub fn to_timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.as_millis()).unwrap_or(if self.as_millis() < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
    }

    /// As RFC 3339 text, from year 0 to the last second that `jiff` has: by hand, as a plan says several of each of its images.
    fn rfc3339(self, text: &mut [u8; RFC3339_BYTES_MAX]) -> Option<&str> {
        if !(YEAR_0_MILLIS..Timestamp::MAX.as_second() * 1000).contains(&self.as_millis()) {
            return None;
        }
        let secs = self.as_millis().div_euclid(1000);
        let millis = self.as_millis().rem_euclid(1000);
        let (year, month, day) = civil(secs.div_euclid(86_400));
        let time = secs.rem_euclid(86_400);
        *text = *b"0000-00-00T00:00:00.000Z";
        for (at, number) in [
            (0, year / 100),
            (2, year % 100),
            (5, month),
            (8, day),
            (11, time / 3600),
            (14, time / 60 % 60),
            (17, time % 60),
            (20, millis / 10),
        ] {
            (text[at], text[at + 1]) = (digit(number / 10), digit(number % 10));
        }
        text[22] = digit(millis % 10);
        // As short as it can be: without the milliseconds, or the zeros at their end.
        let mut len = if millis == 0 { 19 } else { 23 };
        while millis != 0 && text[len - 1] == b'0' {
            len -= 1;
        }
        text[len] = b'Z';
        std::str::from_utf8(&text[..=len]).ok()
    }

    /// The date in UTC as `YYYY-MM-DD`.
    #[must_use]
    pub fn date(self) -> String {
        self.to_timestamp().strftime("%Y-%m-%d").to_string()
    }
}

/// `2026-11-21T09:30:00.123Z`.
const RFC3339_BYTES_MAX: usize = 24;

/// The first moment whose year has no sign.
const YEAR_0_MILLIS: i64 = -62_167_219_200_000;

fn digit(number: i64) -> u8 {
    b'0' + (number % 10) as u8
}

/// Year, month and day of a day since the Unix epoch, in the calendar of today: eras of 400 years, years from March.
fn civil(days_since_epoch: i64) -> (i64, i64, i64) {
    const ERA_DAYS: i64 = 146_097;
    let days = days_since_epoch + 719_468;
    let day_of_era = days.rem_euclid(ERA_DAYS);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / (ERA_DAYS - 1)) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (days.div_euclid(ERA_DAYS) * 400 + year_of_era + i64::from(month <= 2), month, day)
}

impl From<Timestamp> for Moment {
    fn from(timestamp: Timestamp) -> Self {
        Self::from_millis(timestamp.as_millisecond())
    }
}

impl std::ops::Sub for Moment {
    type Output = SignedDuration;

    fn sub(self, earlier: Self) -> SignedDuration {
        SignedDuration::from_millis(self.as_millis().saturating_sub(earlier.as_millis()))
    }
}

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        text.parse::<Timestamp>().map(Self::from).map_err(|_| MomentError { text: text.chars().take(80).collect() })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rfc3339(&mut [0; RFC3339_BYTES_MAX]) {
            Some(text) => f.write_str(text),
            None => fmt::Display::fmt(&self.to_timestamp(), f),
        }
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.rfc3339(&mut [0; RFC3339_BYTES_MAX]) {
            Some(text) => serializer.serialize_str(text),
            None => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_optional_moment_takes_eight_bytes() {
        assert_eq!(size_of::<Option<Moment>>(), 8);
    }

    #[test]
    fn aws_times_are_read_with_and_without_milliseconds() {
        let plain: Moment = "2026-11-21T09:30:00Z".parse().unwrap();
        let millis: Moment = "2026-11-21T09:30:00.000Z".parse().unwrap();
        assert_eq!(plain, millis);
        assert_eq!(plain.to_string(), "2026-11-21T09:30:00Z");
        assert!("yesterday".parse::<Moment>().is_err());
    }

    #[test]
    fn moments_are_written_as_jiff_writes_them() {
        let edges =
            [-62_167_219_200_000, -62_167_219_200_001, -1, 1, 999, 1000, 253_402_207_200_999, i64::MIN, i64::MAX];
        // A step that shares no factor with a day walks through all months, leap days and ends of milliseconds.
        let walk = (-62_200_000_000_000..253_402_207_200_999_i64).step_by(7_654_321_109);
        let days = (-800_000_i64..2_932_000).map(|day| day * 86_400_000 + day.rem_euclid(1000));
        for millis in edges.into_iter().chain(walk).chain(days.step_by(7)) {
            let moment = Moment::from_millis(millis);
            assert_eq!(moment.to_string(), moment.to_timestamp().to_string(), "{millis}");
        }
        for millis in 0..1000 {
            let moment = Moment::from_millis(1_795_000_000_000 + millis);
            assert_eq!(moment.to_string(), moment.to_timestamp().to_string());
            assert_eq!(serde_json::to_string(&moment).unwrap(), format!("\"{moment}\""));
        }
    }

    #[test]
    fn the_epoch_is_a_moment() {
        assert_eq!(Moment::from_millis(0).as_millis(), 1);
    }
}
