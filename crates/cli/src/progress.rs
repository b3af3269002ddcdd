//! Progress on standard error: bars on a terminal, plain lines in a pipe, nothing when quiet.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use amictl_apply::{RunEvent, RunObserver, StepResult};
use amictl_collect::{Observer, ScanEvent};
use amictl_model::{Coverage, CoverageStatus, Scope, Source};
use amictl_report::escape;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::{Terminal, say};

const MIB: u64 = 1 << 20;

/// Sources of one Region that report back.
const SOURCES_PER_REGION: u64 = 2 + Source::REFERENCES.len() as u64;

/// Follows a scan: a line for each account and Region, and for each source that is not read whole.
pub(crate) struct ScanProgress {
    bar: Option<ProgressBar>,
    lines: bool,
    every_source: bool,
    items: AtomicU64,
    open: Mutex<HashMap<Scope, OpenScope>>,
    scopes: usize,
    /// Accounts and Regions that have been read.
    read: AtomicUsize,
    began: Instant,
}

/// What has been read of an account and Region so far.
#[derive(Default)]
struct OpenScope {
    sources: u64,
    incomplete: u64,
    items: u64,
    calls: u64,
}

impl ScanProgress {
    pub(crate) fn new(terminal: &Terminal, scopes: usize) -> Self {
        let bar = terminal.bars.then(|| bar(scopes as u64 * SOURCES_PER_REGION, "scan"));
        Self {
            bar,
            lines: !terminal.quiet && !terminal.bars,
            every_source: terminal.verbose,
            items: AtomicU64::new(0),
            open: Mutex::default(),
            scopes,
            read: AtomicUsize::new(0),
            began: Instant::now(),
        }
    }

    /// Enters a source; the account and Region in sum, once all its sources have been read.
    fn enter(&self, scope: &Scope, coverage: &Coverage) -> Option<String> {
        if !Source::REFERENCES.contains(&coverage.source)
            && !matches!(coverage.source, Source::Images | Source::Snapshots)
        {
            return Some(line(scope, coverage));
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let so_far = open.entry(scope.clone()).or_default();
        so_far.sources += 1;
        so_far.incomplete += u64::from(is_incomplete(coverage));
        so_far.items += coverage.items;
        so_far.calls += coverage.calls;
        if so_far.sources < SOURCES_PER_REGION {
            return None;
        }
        let OpenScope { sources, incomplete, items, calls } = open.remove(scope)?;
        let whole = match incomplete {
            0 => "read whole".to_owned(),
            incomplete => format!("{incomplete} of them not read whole"),
        };
        drop(open);
        let left = self.left();
        Some(format!("scan {scope}: {sources} sources, {whole}; {items} items, {calls} calls{left}"))
    }

    /// How far the scan has come, when one more account and Region has been read, and about how long the rest takes.
    fn left(&self) -> String {
        let read = self.read.fetch_add(1, Ordering::Relaxed) + 1;
        if self.scopes < 2 {
            return String::new();
        }
        let of = format!(" ({read} of {}", self.scopes);
        match self.scopes.saturating_sub(read) {
            0 => format!("{of})"),
            left => {
                let seconds = self.began.elapsed().as_secs_f64() / read as f64 * left as f64;
                format!("{of}, about {} s left)", seconds.ceil())
            }
        }
    }
}

fn is_incomplete(coverage: &Coverage) -> bool {
    matches!(coverage.status, CoverageStatus::Denied | CoverageStatus::Failed)
}

fn line(scope: &Scope, coverage: &Coverage) -> String {
    format!(
        "scan {scope} {}: {}, {} items, {} calls{}{}",
        coverage.source,
        coverage.status.as_str(),
        coverage.items,
        coverage.calls,
        if coverage.detail.is_empty() { "" } else { ": " },
        escape::terminal(&coverage.detail),
    )
}

impl Drop for ScanProgress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Observer for ScanProgress {
    fn observe(&self, event: ScanEvent) {
        let ScanEvent::Finished { scope, coverage } = event else { return };
        let items = self.items.fetch_add(coverage.items, Ordering::Relaxed) + coverage.items;
        let in_sum = self.enter(&scope, &coverage);
        let alone = (is_incomplete(&coverage) || self.every_source).then(|| line(&scope, &coverage));
        if let Some(bar) = &self.bar {
            bar.inc(1);
            bar.set_message(format!("{scope} {}, {items} items so far", coverage.source));
            if let Some(text) = alone {
                bar.println(text);
            }
        } else if self.lines {
            let texts = match (alone, in_sum) {
                (Some(alone), Some(in_sum)) if alone == in_sum => [Some(alone), None],
                both => both.into(),
            };
            texts.iter().flatten().for_each(|text| say(text));
        }
    }
}

/// Follows a run.
pub(crate) struct RunProgress {
    bar: Option<ProgressBar>,
    lines: bool,
    fenced: AtomicU64,
    /// By step, how many tenths of a disk were told.
    tenths: Mutex<HashMap<String, u64>>,
}

impl RunProgress {
    pub(crate) fn new(terminal: &Terminal, steps: usize) -> Self {
        let bar = terminal.bars.then(|| bar(steps as u64, "apply"));
        Self { bar, lines: !terminal.quiet && !terminal.bars, fenced: AtomicU64::new(0), tenths: Mutex::default() }
    }

    /// Whether a further tenth has been sent since it was told last.
    fn is_news(&self, step: &str, sent: u64, of: u64) -> bool {
        let tenths = sent.saturating_mul(10) / of.max(1);
        let mut told = self.tenths.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(step.to_owned(), tenths).unwrap_or_default() < tenths
    }
}

impl RunProgress {
    /// Says a line beside the bar.
    fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None if self.lines => say(text),
            None => {}
        }
    }
}

impl Drop for RunProgress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl RunObserver for RunProgress {
    fn observe(&self, event: &RunEvent) {
        match event {
            RunEvent::NotRead { region, why } => {
                self.say(&format!(
                    "apply {region}: what may stand in the way was not read whole: {}",
                    escape::terminal(why)
                ));
            }
            RunEvent::Noted { region, what } => self.say(&format!("apply {region}: {}", escape::terminal(what))),
            RunEvent::Fenced { step, image } => {
                let fenced = self.fenced.fetch_add(1, Ordering::Relaxed) + 1;
                if let Some(bar) = &self.bar {
                    bar.set_message(format!("{fenced} disabled, waiting out the settle time"));
                } else if self.lines {
                    say(&format!("apply {step} {image}: disabled"));
                }
            }
            RunEvent::Made { step, region, image } => {
                self.say(&format!("apply {step}: {image} is being made in {region}"));
            }
            RunEvent::Sending { step, sent, of } => {
                let text = format!("{} of {} sent", amictl_report::bytes(*sent), amictl_report::bytes(*of));
                match &self.bar {
                    Some(bar) => bar.set_message(format!("{step}: {text}")),
                    None if self.lines && self.is_news(step, *sent, *of) => say(&format!("apply {step}: {text}")),
                    None => {}
                }
            }
            RunEvent::Progress { step, what } => {
                self.say(&format!("apply {step}: {}", escape::terminal(what)));
            }
            RunEvent::TimedOut { step, what } => {
                self.say(&format!("apply {step}: timed out: {}", escape::terminal(what)));
            }
            RunEvent::StepFinished { step, image, result } => {
                let why = match result {
                    StepResult::Done { .. } => String::new(),
                    StepResult::Skipped { why } | StepResult::Returned { why } => {
                        format!(": {}", escape::terminal(why))
                    }
                    StepResult::Failed { why, left } => format!(": {} (left {left})", escape::terminal(why)),
                };
                let text = format!("apply {step} {image}: {}{why}", result.as_str());
                if let Some(bar) = &self.bar {
                    bar.inc(1);
                    if !matches!(result, StepResult::Done { .. }) {
                        bar.println(text);
                    }
                } else if self.lines {
                    say(&text);
                }
            }
        }
    }
}

/// Follows the reading of a disk, on a terminal alone: it takes seconds.
pub(crate) struct DiskProgress {
    bar: Option<ProgressBar>,
}

impl DiskProgress {
    pub(crate) fn new(terminal: &Terminal, bytes: u64) -> Self {
        Self { bar: terminal.bars.then(|| bar(bytes.div_ceil(MIB), "read").with_message("MiB")) }
    }

    /// So many bytes have been read.
    pub(crate) fn read(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes / MIB);
        }
    }
}

impl Drop for DiskProgress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(length: u64, prefix: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("{prefix:>5} {bar:32} {pos}/{len} about {eta} left {wide_msg}") {
        bar.set_style(style);
    }
    bar.set_prefix(prefix);
    bar
}
