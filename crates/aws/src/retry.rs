//! When a failed call is sent again, and how long to wait first.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use amictl_cloud::{Effect, ErrorClass, OperationSpec};

/// Attempts of one call, the first included.
const ATTEMPTS_MAX: u32 = 8;
/// The same of a call that work goes on without: a short failure is got over, an endpoint that does not have it keeps nobody waiting.
const DISPENSABLE_ATTEMPTS_MAX: u32 = 3;
/// Throttled calls wait for their turn much longer: throttling is a queue, not a failure.
const THROTTLED_ATTEMPTS_MAX: u32 = 20;
const BACKOFF_FIRST: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(10);

/// The retry quota of one account and Region: when nearly everything fails, retrying everything only makes it worse.
#[derive(Debug)]
pub(crate) struct RetryQuota(AtomicI64);

/// As in the SDK's standard mode: 500 tokens, 5 a retry (10 after no answer), 1 back for each success.
const QUOTA_MAX: i64 = 500;

impl Default for RetryQuota {
    fn default() -> Self {
        Self(AtomicI64::new(QUOTA_MAX))
    }
}

impl RetryQuota {
    fn take(&self, cost: i64) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |have| (have >= cost).then_some(have - cost)).is_ok()
    }

    pub(crate) fn give_back(&self) {
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |have| Some((have + 1).min(QUOTA_MAX)));
    }
}

/// How long to wait before sending the call again, or `None` when that is over or pointless.
///
/// A mutating call that may have happened is never sent again here: its caller looks first.
pub(crate) fn wait_before_retry(
    spec: &OperationSpec,
    class: ErrorClass,
    attempt: u32,
    quota: &RetryQuota,
) -> Option<Duration> {
    if !class.is_retryable() || (spec.effect == Effect::Mutating && class.may_have_happened()) {
        return None;
    }
    let (attempts_max, cost) = match class {
        ErrorClass::Throttled => (THROTTLED_ATTEMPTS_MAX, 0),
        _ if spec.dispensable => (DISPENSABLE_ATTEMPTS_MAX, 5),
        ErrorClass::Ambiguous => (ATTEMPTS_MAX, 10),
        // A refused connection will not be accepted a second later often enough to keep a person waiting.
        ErrorClass::Connect => (3, 5),
        _ => (ATTEMPTS_MAX, 5),
    };
    if attempt >= attempts_max || !quota.take(cost) {
        return None;
    }
    let ceiling = BACKOFF_FIRST.saturating_mul(1 << attempt.min(10)).min(BACKOFF_MAX);
    Some(ceiling.mul_f64(0.5 + fastrand::f64() / 2.0))
}

#[cfg(test)]
mod tests {
    use amictl_cloud::{Operation, ops};

    use super::*;

    const READ: OperationSpec = <ops::DescribeImages as Operation>::SPEC;
    const DISPENSABLE: OperationSpec = <ops::DescribeLockedSnapshots as Operation>::SPEC;
    const WRITE: OperationSpec = <ops::DeregisterImage as Operation>::SPEC;

    #[test]
    fn a_lost_answer_is_asked_for_again_only_when_nothing_can_have_changed() {
        let quota = RetryQuota::default();
        assert!(wait_before_retry(&READ, ErrorClass::Ambiguous, 1, &quota).is_some());
        assert!(wait_before_retry(&WRITE, ErrorClass::Ambiguous, 1, &quota).is_none());
        assert!(wait_before_retry(&WRITE, ErrorClass::Server, 1, &quota).is_none());
        assert!(wait_before_retry(&WRITE, ErrorClass::Throttled, 1, &quota).is_some());
        assert!(wait_before_retry(&READ, ErrorClass::Denied, 1, &quota).is_none());
    }

    #[test]
    fn nobody_is_kept_waiting_for_what_work_goes_on_without() {
        let quota = RetryQuota::default();
        assert!(wait_before_retry(&DISPENSABLE, ErrorClass::Server, 2, &quota).is_some());
        assert!(wait_before_retry(&DISPENSABLE, ErrorClass::Server, 3, &quota).is_none());
        assert!(wait_before_retry(&DISPENSABLE, ErrorClass::Throttled, 3, &quota).is_some(), "a queue all the same");
    }

    #[test]
    fn attempts_and_quota_end() {
        let quota = RetryQuota::default();
        assert!(wait_before_retry(&READ, ErrorClass::Server, ATTEMPTS_MAX, &quota).is_none());
        let retries = (0..1000).filter(|_| wait_before_retry(&READ, ErrorClass::Server, 1, &quota).is_some()).count();
        assert_eq!(retries, 100);
        quota.give_back();
        assert!(wait_before_retry(&READ, ErrorClass::Server, 1, &quota).is_none(), "one success does not pay a retry");
    }
}
