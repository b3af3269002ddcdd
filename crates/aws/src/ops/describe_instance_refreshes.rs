use amictl_cloud::ops::{AutoScalingGroup, Launcher, RefreshProgress};
use aws_sdk_autoscaling::types::InstanceRefresh;

use super::describe_auto_scaling_groups::{mixed, template_use};
use super::launchers::{filled, page};
use crate::convert::time;

fn progress(refresh: &InstanceRefresh) -> RefreshProgress {
    let count = |count: Option<i32>| count.and_then(|count| u32::try_from(count).ok()).unwrap_or_default();
    RefreshProgress {
        reason: filled(refresh.status_reason.clone()),
        started_at: time(refresh.start_time),
        percentage: count(refresh.percentage_complete),
        instances_to_update: count(refresh.instances_to_update),
    }
}

super::over_sdk!(
    DescribeInstanceRefreshes,
    |clients, request| clients
        .autoscaling()
        .describe_instance_refreshes()
        .auto_scaling_group_name(&request.group)
        .max_records(100)
        .set_next_token(request.next_token.clone()),
    |output| Ok(page(output.instance_refreshes, output.next_token, |refresh| {
        let progress = Some(Box::new(progress(&refresh)));
        let mut found = AutoScalingGroup::default();
        if let Some(desired) = refresh.desired_configuration {
            found.templates.extend(desired.launch_template.map(|used| template_use(used, "launch template")));
            mixed(&mut found, desired.mixed_instances_policy);
        }
        Launcher {
            id: refresh.instance_refresh_id.unwrap_or_default(),
            state: refresh.status.map_or_else(String::new, |status| status.as_str().to_owned()),
            images: found.images,
            templates: found.templates,
            progress,
        }
    }))
);
