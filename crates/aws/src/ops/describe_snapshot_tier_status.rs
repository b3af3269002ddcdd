use amictl_cloud::CloudError;
use amictl_cloud::ops::{DescribeSnapshotTierStatusReply, TierStatus};
use amictl_model::StorageTier as Tier;
use aws_sdk_ec2::types::{Filter, SnapshotTierStatus, StorageTier};

use crate::convert::required;

super::over_sdk!(
    DescribeSnapshotTierStatus,
    |clients, request| {
        let ids = request.snapshots.iter().map(ToString::to_string).collect();
        clients
            .ec2()
            .describe_snapshot_tier_status()
            .filters(Filter::builder().name("snapshot-id").set_values(Some(ids)).build())
            .max_results(1000)
            .set_next_token(request.next_token.clone())
    },
    |output| Ok(DescribeSnapshotTierStatusReply {
        snapshots: output
            .snapshot_tier_statuses
            .unwrap_or_default()
            .iter()
            .map(|status| tier_status(OPERATION, status))
            .collect::<Result<_, CloudError>>()?,
        next_token: output.next_token,
    })
);

fn tier_status(operation: &'static str, status: &SnapshotTierStatus) -> Result<TierStatus, CloudError> {
    Ok(TierStatus {
        snapshot: required(operation, "SnapshotId", status.snapshot_id.as_deref())?,
        tier: match status.storage_tier {
            Some(StorageTier::Archive) => Tier::Archive,
            _ => Tier::Standard,
        },
        operation: status
            .last_tiering_operation_status
            .as_ref()
            .map(|status| status.as_str().to_owned())
            .unwrap_or_default(),
        is_temporary: status.restore_expiry_time.is_some(),
    })
}
