//! Calendar slots in UTC: the newest image of each of the last days, weeks, months and years that have one.

use std::fmt;

use amictl_model::Moment;
use jiff::tz::TimeZone;

use super::group::Place;
use crate::keep::Calendar;

/// The slots that an image is the newest of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Slots(u8);

const NAMES: [&str; 4] = ["day", "week", "month", "year"];

impl Slots {
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMES.iter().enumerate().filter(|(at, _)| self.0 & (1 << at) != 0).map(|(_, name)| *name);
        f.write_str(&names.collect::<Vec<_>>().join(", "))
    }
}

/// Gives the images of one group their slots; `newest_first` are its usable images.
pub(super) fn assign(calendar: Calendar, newest_first: &[Place], slots: &mut [Slots]) {
    let counts = [calendar.daily, calendar.weekly, calendar.monthly, calendar.yearly];
    for (at, count) in counts.into_iter().enumerate() {
        let mut last_slot = None;
        let mut left = count;
        for place in newest_first {
            if left == 0 {
                break;
            }
            let slot = slot(at, place.created_at());
            if last_slot != Some(slot) {
                last_slot = Some(slot);
                left -= 1;
                if let Some(slots) = slots.get_mut(place.image() as usize) {
                    slots.0 |= 1 << at;
                }
            }
        }
    }
}

/// The number of the slot of this kind that a moment lies in.
fn slot(kind: usize, moment: Moment) -> i64 {
    let day = moment.as_millis().div_euclid(86_400_000);
    match kind {
        0 => day,
        // The epoch was a Thursday; weeks begin on Monday.
        1 => (day + 3).div_euclid(7),
        _ => {
            let date = moment.to_timestamp().to_zoned(TimeZone::UTC).date();
            let year = i64::from(date.year());
            if kind == 2 { year * 12 + i64::from(date.month()) } else { year }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday_and_months_with_their_first_day() {
        let at = |text: &str| text.parse::<Moment>().unwrap();
        assert_ne!(slot(1, at("2026-11-22T23:59:59Z")), slot(1, at("2026-11-23T00:00:00Z")));
        assert_eq!(slot(1, at("2026-11-23T00:00:00Z")), slot(1, at("2026-11-29T23:59:59Z")));
        assert_ne!(slot(0, at("2026-11-22T23:59:59Z")), slot(0, at("2026-11-23T00:00:00Z")));
        assert_ne!(slot(2, at("2026-11-30T23:59:59Z")), slot(2, at("2026-12-01T00:00:00Z")));
        assert_ne!(slot(2, at("2025-11-30T23:59:59Z")), slot(2, at("2026-11-30T23:59:59Z")));
        assert_ne!(slot(3, at("2025-12-31T23:59:59Z")), slot(3, at("2026-01-01T00:00:00Z")));
    }
}
