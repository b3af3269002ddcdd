//! The wish to stop: no new call is begun, calls under way are finished, waiting ends at once.

use tokio::sync::watch;

/// Shared by whoever wishes and whoever obeys.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Wishes to stop.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// Whether somebody wished to.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once somebody wishes to.
    pub async fn requested(&self) {
        // The sender lives in `self`, so waiting ends only by the wish.
        let _ = self.0.subscribe().wait_for(|wished| *wished).await;
    }
}
