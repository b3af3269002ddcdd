//! `runs/<id>/audit-001…`: one for each process that works on the run. It is for people and auditors; nothing is read back from it, so a
//! line need not be durable before anybody goes on: the journal is.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use amictl_apply::AuditLine;
use tokio::sync::mpsc;

use crate::bucket::Bucket;
use crate::store::{Backend, key};
use crate::{StateError, Store};

const NAME: &str = "audit-";
/// In a bucket, lines of so long a time are put together.
const GATHER: Duration = Duration::from_secs(5);
/// Or so many bytes.
const BATCH_BYTES_MAX: usize = 1 << 20;

/// Writes the audit file of a process.
#[derive(Debug)]
pub struct Audit {
    lines: AuditLines,
    writer: tokio::task::JoinHandle<Result<(), StateError>>,
}

/// Appends to an audit file; any number may, until it is closed.
#[derive(Debug, Clone)]
pub struct AuditLines(Arc<Mutex<Option<mpsc::UnboundedSender<Vec<u8>>>>>);

impl AuditLines {
    /// Appends a line; it is written in its time.
    pub fn append(&self, line: &AuditLine<'_>) {
        // Every line has a JSON form; and whoever cannot write says so at the end.
        if let Ok(mut bytes) = serde_json::to_vec(line) {
            bytes.push(b'\n');
            if let Some(lines) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
                let _ = lines.send(bytes);
            }
        }
    }
}

impl Audit {
    /// Who appends to it.
    #[must_use]
    pub fn lines(&self) -> AuditLines {
        self.lines.clone()
    }

    /// Ends it: what is appended from now on is not written.
    ///
    /// # Errors
    /// [`StateError`] when some of it could not be written.
    pub async fn close(self) -> Result<(), StateError> {
        drop(self.lines.0.lock().unwrap_or_else(PoisonError::into_inner).take());
        // Its panic was printed by its task.
        self.writer.await.unwrap_or(Ok(()))
    }
}

impl Store {
    /// Begins the audit file of one more process of a run: where it is, and what writes it.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be written.
    pub async fn create_audit(&self, run_id: &str) -> Result<(String, Audit), StateError> {
        let run = key("runs", run_id)?;
        let before = self.names(&run).await?.iter().filter(|name| name.starts_with(NAME)).count();
        let name = format!("{run}/{NAME}{:03}", before + 1);
        let (lines, receiver) = mpsc::unbounded_channel();
        let (place, writer) = match &self.backend {
            Backend::Folder(root) => {
                let path = root.join(format!("{name}.jsonl"));
                let file = File::create_new(&path).map_err(|error| StateError::io("create", &path, error))?;
                (path.display().to_string(), tokio::spawn(write_file(file, path, receiver)))
            }
            Backend::Bucket(bucket) => {
                (format!("{}/", bucket.place(&name)), tokio::spawn(write_objects(bucket.clone(), name, receiver)))
            }
        };
        Ok((place, Audit { lines: AuditLines(Arc::new(Mutex::new(Some(lines)))), writer }))
    }
}

async fn write_file(
    file: File,
    path: impl AsRef<Path>,
    mut lines: mpsc::UnboundedReceiver<Vec<u8>>,
) -> Result<(), StateError> {
    let fail = |error| StateError::io("write", path.as_ref(), error);
    let mut file = BufWriter::new(file);
    while let Some(line) = lines.recv().await {
        file.write_all(&line).map_err(fail)?;
        // What came while it was written goes along.
        while let Ok(line) = lines.try_recv() {
            file.write_all(&line).map_err(fail)?;
        }
        file.flush().map_err(fail)?;
    }
    file.get_ref().sync_all().map_err(fail)
}

/// Each batch is an object of its own, as in a journal.
async fn write_objects(
    bucket: Bucket,
    name: String,
    mut lines: mpsc::UnboundedReceiver<Vec<u8>>,
) -> Result<(), StateError> {
    let mut number = 0;
    while let Some(mut batch) = lines.recv().await {
        let until = tokio::time::Instant::now() + GATHER;
        while batch.len() < BATCH_BYTES_MAX {
            match tokio::time::timeout_at(until, lines.recv()).await {
                Ok(Some(line)) => batch.extend(line),
                Ok(None) | Err(_) => break,
            }
        }
        number += 1;
        bucket.write_new(&format!("{name}/{number:08}.jsonl"), batch).await?;
    }
    Ok(())
}
