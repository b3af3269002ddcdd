//! Records on their way into a journal: those that waited together are written together.

use amictl_apply::{Event, JournalError, Record};
use amictl_cloud::Clock;
use tokio::sync::{mpsc, oneshot};

type Answer = oneshot::Sender<Result<(), JournalError>>;
/// An event, and who waits until it is durable.
pub(super) type Entry = (Event, Answer);

/// Numbers and dates what is written. After a failure nothing is written again: a gap would be a lie.
#[derive(Debug)]
pub(super) struct Batches {
    clock: Clock,
    next_seq: u64,
    broken: Option<JournalError>,
}

/// What is written together.
#[derive(Debug)]
pub(super) struct Batch {
    /// One JSON object a line, if it may be written.
    pub(super) lines: Result<Vec<u8>, JournalError>,
    answers: Vec<Answer>,
}

impl Batches {
    /// After so many records.
    pub(super) fn after(records: usize, clock: &Clock) -> Self {
        Self { clock: clock.clone(), next_seq: records as u64 + 1, broken: None }
    }

    /// The first entry and all that wait behind it.
    pub(super) fn gather(&mut self, first: Entry, waiting: &mut mpsc::UnboundedReceiver<Entry>) -> Batch {
        let mut lines = Vec::new();
        let mut result = Ok(());
        let mut answers = Vec::new();
        for (event, answer) in std::iter::once(first).chain(std::iter::from_fn(|| waiting.try_recv().ok())) {
            let record = Record { seq: self.next_seq, at: self.clock.now(), event };
            self.next_seq += 1;
            result = result.and_then(|()| serde_json::to_writer(&mut lines, &record));
            lines.push(b'\n');
            answers.push(answer);
        }
        let lines = match &self.broken {
            Some(error) => Err(error.clone()),
            None => result.map(|()| lines).map_err(|error| JournalError(error.to_string())),
        };
        Batch { lines, answers }
    }

    /// Tells whoever waits for the batch.
    pub(super) fn answer(&mut self, batch: Batch, result: &Result<(), JournalError>) {
        if let Err(error) = result {
            self.broken.get_or_insert_with(|| error.clone());
        }
        for answer in batch.answers {
            // Whoever asked may have been dropped with its process's work.
            let _ = answer.send(result.clone());
        }
    }
}

/// Reads whole lines back.
pub(super) fn records(lines: &[u8]) -> Result<Vec<Record>, String> {
    let lines = lines.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    lines
        .map(|(index, line)| serde_json::from_slice(line).map_err(|error| format!("line {}: {error}", index + 1)))
        .collect()
}
