//! The wall clock, read in this one place, and names made from it.

use amictl_cloud::Clock;
use amictl_model::Moment;

/// The wall clock.
pub(crate) fn wall_clock() -> Clock {
    Clock::new(|| Moment::from(jiff::Timestamp::now()))
}

/// A name that sorts by time and is not given twice: `20261121T093000Z-1f03ab`.
pub(crate) fn new_id(clock: &Clock) -> String {
    let time = clock.now().to_timestamp().strftime("%Y%m%dT%H%M%S");
    let millis = clock.now().as_millis().rem_euclid(1000);
    format!("{time}.{millis:03}Z-{:06x}", fastrand::u32(..) & 0x00ff_ffff)
}
