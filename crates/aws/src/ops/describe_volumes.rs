use amictl_cloud::CloudError;
use amictl_cloud::ops::DescribeVolumesReply;
use amictl_model::{Volume, VolumeId};
use aws_sdk_ec2::types::Filter;

use super::launchers::filled;
use crate::convert::{required, tags, time};

fn of_ids(volumes: &[VolumeId]) -> Filter {
    let ids = volumes.iter().map(ToString::to_string).collect();
    Filter::builder().name("volume-id").set_values(Some(ids)).build()
}

super::over_sdk!(
    DescribeVolumes,
    |clients, request| clients
        .ec2()
        .describe_volumes()
        .include_managed_resources(true)
        .max_results(1000)
        .set_filters((!request.volumes.is_empty()).then(|| vec![of_ids(&request.volumes)]))
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeVolumesReply {
        volumes: output
            .volumes
            .unwrap_or_default()
            .into_iter()
            .map(|volume| {
                let snapshot = filled(volume.snapshot_id);
                Ok(Volume {
                    id: volume.volume_id.unwrap_or_default().into(),
                    state: volume.state.map_or_else(Default::default, |state| state.as_str().into()),
                    snapshot: snapshot.map(|id| required(OPERATION, "SnapshotId", Some(&id))).transpose()?,
                    size_gib: volume.size.and_then(|size| u32::try_from(size).ok()).unwrap_or_default(),
                    volume_type: volume.volume_type.map_or_else(Default::default, |kind| kind.as_str().into()),
                    created_at: time(volume.create_time),
                    attached_to: volume
                        .attachments
                        .unwrap_or_default()
                        .into_iter()
                        .filter_map(|attachment| filled(attachment.instance_id).map(Into::into))
                        .collect(),
                    managed: volume.operator.and_then(|operator| operator.managed).unwrap_or(false),
                    tags: tags(volume.tags),
                })
            })
            .collect::<Result<_, CloudError>>()?,
        next_token: output.next_token,
    })
);
