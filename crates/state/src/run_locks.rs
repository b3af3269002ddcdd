//! The locks of a run: taken together, held as long as the run lasts, given back together.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use amictl_cloud::Clock;
use amictl_model::{Moment, Scope};
use futures::future::join_all;
use tokio::sync::Mutex;

use crate::{ScopeLock, StateError, Store};

/// How often a lock that is held is held for longer.
const RENEWAL: Duration = Duration::from_secs(60);

/// The locks of all accounts and Regions that a run acts in.
#[derive(Debug)]
pub struct RunLocks {
    locks: Mutex<Vec<ScopeLock>>,
    /// Until when something may be begun, in milliseconds as [`Moment`] counts them.
    safe_until: AtomicI64,
}

impl Store {
    /// Takes the locks of these accounts and Regions, all of them or none.
    ///
    /// # Errors
    /// Those of [`Store::lock`].
    pub async fn lock_all(
        &self,
        scopes: impl IntoIterator<Item = &Scope>,
        run_id: &str,
        now: Moment,
    ) -> Result<RunLocks, StateError> {
        let mut locks = Vec::new();
        for scope in scopes {
            match self.lock(scope, run_id, now).await {
                Ok(lock) => locks.push(lock),
                Err(error) => {
                    // One that cannot be given back ends by itself; why no more could be taken is the news.
                    join_all(locks.into_iter().map(ScopeLock::release)).await;
                    return Err(error);
                }
            }
        }
        Ok(RunLocks::of(locks))
    }

    /// Takes the lock under which notices are sent: what was sent is looked at before, so that nobody is told twice.
    ///
    /// # Errors
    /// Those of [`Store::lock`].
    pub async fn lock_notices(&self, id: &str, now: Moment) -> Result<RunLocks, StateError> {
        let lock = self.lock_named("notices", "the sending of notices".to_owned(), id, now).await?;
        Ok(RunLocks::of(vec![lock]))
    }
}

impl RunLocks {
    fn of(locks: Vec<ScopeLock>) -> Self {
        let safe_until = AtomicI64::new(safe_until(&locks));
        Self { locks: Mutex::new(locks), safe_until }
    }
}

impl RunLocks {
    /// Renews the locks again and again; returns when they can be held no longer, and then nothing may be begun any more.
    pub async fn keep(&self, clock: &Clock) -> StateError {
        loop {
            tokio::time::sleep(RENEWAL).await;
            match self.renew(clock.now()).await {
                Ok(()) => {}
                Err(error) if matches!(error, StateError::Lost { .. }) || !self.are_safe(clock.now()) => return error,
                // What is amiss may be over before the locks are.
                Err(error) => tracing::warn!(%error, "a lock could not be renewed"),
            }
        }
    }

    /// Makes sure that the locks are held for long enough to begin something.
    ///
    /// # Errors
    /// [`StateError`] when they are not and cannot be renewed.
    pub async fn check(&self, clock: &Clock) -> Result<(), StateError> {
        if self.are_safe(clock.now()) { Ok(()) } else { self.renew(clock.now()).await }
    }

    /// Gives them back.
    ///
    /// # Errors
    /// The first [`StateError`] of a lock that could not be given back and ends by itself.
    pub async fn release(self) -> Result<(), StateError> {
        let released = join_all(self.locks.into_inner().into_iter().map(ScopeLock::release)).await;
        released.into_iter().collect()
    }

    async fn renew(&self, now: Moment) -> Result<(), StateError> {
        let mut locks = self.locks.lock().await;
        let renewed = join_all(locks.iter_mut().map(|lock| lock.renew(now))).await;
        let is_lost = renewed.iter().any(|renewed| matches!(renewed, Err(StateError::Lost { .. })));
        self.safe_until.store(if is_lost { i64::MIN } else { safe_until(&locks) }, Ordering::Release);
        renewed.into_iter().collect()
    }

    fn are_safe(&self, now: Moment) -> bool {
        now.as_millis() < self.safe_until.load(Ordering::Acquire)
    }
}

fn safe_until(locks: &[ScopeLock]) -> i64 {
    locks.iter().map(|lock| lock.safe_until().as_millis()).min().unwrap_or(i64::MAX)
}
