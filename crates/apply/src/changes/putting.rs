//! Sends the blocks of a disk, several at once, and keeps in the journal how far that is.

use std::future::Future;
use std::time::Duration;

use amictl_cloud::ops::{PutSnapshotBlock, PutSnapshotBlockRequest, SNAPSHOT_BLOCK_BYTES};
use amictl_cloud::{Call, CloudError};
use amictl_model::SnapshotId;
use amictl_plan::{Importing, Step};
use futures::{StreamExt, stream};
use tokio::time::{Instant, sleep};

use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::disk::{DiskBlock, DiskDigest, DiskFile};
use crate::event::{CallOutcome, Event, JournalCall, RunEvent};

/// So many blocks are sent at most before the journal takes note: 16 MiB.
const NOTED_EVERY: u32 = 32;
/// So long it takes at most.
const NOTED_AFTER: Duration = Duration::from_secs(10);
/// Blocks that are read ahead for each that is being sent.
const AHEAD: usize = 2;
/// The pauses before a block is sent again whose answer was lost: to put it twice changes nothing.
const PAUSES_MS: [u64; 6] = [200, 500, 1_000, 2_000, 5_000, 10_000];

/// What came of sending.
pub(super) enum Put {
    /// Every block is there.
    All,
    /// It is not, and why.
    Not(String),
}

/// Why a block was not sent.
pub(super) enum Broken {
    /// It could not be read.
    Read(std::io::Error),
    /// It was not taken.
    Call(CloudError),
}

/// Sends all blocks from this one on; those before it are only read, so that a disk that has changed does not pass.
pub(super) async fn put_blocks(
    work: &RegionWork<'_>,
    step: &Step,
    importing: &Importing,
    snapshot: &SnapshotId,
    disk: &DiskFile,
    from: u32,
) -> Result<Put, Halt> {
    work.check_stop()?;
    work.intend(&step.id, JournalCall::PutBlocks).await?;
    let mut digest = DiskDigest::new(importing.format, importing.size_gib);
    let mut noted = Noted { below: from, at: Instant::now() };
    let mut blocks = stream::iter(0..disk.blocks())
        .map(|index| put_one(work, snapshot, disk, index, index >= from))
        .buffered(work.permits.at_once * AHEAD);
    let mut index = 0;
    let mut sent = 0;
    loop {
        let next = tokio::select! {
            next = blocks.next() => next,
            () = work.tools.stop.requested() => {
                noted.take(work, step, index).await?;
                return Err(Halt::Interrupted);
            }
        };
        let error = match next {
            None => break,
            Some(Ok(block)) => {
                if let Some(block) = block {
                    digest.add(index, &block);
                    sent += SNAPSHOT_BLOCK_BYTES;
                }
                index += 1;
                if noted.is_due(index) {
                    noted.take(work, step, index).await?;
                    let of = u64::from(importing.blocks) * SNAPSHOT_BLOCK_BYTES;
                    work.tell(&RunEvent::Sending { step: step.id.to_string(), sent, of });
                }
                continue;
            }
            Some(Err(error)) => error,
        };
        noted.take(work, step, index).await?;
        let why = match error {
            Broken::Read(error) => format!("{} cannot be read: {error}", importing.disk),
            Broken::Call(error) => {
                halt_on_credentials(&error)?;
                if error.class.is_retryable() {
                    return Err(Halt::TimedOut(format!(
                        "block {index} of {} into {snapshot}: {error}",
                        importing.disk
                    )));
                }
                error.to_string()
            }
        };
        return conclude(work, step, Some(why)).await;
    }
    let is_same = digest.finish().content == *importing.content && still(disk, importing);
    let why = (!is_same).then(|| changed(importing));
    conclude(work, step, why).await
}

/// What is said of a disk that is not the one any more that the plan is of.
pub(super) fn changed(importing: &Importing) -> String {
    format!("{} was changed while it was sent", importing.disk)
}

/// Whether the file was not written to since it was opened.
pub(super) fn still(disk: &DiskFile, importing: &Importing) -> bool {
    let now = DiskFile::open(std::path::Path::new(&*importing.disk));
    // One that is gone was read to its end all the same.
    now.map_or(true, |now| now.bytes() == disk.bytes() && now.modified_at() == disk.modified_at())
}

async fn conclude(work: &RegionWork<'_>, step: &Step, why: Option<String>) -> Result<Put, Halt> {
    let outcome = why.clone().map_or(CallOutcome::Done, CallOutcome::Failed);
    work.journal(Event::Outcome { step: step.id.to_string(), call: JournalCall::PutBlocks, outcome }).await?;
    Ok(why.map_or(Put::All, Put::Not))
}

/// Reads a block and sends it, unless it is zeros; its SHA-256.
async fn put_one(
    work: &RegionWork<'_>,
    snapshot: &SnapshotId,
    disk: &DiskFile,
    index: u32,
    is_sent: bool,
) -> Result<Option<[u8; 32]>, Broken> {
    let reading = disk.clone();
    let read = tokio::task::spawn_blocking(move || reading.block(index)).await;
    let block = read.map_err(|error| Broken::Read(std::io::Error::other(error)))?.map_err(Broken::Read)?;
    let Some(block) = block else { return Ok(None) };
    if is_sent {
        put(work, snapshot, index, &block).await.map_err(Broken::Call)?;
    }
    Ok(Some(block.digest))
}

async fn put(work: &RegionWork<'_>, snapshot: &SnapshotId, index: u32, block: &DiskBlock) -> Result<(), CloudError> {
    let request = PutSnapshotBlockRequest {
        snapshot: snapshot.clone(),
        index,
        data: block.data.clone(),
        checksum: block.checksum(),
    };
    retried(work, || Call::<PutSnapshotBlock>::call(work.cloud, work.region, request.clone())).await
}

/// Sends what may be sent twice until it is taken, or for as long as that is worth while.
pub(super) async fn retried<R, S>(work: &RegionWork<'_>, call: impl Fn() -> S) -> Result<R, CloudError>
where
    S: Future<Output = Result<R, CloudError>>,
{
    let mut pauses = PAUSES_MS.into_iter();
    loop {
        let result = {
            let _permit = work.permits.act.acquire().await;
            call().await
        };
        match (result, pauses.next()) {
            (Err(error), Some(pause)) if error.class.is_retryable() => {
                tracing::debug!(%error, "a part of a disk is sent again");
                sleep(Duration::from_millis(pause)).await;
            }
            (result, _) => return result,
        }
    }
}

/// What the journal was told last.
struct Noted {
    below: u32,
    at: Instant,
}

impl Noted {
    fn is_due(&self, below: u32) -> bool {
        below > self.below && (below - self.below >= NOTED_EVERY || self.at.elapsed() >= NOTED_AFTER)
    }

    /// Takes note that every block below this one is there.
    async fn take(&mut self, work: &RegionWork<'_>, step: &Step, below: u32) -> Result<(), Halt> {
        self.at = Instant::now();
        if below > self.below {
            self.below = below;
            work.journal(Event::Sent { step: step.id.to_string(), below }).await?;
        }
        Ok(())
    }
}
