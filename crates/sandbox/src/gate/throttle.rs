//! AWS's token buckets: per account, per Region, per API.

use std::collections::HashMap;

use amictl_model::{AccountId, Moment, Region};

use super::entrance::Arrival;

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
    /// Takes a token; `false` when there is none.
    pub(crate) fn take(&mut self, arrival: &Arrival<'_>, now: Moment) -> bool {
        let Arrival { spec, caller, bucket, is_unbounded, .. } = *arrival;
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
    use amictl_cloud::{OperationSpec, Service};

    use super::*;
    use crate::Caller;

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
        let mut take = |spec: &OperationSpec, caller: &Caller, now: Moment| {
            let arrival = Arrival {
                spec,
                caller,
                bucket: spec.bucket(),
                is_unbounded: false,
                has_page_token: false,
                further_actions: &[],
                resource_type: None,
            };
            throttle.take(&arrival, now)
        };
        let taken = (0..60).filter(|_| take(&spec, &one, at(0))).count();
        assert_eq!(taken, 50);
        assert!(take(&spec, &caller("222222222222", "us-east-1"), at(0)));
        assert!(take(&spec, &caller("111111111111", "eu-west-1"), at(0)));
        assert!(take(&OperationSpec::mutating(Service::Ec2, "EnableImage"), &one, at(0)));
        assert!(!take(&spec, &one, at(199)));
        assert!(take(&spec, &one, at(200)));
        assert!(!take(&spec, &one, at(200)));
        let later = (0..60).filter(|_| take(&spec, &one, at(3_600_000))).count();
        assert_eq!(later, 50);
    }
}
