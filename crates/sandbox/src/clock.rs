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
}

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

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> Moment {
        match self {
            Self::Wall => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Moment::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Self::Fixed(millis) => Moment::from_millis(millis.load(Ordering::Relaxed)),
            Self::Tokio { from, started } => {
                let elapsed = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
                Moment::from_millis(from.as_millis().saturating_add(elapsed))
            }
        }
    }

    /// Sets a fixed clock; the others go as they go.
    pub fn set(&self, now: Moment) {
        if let Self::Fixed(millis) = self {
            millis.store(now.as_millis(), Ordering::Relaxed);
        }
    }
}
