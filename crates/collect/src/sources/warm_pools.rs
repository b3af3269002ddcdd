//! Warm pools: their instances may have been started from an older version than the group names now.

use amictl_cloud::ops::{AutoScalingGroup, DescribeWarmPool, OfGroupRequest};
use amictl_cloud::{ErrorClass, PageError, for_each_page};
use amictl_model::Source;
use futures::stream::{self, StreamExt};

use crate::Reader;
use crate::listed::Listed;
use crate::reader::Failure;

/// Lists the warm pools of these groups; `failure` is why not all groups are there.
pub(crate) async fn list(reader: Reader<'_>, groups: &[AutoScalingGroup], failure: Option<&Failure>) -> Listed {
    let mut listed = Listed::begin(reader, Source::WarmPools);
    if let Some(failure) = failure {
        listed.tally.fail_like(failure);
    }
    if listed.tally.is_skipped() {
        return listed;
    }
    let with_pool = groups.iter().filter(|group| group.has_warm_pool);
    let mut answers = stream::iter(with_pool).map(|group| of_group(reader, group)).buffer_unordered(reader.concurrency);
    while let Some((pools, outcome)) = answers.next().await {
        match outcome {
            // Deleted since it was listed.
            (calls, Err(PageError::Call(error))) if error.class == ErrorClass::NotFound => listed.tally.calls += calls,
            outcome => listed.tally.paged(outcome),
        }
        for pool in &pools {
            listed.group("warm pool", pool);
        }
    }
    drop(answers);
    listed
}

async fn of_group(
    reader: Reader<'_>,
    group: &AutoScalingGroup,
) -> (Vec<AutoScalingGroup>, (u64, Result<(), PageError>)) {
    let mut pools = Vec::new();
    let request = OfGroupRequest { group: group.name.clone(), next_token: None };
    let outcome = for_each_page::<DescribeWarmPool>(reader.cloud, &reader.scope.region, request, |page| {
        pools.push(page.pool);
    })
    .await;
    (pools, outcome)
}
