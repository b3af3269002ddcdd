//! Working windows: when something may be done. Pure: the time zones are those that the binary carries.

use std::fmt;

use amictl_model::Moment;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// The windows of a policy (`windows`); where there are none, any time is right.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Windows(pub(crate) Vec<Window>);

/// One window: these hours of these days, by the clocks of a time zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Monday first.
    pub(crate) days: [bool; 7],
    pub(crate) hours: Hours,
    pub(crate) zone: TimeZone,
}

/// Minutes of the day, the first included and the last not. Where the last is not after the first, the window ends on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hours {
    pub(crate) from: u16,
    pub(crate) to: u16,
}

/// Minutes of a day.
pub(crate) const DAY_MINUTES: u16 = 24 * 60;
/// A week comes round within so many minutes, also where a change of the clocks leaves one window out.
const LOOK_AHEAD_MINUTES: i64 = 15 * 24 * 60;
/// The days as they are written, Monday first.
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Hours {
    pub(crate) const ALL: Self = Self { from: 0, to: DAY_MINUTES };

    /// The hours of a text such as `09:00-17:30`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let (from, to) = (minutes(from)?, minutes(to)?);
        (from != to && from < DAY_MINUTES && to > 0).then_some(Self { from, to })
    }
}

fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two_digits = |text: &str| {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<u16>().ok())
    };
    let (hours, minutes) = (two_digits(hours)??, two_digits(minutes)??);
    let of_day = hours * 60 + minutes;
    (minutes < 60 && of_day <= DAY_MINUTES).then_some(of_day)
}

/// The time zone of an IANA name such as `Europe/Berlin`.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// The zone's name that is spelt most like this.
pub(crate) fn zone_names() -> Vec<String> {
    TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect()
}

impl Window {
    fn holds(&self, now: Moment) -> bool {
        let local = self.zone.to_datetime(now.to_timestamp());
        let Hours { from, to } = self.hours;
        let minute = minute_of(local);
        if from < to {
            return self.is_day(local.weekday()) && (from..to).contains(&minute);
        }
        (self.is_day(local.weekday()) && minute >= from) || (self.is_day(local.weekday().previous()) && minute < to)
    }

    fn is_day(&self, day: Weekday) -> bool {
        self.days.get(usize::try_from(day.to_monday_zero_offset()).unwrap_or_default()).copied().unwrap_or_default()
    }
}

fn minute_of(local: DateTime) -> u16 {
    u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or_default()
}

impl Windows {
    /// Whether there is none, so that any time is right.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something may be done at this moment.
    #[must_use]
    pub fn may_act(&self, now: Moment) -> bool {
        self.is_empty() || self.0.iter().any(|window| window.holds(now))
    }

    /// The first whole minute from `now` on at which something may be done; `now` itself where that is one. `None` where none comes
    /// within two weeks.
    #[must_use]
    pub fn next_opening(&self, now: Moment) -> Option<Moment> {
        if self.may_act(now) {
            return Some(now);
        }
        let minute = now.as_millis().div_euclid(60_000);
        (1..=LOOK_AHEAD_MINUTES)
            .map(|later| Moment::from_millis((minute + later) * 60_000))
            .find(|moment| self.may_act(*moment))
    }
}

impl Windows {
    /// The windows of texts such as `mon,tue 09:00-17:00 Europe/Berlin`; `None` where one is no window.
    #[must_use]
    pub fn read<T: AsRef<str>>(texts: &[T]) -> Option<Self> {
        texts.iter().map(|text| Window::read(text.as_ref())).collect::<Option<_>>().map(Self)
    }

    /// Each window as a text that [`Windows::read`] reads.
    #[must_use]
    pub fn texts(&self) -> Vec<Box<str>> {
        self.0.iter().map(|window| window.to_string().into()).collect()
    }
}

impl Window {
    fn read(text: &str) -> Option<Self> {
        let [days, hours, name] = text.split_whitespace().collect::<Vec<_>>().try_into().ok()?;
        let mut window = Self { days: [false; 7], hours: Hours::parse(hours)?, zone: zone(name)? };
        for day in days.split(',') {
            let at = DAYS.iter().position(|have| *have == day)?;
            window.days[at] = true;
        }
        Some(window)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days: Vec<&str> = DAYS.iter().zip(self.days).filter(|(_, holds)| *holds).map(|(name, _)| *name).collect();
        let Hours { from, to } = self.hours;
        let zone = self.zone.iana_name().unwrap_or("UTC");
        write!(f, "{} {:02}:{:02}-{:02}:{:02} {zone}", days.join(","), from / 60, from % 60, to / 60, to % 60)
    }
}

impl fmt::Display for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, window) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            window.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(days: &[usize], hours: &str, name: &str) -> Windows {
        let mut window = Window { days: [false; 7], hours: Hours::parse(hours).unwrap(), zone: zone(name).unwrap() };
        days.iter().for_each(|day| window.days[*day] = true);
        Windows(vec![window])
    }

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn windows_come_back_from_their_texts() {
        let mut of_both = windows(&[0, 6], "22:00-06:30", "Europe/Berlin");
        of_both.0.extend(windows(&[3], "00:00-24:00", "UTC").0);
        assert_eq!(Windows::read(&of_both.texts()), Some(of_both));
        assert_eq!(Windows::read::<&str>(&[]), Some(Windows::default()));
        for text in
            ["", "mon", "mon 09:00-17:00", "mon 09:00-17:00 Nowhere/Land", "day 09:00-17:00 UTC", "mon 9-17 UTC"]
        {
            assert_eq!(Windows::read(&[text]), None, "{text}");
        }
    }

    #[test]
    fn hours_are_of_the_clocks_of_the_zone() {
        let work = windows(&[0, 1, 2, 3, 4], "09:00-17:00", "Europe/Berlin");
        for (now, open) in [
            ("2026-11-23T08:00:00Z", true),
            ("2026-11-23T07:59:59Z", false),
            ("2026-11-23T15:59:59Z", true),
            ("2026-11-23T16:00:00Z", false),
            // Summer time.
            ("2026-07-06T07:00:00Z", true),
            ("2026-07-06T15:00:00Z", false),
            // A Saturday.
            ("2026-11-21T10:00:00Z", false),
        ] {
            assert_eq!(work.may_act(at(now)), open, "{now}");
        }
        assert_eq!(work.next_opening(at("2026-11-21T10:00:30Z")), Some(at("2026-11-23T08:00:00Z")));
        assert_eq!(work.next_opening(at("2026-11-23T08:00:30Z")), Some(at("2026-11-23T08:00:30Z")));
        assert!(Windows::default().may_act(at("2026-11-21T10:00:00Z")));
    }

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_that_it_begins_on() {
        let night = windows(&[4], "22:00-06:00", "UTC");
        for (now, open) in [
            ("2026-11-20T21:59:59Z", false),
            ("2026-11-20T22:00:00Z", true),
            ("2026-11-21T05:59:59Z", true),
            ("2026-11-21T06:00:00Z", false),
            ("2026-11-20T05:00:00Z", false),
        ] {
            assert_eq!(night.may_act(at(now)), open, "{now}");
        }
    }

    #[test]
    fn an_hour_that_the_clocks_leave_out_does_not_open() {
        // On 2026-03-29 Berlin's clocks go from 02:00 to 03:00.
        let gone = windows(&[6], "02:10-02:50", "Europe/Berlin");
        assert_eq!(gone.next_opening(at("2026-03-28T12:00:00Z")), Some(at("2026-04-05T00:10:00Z")));
        let to_three = windows(&[6], "02:30-04:00", "Europe/Berlin");
        assert_eq!(to_three.next_opening(at("2026-03-28T12:00:00Z")), Some(at("2026-03-29T01:00:00Z")));
    }

    #[test]
    fn what_are_no_hours_is_refused() {
        for text in [
            "",
            "9-17",
            "09:00",
            "09:00-09:00",
            "24:00-06:00",
            "09:60-10:00",
            "22:00-00:00",
            "25:00-26:00",
            "09:00 - 17:00",
        ] {
            assert_eq!(Hours::parse(text), None, "{text}");
        }
        assert_eq!(Hours::parse("22:00-24:00"), Some(Hours { from: 1320, to: 1440 }));
        assert!(zone("Europe/Atlantis").is_none());
    }
}
