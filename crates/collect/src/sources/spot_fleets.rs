//! Spot Fleets that still launch.

use amictl_cloud::ops::DescribeSpotFleetRequests;
use amictl_model::Source;

use crate::Reader;
use crate::listed::Listed;

/// `SpotFleetRequestState` of fleets that launch nothing any more.
const OVER: &[&str] = &["cancelled", "cancelled_running", "cancelled_terminating", "failed"];

/// Lists what the account and Region have of them.
pub(crate) async fn list(reader: Reader<'_>) -> Listed {
    let mut listed = Listed::begin(reader, Source::SpotFleets);
    listed.read::<DescribeSpotFleetRequests>(reader, "Spot Fleet", OVER).await;
    listed
}
