//! Auto Scaling groups, of any size: through launch configurations, launch templates, mixed instances and their overrides; then their
//! instance refreshes and warm pools, which are sources of their own.

use amictl_cloud::ops::{
    AutoScalingGroup, DescribeAutoScalingGroups, DescribeAutoScalingGroupsReply, DescribeAutoScalingGroupsRequest,
};
use amictl_model::Source;

use super::{instance_refreshes, warm_pools};
use crate::Reader;
use crate::listed::Listed;

/// Lists all groups of the account and Region, and what belongs to each of them.
pub(crate) async fn list(reader: Reader<'_>) -> Vec<Listed> {
    let mut listed = Listed::begin(reader, Source::AutoScalingGroups);
    let mut groups: Vec<AutoScalingGroup> = Vec::new();
    let request = DescribeAutoScalingGroupsRequest::default();
    let each = |page: DescribeAutoScalingGroupsReply| groups.extend(page.groups);
    reader.pages::<DescribeAutoScalingGroups>(&mut listed.tally, request, each).await;
    let failure = listed.tally.failure().cloned();
    for group in &groups {
        listed.group("Auto Scaling group", group);
    }
    let (refreshes, pools) = futures::join!(
        instance_refreshes::list(reader, &groups, failure.as_ref()),
        warm_pools::list(reader, &groups, failure.as_ref()),
    );
    vec![listed, refreshes, pools]
}
