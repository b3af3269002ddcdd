//! Progress on standard error: bars on a terminal, plain lines in a pipe, nothing when quiet.

use std::sync::atomic::{AtomicU64, Ordering};

use amictl_apply::{RunEvent, RunObserver, StepResult};
use amictl_collect::{Observer, ScanEvent};
use amictl_model::{CoverageStatus, Source};
use amictl_report::escape;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::{Terminal, say};

/// Sources of one Region that report back.
const SOURCES_PER_REGION: u64 = 2 + Source::REFERENCES.len() as u64;

/// Follows a scan.
pub(crate) struct ScanProgress {
    bar: Option<ProgressBar>,
    lines: bool,
    items: AtomicU64,
}

impl ScanProgress {
    pub(crate) fn new(terminal: &Terminal, regions: usize) -> Self {
        let bar = terminal.bars.then(|| bar(regions as u64 * SOURCES_PER_REGION, "scan"));
        Self { bar, lines: !terminal.quiet && !terminal.bars, items: AtomicU64::new(0) }
    }
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
        let text = format!(
            "scan {scope} {}: {}, {} items, {} calls{}{}",
            coverage.source,
            coverage.status.as_str(),
            coverage.items,
            coverage.calls,
            if coverage.detail.is_empty() { "" } else { ": " },
            escape::terminal(&coverage.detail),
        );
        if let Some(bar) = &self.bar {
            bar.inc(1);
            bar.set_message(format!("{scope} {}, {items} items so far", coverage.source));
            if coverage.status != CoverageStatus::Complete {
                bar.println(text);
            }
        } else if self.lines {
            say(&text);
        }
    }
}

/// Follows a run.
pub(crate) struct RunProgress {
    bar: Option<ProgressBar>,
    lines: bool,
    fenced: AtomicU64,
}

impl RunProgress {
    pub(crate) fn new(terminal: &Terminal, steps: usize) -> Self {
        let bar = terminal.bars.then(|| bar(steps as u64, "apply"));
        Self { bar, lines: !terminal.quiet && !terminal.bars, fenced: AtomicU64::new(0) }
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
            RunEvent::Fenced { step, image } => {
                let fenced = self.fenced.fetch_add(1, Ordering::Relaxed) + 1;
                if let Some(bar) = &self.bar {
                    bar.set_message(format!("{fenced} disabled, waiting out the settle time"));
                } else if self.lines {
                    say(&format!("apply {step} {image}: disabled"));
                }
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

fn bar(length: u64, prefix: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("{prefix:>5} {bar:32} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    bar.set_prefix(prefix);
    bar
}
