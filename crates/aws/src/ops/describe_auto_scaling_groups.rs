use amictl_cloud::ops::{AutoScalingGroup, DescribeAutoScalingGroupsReply, LaunchTemplateUse};
use aws_sdk_autoscaling::types;

use super::launchers::{filled, image};

super::over_sdk!(
    DescribeAutoScalingGroups,
    |clients, request| clients
        .autoscaling()
        .describe_auto_scaling_groups()
        .set_auto_scaling_group_names((!request.groups.is_empty()).then(|| request.groups.clone()))
        .max_records(100)
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeAutoScalingGroupsReply {
        groups: output.auto_scaling_groups.unwrap_or_default().into_iter().map(group).collect(),
        next_token: output.next_token,
    })
);

fn group(group: types::AutoScalingGroup) -> AutoScalingGroup {
    let mut found = AutoScalingGroup {
        name: group.auto_scaling_group_name.unwrap_or_default(),
        has_warm_pool: group.warm_pool_configuration.is_some(),
        ..AutoScalingGroup::default()
    };
    found.launch_configurations.extend(group.launch_configuration_name);
    found.templates.extend(group.launch_template.map(|spec| template_use(spec, LaunchTemplateUse::OF_GROUP)));
    mixed(&mut found, group.mixed_instances_policy);
    instances(&mut found, group.instances, LaunchTemplateUse::OF_INSTANCE);
    found
}

/// Adds what a mixed instances policy names.
pub(super) fn mixed(found: &mut AutoScalingGroup, policy: Option<types::MixedInstancesPolicy>) {
    let Some(template) = policy.and_then(|policy| policy.launch_template) else { return };
    let used = template.launch_template_specification;
    found.templates.extend(used.map(|spec| template_use(spec, "mixed instances policy")));
    for over in template.overrides.unwrap_or_default() {
        found.images.extend(image(over.image_id, "mixed instances override"));
        let used = over.launch_template_specification;
        found.templates.extend(used.map(|spec| template_use(spec, "mixed instances override")));
    }
}

/// Adds what instances were started from, each thing once.
pub(super) fn instances(found: &mut AutoScalingGroup, instances: Option<Vec<types::Instance>>, place: &'static str) {
    for instance in instances.unwrap_or_default() {
        found.launch_configurations.extend(instance.launch_configuration_name);
        found.templates.extend(instance.launch_template.map(|spec| template_use(spec, place)));
        found.images.extend(image(instance.image_id, place));
    }
    found.launch_configurations.retain(|name| !name.is_empty());
    found.launch_configurations.sort_unstable();
    found.launch_configurations.dedup();
    found.images.sort_unstable();
    found.images.dedup();
    found.templates.sort_unstable();
    found.templates.dedup();
}

pub(super) fn template_use(spec: types::LaunchTemplateSpecification, place: &'static str) -> LaunchTemplateUse {
    LaunchTemplateUse {
        id: filled(spec.launch_template_id),
        name: filled(spec.launch_template_name),
        version: filled(spec.version),
        place,
    }
}
