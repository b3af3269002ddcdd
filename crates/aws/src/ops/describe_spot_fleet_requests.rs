use amictl_cloud::ops::Launcher;

use super::launchers::{image, page, template};

super::over_sdk!(
    DescribeSpotFleetRequests,
    |clients, request| clients
        .ec2()
        .describe_spot_fleet_requests()
        .max_results(1000)
        .set_next_token(request.next_token.clone()),
    |output| Ok(page(output.spot_fleet_request_configs, output.next_token, |fleet| {
        let mut launcher = Launcher {
            id: fleet.spot_fleet_request_id.unwrap_or_default(),
            state: fleet.spot_fleet_request_state.map_or_else(String::new, |state| state.as_str().to_owned()),
            ..Launcher::default()
        };
        let Some(config) = fleet.spot_fleet_request_config else { return launcher };
        let specifications = config.launch_specifications.unwrap_or_default().into_iter();
        launcher.images.extend(specifications.filter_map(|spec| image(spec.image_id, "launch specification")));
        for config in config.launch_template_configs.unwrap_or_default() {
            launcher.templates.extend(config.launch_template_specification.and_then(|used| {
                template(used.launch_template_id, used.launch_template_name, used.version, "launch template")
            }));
        }
        launcher
    }))
);
