//! The port's operations on Auto Scaling groups and launch configurations.

use amictl_cloud::ops::{
    AutoScalingGroup, DescribeAutoScalingGroups, DescribeAutoScalingGroupsReply, DescribeAutoScalingGroupsRequest,
    DescribeLaunchConfigurations, DescribeLaunchConfigurationsReply, DescribeLaunchConfigurationsRequest,
    LaunchConfiguration, LaunchTemplateUse,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::InProcess;
use crate::ops::groups::{describe_groups, describe_launch_configurations};
use crate::world::{Group, GroupTemplate};

impl Call<DescribeLaunchConfigurations> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: DescribeLaunchConfigurationsRequest,
    ) -> BoxFuture<'a, Result<DescribeLaunchConfigurationsReply, CloudError>> {
        async move {
            let input = || describe_launch_configurations::DescribeLaunchConfigurationsInput {
                limit: Some(100),
                token: request.next_token.clone(),
                ..describe_launch_configurations::DescribeLaunchConfigurationsInput::default()
            };
            let output =
                self.run::<describe_launch_configurations::DescribeLaunchConfigurations>(region, input).await?;
            let shown = output.configurations.iter().map(|configuration| LaunchConfiguration {
                name: configuration.name.to_string(),
                image: configuration.image.to_string(),
            });
            Ok(DescribeLaunchConfigurationsReply { configurations: shown.collect(), next_token: output.next_token })
        }
        .boxed()
    }
}

impl Call<DescribeAutoScalingGroups> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: DescribeAutoScalingGroupsRequest,
    ) -> BoxFuture<'a, Result<DescribeAutoScalingGroupsReply, CloudError>> {
        async move {
            let input = || describe_groups::DescribeAutoScalingGroupsInput {
                limit: Some(100),
                token: request.next_token.clone(),
                ..describe_groups::DescribeAutoScalingGroupsInput::default()
            };
            let output = self.run::<describe_groups::DescribeAutoScalingGroups>(region, input).await?;
            Ok(DescribeAutoScalingGroupsReply {
                groups: output.groups.iter().map(|(group, _)| shown(group)).collect(),
                next_token: output.next_token,
            })
        }
        .boxed()
    }
}

fn shown(group: &Group) -> AutoScalingGroup {
    let mut templates: Vec<LaunchTemplateUse> = Vec::new();
    templates.extend(group.template.as_ref().map(|template| used(template, "launch template")));
    let mut override_images = Vec::new();
    if let Some(mixed) = &group.mixed {
        templates.push(used(&mixed.template, "mixed instances policy"));
        for over in &mixed.overrides {
            templates.extend(over.template.as_ref().map(|template| used(template, "mixed instances override")));
            override_images.extend(over.image.as_ref().map(ToString::to_string));
        }
    }
    let started = group.instances.iter().filter_map(|instance| instance.template.as_ref());
    templates.extend(started.map(|template| used(template, "instance")));
    let of_instances = group.instances.iter().filter_map(|instance| instance.launch_configuration.as_ref());
    let mut launch_configurations: Vec<String> =
        group.launch_configuration.iter().chain(of_instances).map(ToString::to_string).collect();
    launch_configurations.dedup();
    AutoScalingGroup { name: group.name.to_string(), launch_configurations, templates, override_images }
}

fn used(template: &GroupTemplate, place: &'static str) -> LaunchTemplateUse {
    LaunchTemplateUse {
        id: Some(template.id.to_string()),
        name: Some(template.name.to_string()),
        version: template.version.as_ref().map(ToString::to_string),
        place,
    }
}
