//! What every source needs to read: the port, the place, the clock, and how to turn an outcome into `Coverage`.

use amictl_cloud::{Call, Clock, Cloud, CloudError, ErrorClass, PageError, Paged, for_each_page};
use amictl_model::{Coverage, CoverageStatus, Moment, Scope, Source};

use crate::{Observer, ScanEvent};

/// Reads one account and Region.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The port.
    pub cloud: &'a dyn Cloud,
    /// Where.
    pub scope: &'a Scope,
    /// The clock for `Coverage::read_at`.
    pub clock: &'a Clock,
    /// Calls under way at once within one source.
    pub concurrency: usize,
    /// Sources that are left out, because the policy says that they are not used.
    pub skip: &'a [Source],
    /// Who is told.
    pub observer: &'a dyn Observer,
}

/// The books of one source while it is read.
pub(crate) struct Tally {
    source: Source,
    read_at: Moment,
    pub(crate) calls: u64,
    pub(crate) items: u64,
    failure: Option<Failure>,
    notes: Vec<String>,
}

/// Why a source is not read whole.
pub(crate) type Failure = (CoverageStatus, String);

/// How many notes of one kind a detail spells out.
const NOTES_MAX: usize = 3;

impl Reader<'_> {
    pub(crate) fn begin(&self, source: Source) -> Tally {
        let failure =
            self.skip.contains(&source).then(|| (CoverageStatus::Skipped, "not used, as the policy says".to_owned()));
        if failure.is_none() {
            self.observer.observe(ScanEvent::Started { scope: self.scope.clone(), source });
        }
        Tally { source, read_at: self.clock.now(), calls: 0, items: 0, failure, notes: Vec::new() }
    }

    /// Reads all pages of a listing for a source, unless it is skipped.
    pub(crate) async fn pages<O>(&self, tally: &mut Tally, request: O::Request, each: impl FnMut(O::Reply))
    where
        O: Paged,
        for<'c> dyn Cloud + 'c: Call<O>,
    {
        if !tally.is_skipped() {
            tally.paged(for_each_page::<O>(self.cloud, &self.scope.region, request, each).await);
        }
    }

    pub(crate) fn finish(&self, tally: Tally) -> Coverage {
        let coverage = tally.into_coverage();
        self.observer.observe(ScanEvent::Finished { scope: self.scope.clone(), coverage: coverage.clone() });
        coverage
    }
}

impl Tally {
    /// Whether the source is left out.
    pub(crate) fn is_skipped(&self) -> bool {
        matches!(self.failure, Some((CoverageStatus::Skipped, _)))
    }

    /// Takes note of a listing's outcome.
    pub(crate) fn paged(&mut self, (calls, result): (u64, Result<(), PageError>)) {
        self.calls += calls;
        if let Err(error) = result {
            self.fail(&error);
        }
    }

    /// Takes note that the source cannot be read whole; the first failure is the one that is told.
    pub(crate) fn fail(&mut self, error: &PageError) {
        let status = match error {
            PageError::Call(error) => status_of(error),
            PageError::RepeatedToken { .. } | PageError::Endless { .. } => CoverageStatus::Failed,
        };
        self.failure.get_or_insert_with(|| (status, error.to_string()));
    }

    /// Why the source is not read whole so far.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Takes note that the source cannot be read whole because another one that it builds on cannot.
    pub(crate) fn fail_like(&mut self, failure: &Failure) {
        self.failure.get_or_insert_with(|| failure.clone());
    }

    /// Takes note of something in the source that cannot be understood: the source is not whole without it.
    pub(crate) fn unresolved(&mut self, what: String) {
        let failure = self.failure.get_or_insert_with(|| (CoverageStatus::Failed, String::new()));
        if failure.1.is_empty() {
            failure.1 = what;
        }
    }

    /// Takes note of something odd that hides nothing.
    pub(crate) fn note(&mut self, what: String) {
        self.notes.push(what);
    }

    pub(crate) fn into_coverage(self) -> Coverage {
        let (status, detail) = self.failure.unwrap_or_else(|| (CoverageStatus::Complete, join_notes(&self.notes)));
        Coverage {
            source: self.source,
            status,
            detail: detail.into_boxed_str(),
            items: self.items,
            calls: self.calls,
            read_at: self.read_at,
        }
    }
}

fn join_notes(notes: &[String]) -> String {
    let mut text = notes.iter().take(NOTES_MAX).cloned().collect::<Vec<_>>().join("; ");
    if notes.len() > NOTES_MAX {
        text.push_str(&format!("; and {} more", notes.len() - NOTES_MAX));
    }
    text
}

/// The coverage of a source that nobody's credentials can read.
pub(crate) fn no_credentials(source: Source, clock: &Clock) -> Coverage {
    Coverage {
        source,
        status: CoverageStatus::Failed,
        detail: "there are no credentials for the account".into(),
        items: 0,
        calls: 0,
        read_at: clock.now(),
    }
}

pub(crate) fn status_of(error: &CloudError) -> CoverageStatus {
    match error.class {
        ErrorClass::Denied => CoverageStatus::Denied,
        _ => CoverageStatus::Failed,
    }
}
