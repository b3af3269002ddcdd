//! Instance refreshes that are under way or rolling back: what they start instances from stands in no group until they are through.

use amictl_cloud::ops::{AutoScalingGroup, DescribeInstanceRefreshes, OfGroupRequest};
use amictl_cloud::{ErrorClass, PageError, for_each_page};
use amictl_model::Source;
use futures::stream::{self, StreamExt};

use crate::Reader;
use crate::listed::Listed;
use crate::reader::Failure;

/// `Status` of refreshes that start no instances any more.
const OVER: &[&str] = &["Successful", "Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful"];

/// Lists the refreshes of these groups; `failure` is why not all groups are there.
pub(crate) async fn list(reader: Reader<'_>, groups: &[AutoScalingGroup], failure: Option<&Failure>) -> Listed {
    let mut listed = Listed::begin(reader, Source::InstanceRefreshes);
    if let Some(failure) = failure {
        listed.tally.fail_like(failure);
    }
    if listed.tally.is_skipped() {
        return listed;
    }
    let mut answers = stream::iter(groups).map(|group| of_group(reader, group)).buffer_unordered(reader.concurrency);
    while let Some((name, launchers, outcome)) = answers.next().await {
        match outcome {
            // Deleted since it was listed.
            (calls, Err(PageError::Call(error))) if error.class == ErrorClass::NotFound => listed.tally.calls += calls,
            outcome => listed.tally.paged(outcome),
        }
        for mut launcher in launchers {
            if !OVER.contains(&launcher.state.as_str()) {
                launcher.id = format!("{name}/{}", launcher.id);
                listed.launcher("instance refresh", launcher);
            }
        }
    }
    drop(answers);
    listed
}

type Answer<'g> = (&'g str, Vec<amictl_cloud::ops::Launcher>, (u64, Result<(), PageError>));

async fn of_group<'g>(reader: Reader<'_>, group: &'g AutoScalingGroup) -> Answer<'g> {
    let mut launchers = Vec::new();
    let request = OfGroupRequest { group: group.name.clone(), next_token: None };
    let outcome = for_each_page::<DescribeInstanceRefreshes>(reader.cloud, &reader.scope.region, request, |page| {
        launchers.extend(page.launchers);
    })
    .await;
    (&group.name, launchers, outcome)
}
