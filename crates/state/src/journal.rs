//! A journal in a file: one JSON object a line, fsynced before anybody goes on.
//!
//! A thread of its own writes; whatever waits while it syncs goes into the next sync together.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;

use amictl_apply::{Event, Journal, JournalError, Record};
use amictl_cloud::Clock;
use futures::future::BoxFuture;
use tokio::sync::oneshot;

use crate::{StateError, file};

type Entry = (Event, oneshot::Sender<Result<(), JournalError>>);

/// Appends to a journal file.
#[derive(Debug)]
pub struct FileJournal {
    entries: Option<mpsc::Sender<Entry>>,
    writer: Option<JoinHandle<()>>,
}

impl FileJournal {
    /// Opens a journal to append to, creating it if need be. A last line that was cut off by a crash is dropped.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be opened or read.
    pub fn open(path: &Path, clock: &Clock) -> Result<Self, StateError> {
        let fail = |error| StateError::io("open", path, error);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(fail)?;
        }
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(fail)?;
        let (records, whole_bytes) = read_lines(path)?;
        file.set_len(whole_bytes).map_err(fail)?;
        file.seek(SeekFrom::End(0)).map_err(fail)?;
        file.sync_all().map_err(fail)?;
        if let Some(folder) = path.parent() {
            file::sync_folder(folder).map_err(fail)?;
        }
        let next_seq = records.len() as u64 + 1;
        let (entries, receiver) = mpsc::channel();
        let clock = clock.clone();
        let writer = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write_entries(file, &receiver, &clock, next_seq))
            .map_err(fail)?;
        Ok(Self { entries: Some(entries), writer: Some(writer) })
    }
}

impl Journal for FileJournal {
    fn append(&self, event: Event) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async move {
            let (sender, receiver) = oneshot::channel();
            let closed = || JournalError("its writer has stopped".to_owned());
            self.entries.as_ref().ok_or_else(closed)?.send((event, sender)).map_err(|_| closed())?;
            receiver.await.map_err(|_| closed())?
        })
    }
}

impl Drop for FileJournal {
    fn drop(&mut self) {
        drop(self.entries.take());
        if let Some(writer) = self.writer.take() {
            // Its panic was printed by its thread; nothing more can be written either way.
            let _ = writer.join();
        }
    }
}

/// Writes until nobody can append any more. After a failure nothing is written again: a gap would be a lie.
fn write_entries(mut file: File, entries: &mpsc::Receiver<Entry>, clock: &Clock, mut seq: u64) {
    let mut broken: Option<JournalError> = None;
    while let Ok(first) = entries.recv() {
        let batch: Vec<Entry> = std::iter::once(first).chain(entries.try_iter()).collect();
        let mut lines = Vec::new();
        let mut result = Ok(());
        let mut answers = Vec::with_capacity(batch.len());
        for (event, sender) in batch {
            let record = Record { seq, at: clock.now(), event };
            seq += 1;
            result = result.and_then(|()| serde_json::to_writer(&mut lines, &record).map_err(io::Error::from));
            lines.push(b'\n');
            answers.push(sender);
        }
        let result = match &broken {
            Some(error) => Err(error.clone()),
            None => result
                .and_then(|()| file.write_all(&lines))
                .and_then(|()| file.sync_data())
                .map_err(|error| JournalError(error.to_string())),
        };
        if let Err(error) = &result {
            broken.get_or_insert_with(|| error.clone());
        }
        for sender in answers {
            // Whoever asked may have been dropped with its process's work.
            let _ = sender.send(result.clone());
        }
    }
}

/// The records of a journal file; a last line without an end was cut off by a crash and does not count.
///
/// # Errors
/// [`StateError`] when the file cannot be read or a whole line is no record.
pub(crate) fn read_records(path: &Path) -> Result<Vec<Record>, StateError> {
    read_lines(path).map(|(records, _)| records)
}

fn read_lines(path: &Path) -> Result<(Vec<Record>, u64), StateError> {
    let bytes = file::read(path)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let mut records = Vec::new();
    for (index, line) in bytes[..whole].split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        let record = serde_json::from_slice(line)
            .map_err(|error| StateError::broken(path, format!("line {}: {error}", index + 1)))?;
        records.push(record);
    }
    Ok((records, whole as u64))
}

/// Where a journal lies, for messages.
pub(crate) fn journal_path(run: &Path) -> PathBuf {
    run.join("journal.jsonl")
}

#[cfg(test)]
mod tests {
    use amictl_apply::{RunStarted, RunStatus};
    use amictl_model::Moment;

    use super::*;

    fn clock() -> Clock {
        Clock::fixed(Moment::from_secs(1_800_000_000))
    }

    fn started() -> Event {
        Event::RunStarted(RunStarted {
            run_id: "run-1".to_owned(),
            plan_id: "plan-1".to_owned(),
            plan_digest: "sha256:0".to_owned(),
            account: "123456789012".parse().unwrap(),
            regions: vec!["us-east-1".parse().unwrap()],
            steps: 1,
            settle_seconds: 60,
        })
    }

    #[tokio::test]
    async fn what_was_appended_is_read_back_after_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs/run-1/journal.jsonl");
        let journal = FileJournal::open(&path, &clock()).unwrap();
        journal.append(started()).await.unwrap();
        drop(journal);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"seq\":2,\"at\":\"2026").unwrap();

        assert_eq!(read_records(&path).unwrap().len(), 1);
        let journal = FileJournal::open(&path, &clock()).unwrap();
        journal.append(Event::RunFinished { status: RunStatus::Finished }).await.unwrap();
        drop(journal);
        let records = read_records(&path).unwrap();
        assert_eq!(records.iter().map(|record| record.seq).collect::<Vec<_>>(), [1, 2]);
    }

    #[tokio::test]
    async fn a_disk_that_is_full_fails_the_append_and_every_later_one() {
        if !Path::new("/dev/full").exists() {
            return;
        }
        let (entries, receiver) = mpsc::channel();
        let file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let writer = std::thread::spawn(move || write_entries(file, &receiver, &clock(), 1));
        let journal = FileJournal { entries: Some(entries), writer: Some(writer) };
        assert!(journal.append(started()).await.is_err());
        assert!(journal.append(started()).await.is_err());
    }

    #[test]
    fn a_line_that_is_no_record_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        std::fs::write(&path, "{\"seq\":\n").unwrap();
        assert!(read_records(&path).unwrap_err().to_string().contains("line 1"));
    }
}
