//! The rate governor: one token bucket for each account, Region and API, so that AWS has nothing to throttle.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Mutex;
use std::time::Duration;

use amictl_cloud::{Bucket, OperationSpec, Service};
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
    /// The buckets that Service Quotas told, by Region and API; a Region stands here as soon as it has been asked for.
    learned: Mutex<HashMap<Region, HashMap<String, Bucket>>>,
}

/// A request that would wait so long is worth asking for the account's real limits.
const LEARN_AFTER: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy)]
struct Level {
    /// Tokens in the bucket; negative when they are promised to requests that wait.
    tokens: f64,
    counted_at: Instant,
    limited: bool,
}

impl Governor {
    pub(crate) fn new(model: RateModel) -> Self {
        Self { model, levels: Mutex::default(), learned: Mutex::default() }
    }

    /// Takes a token for one request and says how long to wait before sending it.
    pub(crate) fn reserve(&self, region: &Region, spec: &OperationSpec, now: Instant) -> Duration {
        let bucket = self.bucket(region, spec);
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
        let bucket = self.bucket(region, spec);
        self.with_level(region, spec, now, |level| {
            level.refill(bucket, now);
            level.tokens = level.tokens.min(0.0);
            level.limited = true;
        });
    }

    /// Whether the account's real limits in this Region are to be asked for now: once, when a request would wait for long.
    pub(crate) fn begins_learning(&self, region: &Region, spec: &OperationSpec, wait: Duration) -> bool {
        if spec.service != Service::Ec2 || wait < LEARN_AFTER {
            return false;
        }
        let mut learned = self.learned.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match learned.entry(region.clone()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(HashMap::new());
                true
            }
        }
    }

    /// Takes note of EC2's quotas, by name: those of request buckets hold from now on. Returns how many buckets they tell.
    pub(crate) fn learn(&self, region: &Region, quotas: &[(String, f64)]) -> usize {
        let buckets = buckets_of(quotas);
        let count = buckets.len();
        self.learned.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(region.clone(), buckets);
        count
    }

    /// Gives a token back that was taken for a request that has not been sent.
    pub(crate) fn give_back(&self, region: &Region, spec: &OperationSpec, now: Instant) {
        self.with_level(region, spec, now, |level| level.tokens += 1.0);
    }

    /// What is used of the API's bucket.
    fn bucket(&self, region: &Region, spec: &OperationSpec) -> Bucket {
        let learned = self.learned.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let told = learned.get(region).filter(|_| spec.service == Service::Ec2).and_then(|told| told.get(spec.name));
        usable(told.copied().unwrap_or_else(|| spec.bucket()))
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

/// The request buckets among quotas, by API; one of which only the capacity or only the rate is told is not whole.
fn buckets_of(quotas: &[(String, f64)]) -> HashMap<String, Bucket> {
    let of = |ending: &'static str| {
        quotas
            .iter()
            .filter(|(_, value)| *value > 0.0)
            .filter_map(move |(name, value)| Some((name.strip_suffix(ending)?.to_owned(), *value)))
    };
    let rates: HashMap<String, f64> = of(" request bucket refill rate").collect();
    let whole = of(" request bucket maximum capacity").filter_map(|(api, capacity)| {
        let refill_per_second = *rates.get(&api)?;
        Some((api, Bucket { capacity, refill_per_second }))
    });
    whole.collect()
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
    fn the_real_limits_are_asked_for_once_and_hold_then() {
        let governor = Governor::new(RateModel::Documented);
        let (here, now) = (region("us-east-1"), Instant::now());
        let waits: Vec<Duration> = (0..60).map(|_| governor.reserve(&here, &DISABLE, now)).collect();
        let asked = waits.iter().filter(|wait| governor.begins_learning(&here, &DISABLE, **wait)).count();
        assert_eq!(asked, 1, "many waited for more than a second");
        let quotas = [
            ("DisableImage request bucket maximum capacity".to_owned(), 500.0),
            ("DisableImage request bucket refill rate".to_owned(), 100.0),
            ("EnableImage request bucket maximum capacity".to_owned(), 500.0),
            ("AMIs".to_owned(), 50_000.0),
        ];
        assert_eq!(governor.learn(&here, &quotas), 1);
        governor.give_back(&here, &DISABLE, now);
        let wait = governor.reserve(&here, &DISABLE, now + Duration::from_millis(100));
        assert!(wait < Duration::from_millis(100), "{wait:?}");
        assert!(!governor.begins_learning(&here, &DISABLE, Duration::from_secs(9)));
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
