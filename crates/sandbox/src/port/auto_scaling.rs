//! The port's operations on Auto Scaling groups and launch configurations.

use amictl_cloud::ops::{
    AutoScalingGroup, DescribeAutoScalingGroups, DescribeAutoScalingGroupsReply, DescribeAutoScalingGroupsRequest,
    DescribeLaunchConfigurations, DescribeLaunchConfigurationsReply, DescribeLaunchConfigurationsRequest,
    DescribeWarmPool, DescribeWarmPoolReply, ImageUse, LaunchConfiguration, LaunchTemplateUse, OfGroupRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use compact_str::CompactString;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;

use super::InProcess;
use super::asked::{items, text};
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
                snapshots: configuration.snapshots(),
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
                names: request.groups.clone(),
                limit: Some(100),
                token: request.next_token.clone(),
                ..describe_groups::DescribeAutoScalingGroupsInput::default()
            };
            let output = self.run::<describe_groups::DescribeAutoScalingGroups>(region, input).await?;
            Ok(DescribeAutoScalingGroupsReply {
                groups: output.groups.iter().map(|known| shown(&known.group)).collect(),
                next_token: output.next_token,
            })
        }
        .boxed()
    }
}

fn shown(group: &Group) -> AutoScalingGroup {
    let mut shown = AutoScalingGroup {
        name: group.name.to_string(),
        has_warm_pool: group.course.warm_pool.is_some(),
        ..Default::default()
    };
    shown.templates.extend(group.template.as_ref().map(|template| used(template, LaunchTemplateUse::OF_GROUP)));
    if let Some(mixed) = &group.mixed {
        shown.templates.push(used(&mixed.template, "mixed instances policy"));
        for over in &mixed.overrides {
            shown.templates.extend(over.template.as_ref().map(|template| used(template, "mixed instances override")));
            let named =
                |image: &CompactString| ImageUse { image: image.to_string(), place: "mixed instances override" };
            shown.images.extend(over.image.as_ref().map(named));
        }
    }
    let started = group.instances.iter().filter_map(|instance| instance.template.as_ref());
    shown.templates.extend(started.map(|template| used(template, LaunchTemplateUse::OF_INSTANCE)));
    let of_instances = group.instances.iter().filter_map(|instance| instance.launch_configuration.as_ref());
    shown.launch_configurations =
        group.launch_configuration.iter().chain(of_instances).map(ToString::to_string).collect();
    shown.launch_configurations.dedup();
    shown
}

fn used(template: &GroupTemplate, place: &'static str) -> LaunchTemplateUse {
    LaunchTemplateUse {
        id: Some(template.id.to_string()),
        name: Some(template.name.to_string()),
        version: template.version.as_ref().map(ToString::to_string),
        place,
    }
}

impl Call<DescribeWarmPool> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: OfGroupRequest,
    ) -> BoxFuture<'a, Result<DescribeWarmPoolReply, CloudError>> {
        async move {
            let members =
                json!({ "AutoScalingGroupName": request.group, "MaxRecords": 50, "NextToken": request.next_token });
            let reply = self.ask::<DescribeWarmPool>(region, members).await?;
            let mut pool = AutoScalingGroup { name: request.group, ..AutoScalingGroup::default() };
            for instance in items(&reply, "Instances") {
                let place = "an instance of the warm pool";
                pool.launch_configurations.extend(text(instance, "LaunchConfigurationName"));
                pool.images.extend(text(instance, "ImageId").map(|image| ImageUse { image, place }));
                pool.templates.extend(instance.get("LaunchTemplate").map(|template| LaunchTemplateUse {
                    id: text(template, "LaunchTemplateId"),
                    name: text(template, "LaunchTemplateName"),
                    version: text(template, "Version"),
                    place,
                }));
            }
            Ok(DescribeWarmPoolReply { pool, next_token: text(&reply, "NextToken") })
        }
        .boxed()
    }
}
