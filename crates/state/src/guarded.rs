//! A journal under locks: whoever has lost his lock cannot write that he is about to do something, and so does not do it.

use amictl_apply::{Event, Journal, JournalError};
use amictl_cloud::Clock;
use futures::future::BoxFuture;

use crate::{RunJournal, RunLocks};

/// A journal that takes no intent unless the locks are held; what came of earlier ones it takes all the same.
#[derive(Debug, Clone, Copy)]
pub struct GuardedJournal<'a> {
    /// The journal.
    pub journal: &'a RunJournal,
    /// The locks.
    pub locks: &'a RunLocks,
    /// Tells whether they have ended.
    pub clock: &'a Clock,
}

impl Journal for GuardedJournal<'_> {
    fn append(&self, event: Event) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async move {
            if matches!(event, Event::Intent { .. }) {
                self.locks.check(self.clock).await.map_err(|error| JournalError(error.to_string()))?;
            }
            self.journal.append(event).await
        })
    }
}
