//! AWS's token buckets: per account, per Region, per API.

use std::collections::HashMap;

use amictl_cloud::{Bucket, OperationSpec};
use amictl_model::{AccountId, Moment, Region};

use crate::Caller;

/// Whether calls are throttled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Throttling {
    /// Never.
    #[default]
    Off,
    /// By the token buckets that AWS documents.
    Aws,
}

/// What is left in every bucket.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    levels: HashMap<(AccountId, Region, &'static str, bool), Level>,
}

#[derive(Debug)]
struct Level {
    tokens: f64,
    at: Moment,
}

impl Throttle {
    /// Takes a token out of a bucket of this size; `false` when there is none.
    pub(crate) fn take(
        &mut self,
        bucket: Bucket,
        spec: &OperationSpec,
        caller: &Caller,
        now: Moment,
        is_unbounded: bool,
    ) -> bool {
        let key = (caller.account, caller.region.clone(), spec.name, is_unbounded);
        let level = self.levels.entry(key).or_insert(Level { tokens: bucket.capacity, at: now });
        let elapsed = (now - level.at).as_secs_f64().max(0.0);
        level.tokens = (level.tokens + elapsed * bucket.refill_per_second).min(bucket.capacity);
        level.at = now;
        // Millisecond steps must not lose a token to rounding.
        let has_token = level.tokens >= 1.0 - 1e-6;
        if has_token {
            level.tokens -= 1.0;
        }
        has_token
    }
}

#[cfg(test)]
mod tests {
    use amictl_cloud::Service;

    use super::*;

    fn take(throttle: &mut Throttle, spec: &OperationSpec, caller: &Caller, now: Moment, is_unbounded: bool) -> bool {
        throttle.take(spec.bucket(), spec, caller, now, is_unbounded)
    }

    #[test]
    fn a_bucket_empties_and_refills_by_account_region_and_api() {
        let spec = OperationSpec::mutating(Service::Ec2, "DisableImage");
        let at = |millis: i64| Moment::from_millis(1_000_000 + millis);
        let caller = |account: &str, region: &str| Caller {
            account: account.parse().unwrap(),
            region: region.parse().unwrap(),
            access_key: "".into(),
        };
        let one = caller("111111111111", "us-east-1");
        let mut throttle = Throttle::default();
        let taken = (0..60).filter(|_| take(&mut throttle, &spec, &one, at(0), false)).count();
        assert_eq!(taken, 50);
        assert!(take(&mut throttle, &spec, &caller("222222222222", "us-east-1"), at(0), false));
        assert!(take(&mut throttle, &spec, &caller("111111111111", "eu-west-1"), at(0), false));
        assert!(take(&mut throttle, &OperationSpec::mutating(Service::Ec2, "EnableImage"), &one, at(0), false));
        assert!(!take(&mut throttle, &spec, &one, at(199), false));
        assert!(take(&mut throttle, &spec, &one, at(200), false));
        assert!(!take(&mut throttle, &spec, &one, at(200), false));
        let later = (0..60).filter(|_| take(&mut throttle, &spec, &one, at(3_600_000), false)).count();
        assert_eq!(later, 50);
    }
}
