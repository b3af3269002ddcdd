use amictl_cloud::ops::{AutoScalingGroup, DescribeAutoScalingGroupsReply, LaunchTemplateUse};
use aws_sdk_autoscaling::types;

super::over_sdk!(
    DescribeAutoScalingGroups,
    |clients, request| clients
        .autoscaling
        .describe_auto_scaling_groups()
        .max_records(100)
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeAutoScalingGroupsReply {
        groups: output.auto_scaling_groups.unwrap_or_default().into_iter().map(group).collect(),
        next_token: output.next_token,
    })
);

fn group(group: types::AutoScalingGroup) -> AutoScalingGroup {
    let mut found =
        AutoScalingGroup { name: group.auto_scaling_group_name.unwrap_or_default(), ..AutoScalingGroup::default() };
    found.launch_configurations.extend(group.launch_configuration_name);
    found.templates.extend(group.launch_template.map(|spec| template_use(spec, "launch template")));
    if let Some(template) = group.mixed_instances_policy.and_then(|policy| policy.launch_template) {
        found
            .templates
            .extend(template.launch_template_specification.map(|spec| template_use(spec, "mixed instances policy")));
        for over in template.overrides.unwrap_or_default() {
            found.override_images.extend(over.image_id);
            found
                .templates
                .extend(over.launch_template_specification.map(|spec| template_use(spec, "mixed instances override")));
        }
    }
    for instance in group.instances.unwrap_or_default() {
        found.launch_configurations.extend(instance.launch_configuration_name);
        found.templates.extend(instance.launch_template.map(|spec| template_use(spec, "an instance of the group")));
    }
    found.launch_configurations.retain(|name| !name.is_empty());
    found.launch_configurations.sort_unstable();
    found.launch_configurations.dedup();
    found.override_images.retain(|image| !image.is_empty());
    found.override_images.sort_unstable();
    found.override_images.dedup();
    found.templates.sort_unstable();
    found.templates.dedup();
    found
}

fn template_use(spec: types::LaunchTemplateSpecification, place: &'static str) -> LaunchTemplateUse {
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    LaunchTemplateUse {
        id: filled(spec.launch_template_id),
        name: filled(spec.launch_template_name),
        version: filled(spec.version),
        place,
    }
}
