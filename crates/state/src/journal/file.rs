//! A journal in a file: one JSON object a line, fsynced before anybody goes on. A thread of its own writes.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use amictl_apply::{JournalError, Record};
use amictl_cloud::Clock;
use tokio::sync::mpsc;

use super::batch::{Batches, Entry};
use super::{RunJournal, Writer};
use crate::{StateError, file};

/// Opens a journal to append to, creating it if need be. A last line that was cut off by a crash is dropped.
pub(super) fn open(path: &Path, clock: &Clock) -> Result<RunJournal, StateError> {
    let fail = |error| StateError::io("open", path, error);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(fail)?;
    let (records, whole_bytes) = read_lines(path)?;
    file.set_len(whole_bytes).map_err(fail)?;
    file.seek(SeekFrom::End(0)).map_err(fail)?;
    file.sync_all().map_err(fail)?;
    if let Some(folder) = path.parent() {
        file::sync_folder(folder).map_err(fail)?;
    }
    let batches = Batches::after(records.len(), clock);
    let (entries, receiver) = mpsc::unbounded_channel();
    let writer = std::thread::Builder::new()
        .name("journal".to_owned())
        .spawn(move || write_entries(file, receiver, batches))
        .map_err(fail)?;
    Ok(RunJournal::new(entries, Writer::File(writer)))
}

/// Writes until nobody can append any more.
fn write_entries(mut file: File, mut entries: mpsc::UnboundedReceiver<Entry>, mut batches: Batches) {
    while let Some(first) = entries.blocking_recv() {
        let batch = batches.gather(first, &mut entries);
        let result = batch.lines.as_ref().map_err(Clone::clone).and_then(|lines| {
            file.write_all(lines).and_then(|()| file.sync_data()).map_err(|error| JournalError(error.to_string()))
        });
        batches.answer(batch, &result);
    }
}

/// The records of a journal file; a last line without an end was cut off by a crash and does not count.
pub(super) fn read_records(path: &Path) -> Result<Vec<Record>, StateError> {
    read_lines(path).map(|(records, _)| records)
}

fn read_lines(path: &Path) -> Result<(Vec<Record>, u64), StateError> {
    let bytes = std::fs::read(path).map_err(|error| StateError::io("read", path, error))?;
    whole_records(&bytes).map_err(|what| StateError::broken(path.display().to_string(), what))
}

/// The records of whole lines, and how many bytes these have.
pub(crate) fn whole_records(bytes: &[u8]) -> Result<(Vec<Record>, u64), String> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    Ok((super::batch::records(&bytes[..whole])?, whole as u64))
}

#[cfg(test)]
mod tests {
    use amictl_apply::{Event, Journal, RunStatus};
    use amictl_model::Moment;

    use super::*;

    fn clock() -> Clock {
        Clock::fixed(Moment::from_secs(1_800_000_000))
    }

    #[tokio::test]
    async fn what_was_appended_is_read_back_after_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs/run-1/journal.jsonl");
        let journal = open(&path, &clock()).unwrap();
        journal.append(Event::RunResumed).await.unwrap();
        drop(journal);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"seq\":2,\"at\":\"2026").unwrap();

        assert_eq!(read_records(&path).unwrap().len(), 1);
        let journal = open(&path, &clock()).unwrap();
        journal.append(Event::RunFinished { status: RunStatus::Finished }).await.unwrap();
        drop(journal);
        let records = read_records(&path).unwrap();
        assert_eq!(records.iter().map(|record| record.seq).collect::<Vec<_>>(), [1, 2]);
    }

    #[tokio::test]
    async fn a_journal_that_is_cut_off_at_any_byte_of_its_last_line_goes_on_after_the_line_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let journal = open(&path, &clock()).unwrap();
        for status in [RunStatus::Interrupted, RunStatus::Stopped, RunStatus::Finished] {
            journal.append(Event::RunFinished { status }).await.unwrap();
        }
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        let begin = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        for end in begin..=whole.len() {
            std::fs::write(&path, &whole[..end]).unwrap();
            let kept = if end == whole.len() { 3 } else { 2 };
            assert_eq!(read_records(&path).unwrap().len(), kept, "{end} bytes");
            let journal = open(&path, &clock()).unwrap();
            journal.append(Event::RunResumed).await.unwrap();
            drop(journal);
            let records = read_records(&path).unwrap();
            assert_eq!(records.len(), kept + 1, "{end} bytes");
            assert_eq!((records[kept].seq, &records[kept].event), (kept as u64 + 1, &Event::RunResumed), "{end} bytes");
        }
    }

    #[tokio::test]
    async fn a_disk_that_is_full_fails_the_append_and_every_later_one() {
        if !Path::new("/dev/full").exists() {
            return;
        }
        let (entries, receiver) = mpsc::unbounded_channel();
        let file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let batches = Batches::after(0, &clock());
        let writer = std::thread::spawn(move || write_entries(file, receiver, batches));
        let journal = RunJournal::new(entries, Writer::File(writer));
        assert!(journal.append(Event::RunResumed).await.is_err());
        assert!(journal.append(Event::RunResumed).await.is_err());
    }

    #[test]
    fn a_line_that_is_no_record_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        std::fs::write(&path, "{\"seq\":\n").unwrap();
        assert!(read_records(&path).unwrap_err().to_string().contains("line 1"));
    }
}
