//! Where a run writes down what it is about to do and what came of it.

use futures::future::BoxFuture;

use crate::event::Event;

/// The journal could not be written: nothing more may be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the journal cannot be written: {0}")]
pub struct JournalError(pub String);

/// An append-only journal.
pub trait Journal: Send + Sync {
    /// Appends an event; when it returns, the event is durable.
    ///
    /// # Errors
    /// [`JournalError`] when it may not be durable.
    fn append(&self, event: Event) -> BoxFuture<'_, Result<(), JournalError>>;
}
