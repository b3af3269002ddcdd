use amictl_cloud::CloudError;
use amictl_cloud::ops::DescribeFastSnapshotRestoresReply;
use aws_sdk_ec2::types::FastSnapshotRestoreStateCode as State;

use crate::convert::required;

super::over_sdk!(
    DescribeFastSnapshotRestores,
    |clients, request| clients
        .ec2()
        .describe_fast_snapshot_restores()
        .max_results(200)
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeFastSnapshotRestoresReply {
        snapshots: output
            .fast_snapshot_restores
            .unwrap_or_default()
            .iter()
            .filter(|restore| !matches!(restore.state, Some(State::Disabled | State::Disabling)))
            .map(|restore| required(OPERATION, "SnapshotId", restore.snapshot_id.as_deref()))
            .collect::<Result<_, CloudError>>()?,
        next_token: output.next_token,
    })
);
