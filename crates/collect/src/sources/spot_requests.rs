//! Spot requests that are open, active or, being persistent, come back.

use amictl_cloud::ops::DescribeSpotInstanceRequests;
use amictl_model::Source;

use crate::Reader;
use crate::listed::Listed;

/// `State` of requests that launch nothing any more.
const OVER: &[&str] = &["closed", "cancelled", "failed"];

/// Lists what the account and Region have of them.
pub(crate) async fn list(reader: Reader<'_>) -> Listed {
    let mut listed = Listed::begin(reader, Source::SpotRequests);
    listed.read::<DescribeSpotInstanceRequests>(reader, "Spot request", OVER).await;
    listed
}
