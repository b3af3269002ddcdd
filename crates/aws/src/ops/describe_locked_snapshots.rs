use amictl_cloud::CloudError;
use amictl_cloud::ops::DescribeLockedSnapshotsReply;
use aws_sdk_ec2::types::LockState;

use crate::convert::required;

super::over_sdk!(
    DescribeLockedSnapshots,
    |clients, request| clients
        .ec2()
        .describe_locked_snapshots()
        .max_results(1000)
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeLockedSnapshotsReply {
        snapshots: output
            .snapshots
            .unwrap_or_default()
            .iter()
            .filter(|lock| lock.lock_state != Some(LockState::Expired))
            .map(|lock| required(OPERATION, "SnapshotId", lock.snapshot_id.as_deref()))
            .collect::<Result<_, CloudError>>()?,
        next_token: output.next_token,
    })
);
