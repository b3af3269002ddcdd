//! Counts calls by operation: what a run cost in requests, retries and throttles.

use std::collections::BTreeMap;
use std::sync::Mutex;

/// What was sent for one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCount {
    /// Requests on the wire, retries included.
    pub sent: u64,
    /// How many of them were answered by throttling.
    pub throttled: u64,
}

/// Counts by operation, shared by all that make calls.
#[derive(Debug, Default)]
pub struct CallMeter(Mutex<BTreeMap<&'static str, CallCount>>);

impl CallMeter {
    /// Counts one request.
    pub fn sent(&self, operation: &'static str) {
        self.update(operation, |count| count.sent += 1);
    }

    /// Counts one throttled answer.
    pub fn throttled(&self, operation: &'static str) {
        self.update(operation, |count| count.throttled += 1);
    }

    /// The counts so far, by operation.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&'static str, CallCount> {
        self.0.lock().map(|counts| counts.clone()).unwrap_or_default()
    }

    fn update(&self, operation: &'static str, change: impl FnOnce(&mut CallCount)) {
        if let Ok(mut counts) = self.0.lock() {
            change(counts.entry(operation).or_default());
        }
    }
}
