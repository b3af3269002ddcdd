//! What every step of a Region shares.

use std::time::Duration;

use amictl_cloud::{Clock, Cloud, CloudError, Clouds, ErrorClass};
use amictl_collect::files::FilePlace;
use amictl_collect::{HeldSnapshots, Recovery};
use amictl_model::{AccountId, Image, ImageId, Reference, Region, Scope, Source, Tags};
use tokio::sync::Semaphore;

use crate::between::Between;
use crate::changes::Watch;
use crate::event::{Event, JournalCall, RunEvent, RunObserver};
use crate::journal::{Journal, JournalError};
use crate::leftovers::Leftovers;
use crate::looker::Looker;
use crate::stop::Stop;

/// What a run works with.
#[derive(Clone, Copy)]
pub struct RunTools<'a> {
    /// The accounts.
    pub clouds: &'a dyn Clouds,
    /// The clock.
    pub clock: &'a Clock,
    /// The journal.
    pub journal: &'a dyn Journal,
    /// Who is told.
    pub observer: &'a dyn RunObserver,
    /// The wish to stop.
    pub stop: &'a Stop,
}

/// How a run goes about it.
pub struct RunConfig {
    /// How long a disabled image waits before references are read again.
    pub settle: Duration,
    /// Steps at work at once, waiting ones not counted.
    pub concurrency: usize,
    /// The references that count as use, as the plan's policy has it.
    pub counts_as_use: Box<dyn Fn(&Reference) -> bool + Send + Sync>,
    /// Why a snapshot with these tags must not go, as the plan's policy has it.
    pub keeps_snapshot: KeepsSnapshot,
    /// The reference sources that are not used, as the plan's policy has it; all others must be read whole.
    pub skip: Vec<Source>,
    /// Every account and Region that the plan's evidence is of: what they use of an image that they may launch is looked for again.
    pub scanned: Vec<Scope>,
    /// Files that the plan's evidence is of too: they are searched again for the images.
    pub files: Option<FilesAgain>,
}

/// Files, folders and buckets that are searched for image ids again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesAgain {
    /// Where they are; what is no place may name any image.
    pub places: Vec<Result<FilePlace, String>>,
    /// The account whose credentials read buckets.
    pub account: AccountId,
    /// Where the Region of a bucket is asked for.
    pub home: Region,
}

/// Why what has these tags must not go; `None` where nothing in them keeps it.
pub type KeepsSnapshot = Box<dyn Fn(&Tags) -> Option<String> + Send + Sync>;

/// Why a step was left unfinished. `resume` goes on from the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Halt {
    /// Somebody wished to stop.
    Interrupted,
    /// The journal cannot be written.
    Journal(JournalError),
    /// The credentials expired: every further call would fail.
    Credentials(Box<CloudError>),
    /// There are no credentials for a step's account.
    NoAccount(String),
    /// An image that is being made was not available in time, or snapshots are on their way out of the archive. Only the step itself is left
    /// unfinished.
    TimedOut(String),
}

impl From<JournalError> for Halt {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

/// How many steps may be at work at once. Each side of the fence has permits of its own: a semaphore serves in turn, so with one
/// for both every image would be disabled before the first is deregistered, and the two request buckets would not overlap.
pub(crate) struct Permits {
    /// For disabling.
    pub(crate) raise: Semaphore,
    /// For what comes behind the fence.
    pub(crate) act: Semaphore,
    /// How many there are of each.
    pub(crate) at_once: usize,
}

impl Permits {
    pub(crate) fn new(concurrency: usize) -> Self {
        let at_once = concurrency.max(1);
        Self { raise: Semaphore::new(at_once), act: Semaphore::new(at_once), at_once }
    }
}

/// One Region of a run.
pub(crate) struct RegionWork<'a> {
    pub(crate) tools: RunTools<'a>,
    pub(crate) cloud: &'a dyn Cloud,
    pub(crate) region: &'a Region,
    pub(crate) looker: &'a Looker<'a>,
    /// The rules of the Recycle Bin, where a step asks for them.
    pub(crate) recovery: Option<&'a Recovery>,
    /// What snapshots and volumes of the Region are by now.
    pub(crate) leftovers: &'a Leftovers<'a>,
    /// Images share snapshots: one after the other takes its own out of the Recycle Bin.
    pub(crate) bin_turn: &'a tokio::sync::Mutex<()>,
    /// The snapshots that must not go.
    pub(crate) held: &'a HeldSnapshots,
    pub(crate) permits: &'a Permits,
    /// The other steps of the run.
    pub(crate) between: &'a Between,
    /// The waits before each look for a change that was made; see [`seen_after`].
    pub(crate) seen_after: &'static [Duration],
}

impl RegionWork<'_> {
    pub(crate) async fn journal(&self, event: Event) -> Result<(), Halt> {
        Ok(self.tools.journal.append(event).await?)
    }

    pub(crate) async fn intend(&self, step: &str, call: JournalCall) -> Result<(), Halt> {
        self.journal(Event::Intent { step: step.to_owned(), call }).await
    }

    /// The image once it is as expected, or as it is after all that waiting.
    pub(crate) async fn look_until(
        &self,
        image: &ImageId,
        waits: &[Duration],
        is_expected: impl Fn(Option<&Image>) -> bool,
    ) -> Result<Option<Image>, CloudError> {
        let mut last = Ok(None);
        for wait in waits {
            tokio::time::sleep(*wait).await;
            last = self.looker.look(image).await;
            // With expired credentials no later look is answered either.
            if last
                .as_ref()
                .map_or_else(|error| error.class == ErrorClass::Credentials, |image| is_expected(image.as_ref()))
            {
                break;
            }
        }
        last
    }

    /// For waiting here.
    pub(crate) fn watch(&self) -> Watch<'_> {
        let RunTools { clock, stop, .. } = self.tools;
        Watch { cloud: self.cloud, region: self.region, looker: self.looker, clock, stop }
    }

    pub(crate) fn tell(&self, event: &RunEvent) {
        self.tools.observer.observe(event);
    }

    /// Nothing new is begun once somebody wishes to stop.
    pub(crate) fn check_stop(&self) -> Result<(), Halt> {
        if self.tools.stop.is_requested() { Err(Halt::Interrupted) } else { Ok(()) }
    }
}

/// A change is seen later than it is made: the waits from one look to the next, until it is.
pub(crate) const SEEN_AFTER: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(30),
];

/// The waits for an endpoint on which changes are seen after `settle`: one look at once at least, and all of them where it is a minute.
pub(crate) fn seen_after(settle: Duration) -> &'static [Duration] {
    let mut waited = Duration::ZERO;
    let is_over = |wait: &Duration| {
        let is_over = waited >= settle;
        waited += *wait;
        is_over
    };
    let looks = SEEN_AFTER.iter().skip(1).position(is_over).map_or(SEEN_AFTER.len(), |at| at + 1);
    &SEEN_AFTER[..looks]
}

/// Expired credentials end the run, everything else only the step.
pub(crate) fn halt_on_credentials(error: &CloudError) -> Result<(), Halt> {
    if error.class == ErrorClass::Credentials { Err(Halt::Credentials(Box::new(error.clone()))) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_looked_for_until_they_have_settled() {
        let looks = |settle| seen_after(Duration::from_secs(settle)).len();
        assert_eq!([0, 1, 2, 3, 37, 60, 3600].map(looks), [1, 2, 2, 3, 5, 6, 6]);
    }
}
