use amictl_cloud::CloudError;
use amictl_cloud::ops::ListVolumesInRecycleBinReply;
use amictl_model::BinnedVolume;

use super::launchers::filled;
use crate::convert::{required, time};

super::over_sdk!(
    ListVolumesInRecycleBin,
    |clients, request| clients
        .ec2()
        .list_volumes_in_recycle_bin()
        .max_results(500)
        .set_next_token(request.next_token.clone()),
    |output| Ok(ListVolumesInRecycleBinReply {
        volumes: output
            .volumes
            .unwrap_or_default()
            .into_iter()
            .map(|volume| {
                let snapshot = filled(volume.snapshot_id);
                Ok(BinnedVolume {
                    id: required(OPERATION, "VolumeId", volume.volume_id.as_deref())?,
                    snapshot: snapshot.map(|id| required(OPERATION, "SnapshotId", Some(&id))).transpose()?,
                    size_gib: volume.size.and_then(|size| u32::try_from(size).ok()).unwrap_or_default(),
                    entered_at: time(volume.recycle_bin_enter_time),
                    leaves_at: time(volume.recycle_bin_exit_time),
                })
            })
            .collect::<Result<_, CloudError>>()?,
        next_token: output.next_token,
    })
);
