//! Journals: records one after the other, each durable before anybody goes on.
//!
//! One writer at a time; whatever waits while it writes is written together next.

mod batch;
mod file;
mod objects;

pub(crate) use file::whole_records;

use std::path::PathBuf;

use amictl_apply::{Event, Journal, JournalError, Record};
use amictl_cloud::Clock;
use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use crate::store::Backend;
use crate::{StateError, Store};
use batch::Entry;

/// Appends to a journal.
#[derive(Debug)]
pub struct RunJournal {
    entries: Option<mpsc::UnboundedSender<Entry>>,
    writer: Option<Writer>,
}

#[derive(Debug)]
enum Writer {
    File(std::thread::JoinHandle<()>),
    Objects(tokio::task::JoinHandle<()>),
}

impl RunJournal {
    fn new(entries: mpsc::UnboundedSender<Entry>, writer: Writer) -> Self {
        Self { entries: Some(entries), writer: Some(writer) }
    }

    /// Ends it: nothing is written any more when this returns.
    pub async fn close(mut self) {
        drop(self.entries.take());
        if let Some(Writer::Objects(task)) = &mut self.writer {
            // Its panic was printed; nothing more can be written either way.
            let _ = task.await;
        }
    }
}

impl Journal for RunJournal {
    fn append(&self, event: Event) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async move {
            let (sender, receiver) = oneshot::channel();
            let closed = || JournalError("its writer has stopped".to_owned());
            self.entries.as_ref().ok_or_else(closed)?.send((event, sender)).map_err(|_| closed())?;
            receiver.await.map_err(|_| closed())?
        })
    }
}

impl Drop for RunJournal {
    fn drop(&mut self) {
        drop(self.entries.take());
        if let Some(Writer::File(thread)) = self.writer.take() {
            // Its panic was printed by its thread; nothing more can be written either way.
            let _ = thread.join();
        }
    }
}

impl Store {
    /// Opens the journal of this key to append to it, creating it if need be.
    pub(crate) async fn open_journal(&self, key: &str, clock: &Clock) -> Result<RunJournal, StateError> {
        match &self.backend {
            Backend::Folder(root) => file::open(&file_of(root, key), clock),
            Backend::Bucket(bucket) => objects::open(bucket, key, clock).await,
        }
    }

    /// The records of a journal, if there is one.
    pub(crate) async fn read_journal(&self, key: &str) -> Result<Option<Vec<Record>>, StateError> {
        match &self.backend {
            Backend::Folder(root) => {
                let path = file_of(root, key);
                if path.is_file() { file::read_records(&path).map(Some) } else { Ok(None) }
            }
            Backend::Bucket(bucket) => {
                let batches = objects::read(bucket, key).await?;
                Ok((batches.count > 0).then_some(batches.records))
            }
        }
    }

    /// Where a journal is.
    pub(crate) fn journal_place(&self, key: &str) -> String {
        match &self.backend {
            Backend::Folder(root) => file_of(root, key).display().to_string(),
            Backend::Bucket(bucket) => format!("{}/", bucket.place(key)),
        }
    }
}

fn file_of(root: &std::path::Path, key: &str) -> PathBuf {
    root.join(format!("{key}.jsonl"))
}
