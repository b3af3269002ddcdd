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

    /// The date in UTC as `YYYY-MM-DD`.
    #[must_use]
    pub fn date(self) -> String {
        self.to_timestamp().strftime("%Y-%m-%d").to_string()
    }
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
        fmt::Display::fmt(&self.to_timestamp(), f)
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
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
    fn the_epoch_is_a_moment() {
        assert_eq!(Moment::from_millis(0).as_millis(), 1);
    }
}
