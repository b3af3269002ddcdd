//! Exceptions until a date: the tag `amictl:keep-until` on an image.

use amictl_model::Moment;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The tag that keeps an image until its value is past: a date (`2027-01-31`, that day included, in UTC) or a time in RFC 3339.
pub const KEEP_UNTIL_TAG: &str = "amictl:keep-until";

/// Whether a tag with this value keeps what it is on at `now`; a value in which no date can be read does.
#[must_use]
pub fn is_kept_until(value: &str, now: Moment) -> bool {
    keep_until(value, now) != KeepUntil::Past
}

/// What such a tag says at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeepUntil {
    /// The image stays.
    Holds,
    /// The date is past.
    Past,
    /// No date can be read in it, so the image stays.
    Unreadable,
}

/// What this value says at `now`.
pub(crate) fn keep_until(value: &str, now: Moment) -> KeepUntil {
    match last_moment(value.trim()) {
        Some(until) if now <= until => KeepUntil::Holds,
        Some(_) => KeepUntil::Past,
        None => KeepUntil::Unreadable,
    }
}

fn last_moment(value: &str) -> Option<Moment> {
    if let Ok(moment) = value.parse::<Moment>() {
        return Some(moment);
    }
    // A civil date alone: jiff would also take the date of a longer text.
    let is_date = value.len() == 10 && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date: Date = value.parse().ok().filter(|_| is_date)?;
    let next = date.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some(Moment::from_millis(next.timestamp().as_millisecond() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_counts_to_its_end_and_what_is_no_date_keeps() {
        for (value, now, expected) in [
            ("2027-01-31", "2027-01-31T23:59:59Z", KeepUntil::Holds),
            (" 2027-01-31 ", "2027-01-31T00:00:00Z", KeepUntil::Holds),
            ("2027-01-31", "2027-02-01T00:00:00Z", KeepUntil::Past),
            ("2027-01-31T12:00:00Z", "2027-01-31T12:00:00Z", KeepUntil::Holds),
            ("2027-01-31T12:00:00Z", "2027-01-31T12:00:01Z", KeepUntil::Past),
            ("2027-02-30", "2027-01-01T00:00:00Z", KeepUntil::Unreadable),
            ("2027-1-31", "2027-01-01T00:00:00Z", KeepUntil::Unreadable),
            ("20270131", "2030-01-01T00:00:00Z", KeepUntil::Unreadable),
            ("forever", "2030-01-01T00:00:00Z", KeepUntil::Unreadable),
            ("", "2030-01-01T00:00:00Z", KeepUntil::Unreadable),
        ] {
            assert_eq!(keep_until(value, now.parse().unwrap()), expected, "{value} at {now}");
        }
    }
}
