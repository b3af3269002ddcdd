//! The rate governor: one token bucket for each account, Region and API, so that AWS has nothing to throttle.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use amictl_cloud::{Bucket, OperationSpec};
use amictl_model::Region;
use tokio::time::Instant;

/// What is assumed of the endpoint's limits before it says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateModel {
    /// AWS's documented buckets.
    Documented,
    /// None, until an API throttles for the first time; from then on its documented bucket, empty.
    Adaptive,
}

/// The part of a bucket that is used: others in the account draw on it too, and requests bunch up on their way.
const CAPACITY_SHARE: f64 = 0.9;
const REFILL_SHARE: f64 = 0.97;

/// The buckets of one account.
#[derive(Debug)]
pub(crate) struct Governor {
    model: RateModel,
    levels: Mutex<HashMap<(Region, &'static str), Level>>,
}

#[derive(Debug, Clone, Copy)]
struct Level {
    /// Tokens in the bucket; negative when they are promised to requests that wait.
    tokens: f64,
    counted_at: Instant,
    limited: bool,
}

impl Governor {
    pub(crate) fn new(model: RateModel) -> Self {
        Self { model, levels: Mutex::default() }
    }

    /// Takes a token for one request and says how long to wait before sending it.
    pub(crate) fn reserve(&self, region: &Region, spec: &OperationSpec, now: Instant) -> Duration {
        let bucket = usable(spec.bucket());
        self.with_level(region, spec, now, |level| {
            if !level.limited {
                return Duration::ZERO;
            }
            level.refill(bucket, now);
            level.tokens -= 1.0;
            Duration::from_secs_f64((-level.tokens / bucket.refill_per_second).max(0.0))
        })
    }

    /// Takes note that the endpoint throttled: its bucket is emptier than thought.
    pub(crate) fn throttled(&self, region: &Region, spec: &OperationSpec, now: Instant) {
        let bucket = usable(spec.bucket());
        self.with_level(region, spec, now, |level| {
            level.refill(bucket, now);
            level.tokens = level.tokens.min(0.0);
            level.limited = true;
        });
    }

    fn with_level<T>(
        &self,
        region: &Region,
        spec: &OperationSpec,
        now: Instant,
        change: impl FnOnce(&mut Level) -> T,
    ) -> T {
        let mut levels = self.levels.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let level = levels.entry((region.clone(), spec.name)).or_insert_with(|| Level {
            tokens: usable(spec.bucket()).capacity,
            counted_at: now,
            limited: self.model == RateModel::Documented,
        });
        change(level)
    }
}

impl Level {
    fn refill(&mut self, bucket: Bucket, now: Instant) {
        let elapsed = now.saturating_duration_since(self.counted_at).as_secs_f64();
        self.tokens = (self.tokens + elapsed * bucket.refill_per_second).min(bucket.capacity);
        self.counted_at = now;
    }
}

fn usable(bucket: Bucket) -> Bucket {
    Bucket {
        capacity: (bucket.capacity * CAPACITY_SHARE).max(1.0).floor(),
        refill_per_second: bucket.refill_per_second * REFILL_SHARE,
    }
}

#[cfg(test)]
mod tests {
    use amictl_cloud::{Operation, ops};

    use super::*;

    const DISABLE: OperationSpec = <ops::DisableImage as Operation>::SPEC;

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_refill_rate() {
        let governor = Governor::new(RateModel::Documented);
        let (here, now) = (region("us-east-1"), Instant::now());
        let waits: Vec<f64> = (0..55).map(|_| governor.reserve(&here, &DISABLE, now).as_secs_f64()).collect();
        assert!(waits[..45].iter().all(|wait| *wait == 0.0));
        assert!(waits[45] > 0.2 && waits[45] < 0.21, "{}", waits[45]);
        assert!(waits[54] > 2.0 && waits[54] < 2.1, "{}", waits[54]);
    }

    #[test]
    fn regions_and_apis_do_not_share_a_bucket() {
        let governor = Governor::new(RateModel::Documented);
        let now = Instant::now();
        for _ in 0..45 {
            governor.reserve(&region("us-east-1"), &DISABLE, now);
        }
        let enable = <ops::EnableImage as Operation>::SPEC;
        assert_eq!(governor.reserve(&region("eu-west-1"), &DISABLE, now), Duration::ZERO);
        assert_eq!(governor.reserve(&region("us-east-1"), &enable, now), Duration::ZERO);
        assert!(governor.reserve(&region("us-east-1"), &DISABLE, now) > Duration::ZERO);
    }

    #[test]
    fn the_adaptive_model_limits_only_what_was_throttled() {
        let governor = Governor::new(RateModel::Adaptive);
        let (here, now) = (region("us-east-1"), Instant::now());
        assert!((0..1000).all(|_| governor.reserve(&here, &DISABLE, now).is_zero()));
        governor.throttled(&here, &DISABLE, now);
        assert!(governor.reserve(&here, &DISABLE, now) > Duration::ZERO);
    }
}
