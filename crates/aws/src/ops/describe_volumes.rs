use amictl_cloud::ops::{DescribeVolumesReply, Volume};

use super::launchers::filled;

super::over_sdk!(
    DescribeVolumes,
    |clients, request| clients
        .ec2()
        .describe_volumes()
        .include_managed_resources(true)
        .max_results(1000)
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeVolumesReply {
        volumes: output
            .volumes
            .unwrap_or_default()
            .into_iter()
            .map(|volume| Volume {
                id: volume.volume_id.unwrap_or_default(),
                state: volume.state.map_or_else(String::new, |state| state.as_str().to_owned()),
                snapshot: filled(volume.snapshot_id),
                size_gib: volume.size.and_then(|size| u32::try_from(size).ok()).unwrap_or_default(),
            })
            .collect(),
        next_token: output.next_token,
    })
);
