use amictl_cloud::ops::LaunchTemplateUse;
use aws_sdk_autoscaling::types::{
    AlarmSpecification, DesiredConfiguration, LaunchTemplateSpecification, RefreshPreferences,
};

use crate::convert::garbled;

fn desired(template: &LaunchTemplateUse) -> DesiredConfiguration {
    let template = LaunchTemplateSpecification::builder()
        .set_launch_template_id(template.id.clone())
        .set_launch_template_name(template.name.clone().filter(|_| template.id.is_none()))
        .set_version(template.version.clone())
        .build();
    DesiredConfiguration::builder().launch_template(template).build()
}

fn seconds(seconds: Option<u32>) -> Option<i32> {
    seconds.map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX))
}

fn preferences(asked: &amictl_cloud::ops::RefreshPreferences) -> RefreshPreferences {
    let checkpoints: Vec<i32> = asked.checkpoints.iter().copied().map(i32::from).collect();
    let alarms = || AlarmSpecification::builder().set_alarms(Some(asked.alarms.clone())).build();
    RefreshPreferences::builder()
        .set_min_healthy_percentage(asked.min_healthy.map(i32::from))
        .set_max_healthy_percentage(asked.max_healthy.map(i32::from))
        .set_instance_warmup(seconds(asked.warmup_seconds))
        .set_checkpoint_percentages((!checkpoints.is_empty()).then_some(checkpoints))
        .set_checkpoint_delay(seconds(asked.checkpoint_delay_seconds))
        .set_bake_time(seconds(asked.bake_seconds))
        .set_alarm_specification((!asked.alarms.is_empty()).then(alarms))
        .skip_matching(asked.skip_matching)
        .set_auto_rollback(asked.auto_rollback.then_some(true))
        .build()
}

super::over_sdk!(
    StartInstanceRefresh,
    |clients, request| clients
        .autoscaling()
        .start_instance_refresh()
        .auto_scaling_group_name(&request.group)
        .set_desired_configuration(request.desired.as_ref().map(desired))
        .preferences(preferences(&request.preferences)),
    |output| output.instance_refresh_id.ok_or_else(|| garbled(OPERATION, "InstanceRefreshId is missing"))
);
