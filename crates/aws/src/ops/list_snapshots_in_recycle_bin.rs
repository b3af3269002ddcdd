use amictl_cloud::CloudError;
use amictl_cloud::ops::ListSnapshotsInRecycleBinReply;
use amictl_model::BinnedSnapshot;

use super::launchers::filled;
use crate::convert::{required, time};

super::over_sdk!(
    ListSnapshotsInRecycleBin,
    |clients, request| clients
        .ec2()
        .list_snapshots_in_recycle_bin()
        .max_results(1000)
        .set_next_token(request.next_token.clone()),
    |output| Ok(ListSnapshotsInRecycleBinReply {
        snapshots: output
            .snapshots
            .unwrap_or_default()
            .into_iter()
            .map(|snapshot| Ok(BinnedSnapshot {
                id: required(OPERATION, "SnapshotId", snapshot.snapshot_id.as_deref())?,
                description: filled(snapshot.description).map(Into::into),
                leaves_at: time(snapshot.recycle_bin_exit_time),
            }))
            .collect::<Result<_, CloudError>>()?,
        next_token: output.next_token,
    })
);
