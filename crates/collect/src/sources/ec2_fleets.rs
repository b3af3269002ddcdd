//! EC2 Fleets that still launch. An `instant` fleet launched once and is not listed; its instances are.

use amictl_cloud::ops::DescribeFleets;
use amictl_model::Source;

use crate::Reader;
use crate::listed::Listed;

/// `FleetState` of fleets that launch nothing any more.
const OVER: &[&str] = &["deleted", "deleted_running", "deleted_terminating", "failed"];

/// Lists what the account and Region have of them.
pub(crate) async fn list(reader: Reader<'_>) -> Listed {
    let mut listed = Listed::begin(reader, Source::Ec2Fleets);
    listed.read::<DescribeFleets>(reader, "EC2 Fleet", OVER).await;
    listed
}
