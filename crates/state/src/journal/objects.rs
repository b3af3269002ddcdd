//! A journal in a bucket: each batch of records is an object of its own, `00000001.jsonl` and on, put only where none is.
//!
//! So two writers cannot both go on: the later one finds its next name taken, and stops.

use amictl_apply::{JournalError, Record};
use amictl_cloud::Clock;
use tokio::sync::mpsc;

use super::batch::{self, Batches, Entry};
use super::{RunJournal, Writer};
use crate::StateError;
use crate::bucket::{Bucket, Created, new_token};

/// A journal as it was read.
pub(super) struct ReadBatches {
    pub(super) records: Vec<Record>,
    pub(super) count: usize,
}

/// Opens a journal to append to.
pub(super) async fn open(bucket: &Bucket, key: &str, clock: &Clock) -> Result<RunJournal, StateError> {
    let before = read(bucket, key).await?;
    let writing = Writing {
        bucket: bucket.clone(),
        key: key.to_owned(),
        token: new_token(),
        next: before.count + 1,
        batches: Batches::after(before.records.len(), clock),
    };
    let (entries, receiver) = mpsc::unbounded_channel();
    Ok(RunJournal::new(entries, Writer::Objects(tokio::spawn(writing.write_entries(receiver)))))
}

/// The records of a journal, all of them, or an error.
pub(super) async fn read(bucket: &Bucket, key: &str) -> Result<ReadBatches, StateError> {
    let mut names = bucket.names(key).await?;
    names.sort_unstable();
    for (index, name) in names.iter().enumerate() {
        if *name != name_of(index + 1) {
            let what = format!("there is `{name}` where {} should be", name_of(index + 1));
            return Err(StateError::broken(format!("{}/", bucket.place(key)), what));
        }
    }
    let keys: Vec<String> = names.iter().map(|name| format!("{key}/{name}")).collect();
    let mut records = Vec::new();
    for (key, found) in keys.iter().zip(bucket.get_all(&keys).await?) {
        // An object is put whole or not at all, so a cut line is no crash of ours.
        let lines = found.bytes.ends_with(b"\n").then_some(&found.bytes[..]);
        let lines = lines.ok_or_else(|| "its last line is cut off".to_owned());
        let more = lines.and_then(batch::records).map_err(|what| StateError::broken(bucket.place(key), what))?;
        records.extend(more);
    }
    Ok(ReadBatches { records, count: keys.len() })
}

/// Sorts like its number.
fn name_of(number: usize) -> String {
    format!("{number:08}.jsonl")
}

struct Writing {
    bucket: Bucket,
    key: String,
    token: String,
    next: usize,
    batches: Batches,
}

impl Writing {
    /// Writes until nobody can append any more.
    async fn write_entries(mut self, mut entries: mpsc::UnboundedReceiver<Entry>) {
        while let Some(first) = entries.recv().await {
            let batch = self.batches.gather(first, &mut entries);
            let result = match &batch.lines {
                Ok(lines) => self.write(lines.clone()).await,
                Err(error) => Err(error.clone()),
            };
            self.batches.answer(batch, &result);
        }
    }

    async fn write(&mut self, lines: Vec<u8>) -> Result<(), JournalError> {
        let key = format!("{}/{}", self.key, name_of(self.next));
        match self.bucket.create(&key, &lines.into(), &self.token).await {
            Ok(Created::Done(_)) => {
                self.next += 1;
                Ok(())
            }
            Ok(Created::Other(_)) => {
                Err(JournalError(format!("another process writes to it too: {}", self.bucket.place(&key))))
            }
            Err(error) => Err(JournalError(error.to_string())),
        }
    }
}
