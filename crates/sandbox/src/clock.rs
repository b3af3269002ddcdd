//! Where `now` comes from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use amictl_model::Moment;
use tokio::time::Instant;

/// A clock of the sandbox; clones show the same time.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The computer's clock.
    #[default]
    Wall,
    /// Stands still until it is set: milliseconds since the Unix epoch.
    Fixed(Arc<AtomicI64>),
    /// Starts at a moment and goes on with tokio's time, also with a paused one.
    Tokio {
        /// What the clock showed at `started`.
        from: Moment,
        /// When it was started.
        started: Instant,
    },
    /// The computer's clock moved by so many milliseconds, which can be changed while it goes on.
    Moved(Arc<AtomicI64>),
}

/// A clock that goes as it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this clock cannot be set")]
pub struct ClockError;

impl Clock {
    /// A clock that stands still at this moment.
    #[must_use]
    pub fn fixed(now: Moment) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(now.as_millis())))
    }

    /// A clock that starts at this moment and goes on with tokio's time.
    #[must_use]
    pub fn tokio(from: Moment) -> Self {
        Self::Tokio { from, started: Instant::now() }
    }

    /// A clock that goes on with the computer's, from this moment or from the computer's time, and that can be set.
    #[must_use]
    pub fn movable(from: Option<Moment>) -> Self {
        let clock = Self::Moved(Arc::default());
        if let Some(from) = from {
            clock.set(from);
        }
        clock
    }

    /// Whether it shows the computer's time.
    #[must_use]
    pub fn is_wall(&self) -> bool {
        match self {
            Self::Wall => true,
            Self::Moved(by) => by.load(Ordering::Relaxed) == 0,
            Self::Fixed(_) | Self::Tokio { .. } => false,
        }
    }

    /// Whether it stands still until it is set.
    #[must_use]
    pub fn stands_still(&self) -> bool {
        matches!(self, Self::Fixed(_))
    }

    /// Sets the clock to what `change` makes of its time, and returns that; a clock that goes on does so from there.
    ///
    /// # Errors
    /// When it is not one that can be set.
    pub fn change(&self, change: impl FnOnce(Moment) -> Moment) -> Result<Moment, ClockError> {
        let now = self.now();
        match self {
            Self::Fixed(_) | Self::Moved(_) => {
                let now = change(now);
                self.set(now);
                Ok(now)
            }
            Self::Wall | Self::Tokio { .. } => Err(ClockError),
        }
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> Moment {
        match self {
            Self::Wall => wall(),
            Self::Moved(by) => Moment::from_millis(wall().as_millis().saturating_add(by.load(Ordering::Relaxed))),
            Self::Fixed(millis) => Moment::from_millis(millis.load(Ordering::Relaxed)),
            Self::Tokio { from, started } => {
                let elapsed = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
                Moment::from_millis(from.as_millis().saturating_add(elapsed))
            }
        }
    }

    /// Sets a clock that stands still or can be moved; the others go as they go.
    pub fn set(&self, now: Moment) {
        match self {
            Self::Fixed(millis) => millis.store(now.as_millis(), Ordering::Relaxed),
            Self::Moved(by) => {
                by.store(now.as_millis().saturating_sub(wall().as_millis()), Ordering::Relaxed);
            }
            Self::Wall | Self::Tokio { .. } => {}
        }
    }
}

/// The computer's time.
fn wall() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_movable_clock_goes_on_from_where_it_is_set() {
        let clock = Clock::movable(None);
        assert!(clock.is_wall());
        let there = Moment::from_secs(4_000_000_000);
        assert_eq!(clock.change(|_| there), Ok(there));
        let shown = clock.clone().now();
        assert!(shown >= there && shown < there.plus_secs(60) && !clock.is_wall());
        let moved = clock.change(|now| now.plus_secs(3600)).unwrap();
        assert!(moved >= there.plus_secs(3600) && moved < there.plus_secs(3660));
        assert_eq!(Clock::Wall.change(|now| now), Err(ClockError));
    }
}
