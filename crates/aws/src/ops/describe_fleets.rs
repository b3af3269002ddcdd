use amictl_cloud::ops::Launcher;

use super::launchers::{image, page, template};

super::over_sdk!(
    DescribeFleets,
    |clients, request| clients.ec2().describe_fleets().max_results(1000).set_next_token(request.next_token.clone()),
    |output| Ok(page(output.fleets, output.next_token, |fleet| {
        let mut launcher = Launcher {
            id: fleet.fleet_id.unwrap_or_default(),
            state: fleet.fleet_state.map_or_else(String::new, |state| state.as_str().to_owned()),
            ..Launcher::default()
        };
        for config in fleet.launch_template_configs.unwrap_or_default() {
            launcher.templates.extend(config.launch_template_specification.and_then(|used| {
                template(used.launch_template_id, used.launch_template_name, used.version, "launch template")
            }));
            let overrides = config.overrides.unwrap_or_default().into_iter();
            launcher.images.extend(overrides.filter_map(|over| image(over.image_id, "override")));
        }
        launcher
    }))
);
