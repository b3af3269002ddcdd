use amictl_cloud::ops::{DescribeLaunchConfigurationsReply, LaunchConfiguration};

use super::launchers::filled;

super::over_sdk!(
    DescribeLaunchConfigurations,
    |clients, request| clients
        .autoscaling()
        .describe_launch_configurations()
        .max_records(100)
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeLaunchConfigurationsReply {
        configurations: output
            .launch_configurations
            .unwrap_or_default()
            .into_iter()
            .map(|configuration| LaunchConfiguration {
                name: configuration.launch_configuration_name.unwrap_or_default(),
                image: configuration.image_id.unwrap_or_default(),
                snapshots: configuration
                    .block_device_mappings
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|mapping| filled(mapping.ebs?.snapshot_id))
                    .collect(),
            })
            .collect(),
        next_token: output.next_token,
    })
);
