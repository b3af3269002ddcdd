use amictl_cloud::ops::{LaunchTemplateUse, RunInstancesRequest};
use aws_sdk_ec2::types::{
    HttpTokensState, IamInstanceProfileSpecification, InstanceMetadataOptionsRequest, InstanceType,
    LaunchTemplateSpecification, ResourceType,
};

use crate::convert::{garbled, tagged};

fn template(template: &LaunchTemplateUse) -> LaunchTemplateSpecification {
    LaunchTemplateSpecification::builder()
        .set_launch_template_id(template.id.clone())
        .set_launch_template_name(template.name.clone().filter(|_| template.id.is_none()))
        .set_version(template.version.clone())
        .build()
}

fn profile(profile: &str) -> IamInstanceProfileSpecification {
    let builder = IamInstanceProfileSpecification::builder();
    if profile.starts_with("arn:") { builder.arn(profile) } else { builder.name(profile) }.build()
}

fn metadata(request: &RunInstancesRequest) -> Option<InstanceMetadataOptionsRequest> {
    let required = || InstanceMetadataOptionsRequest::builder().http_tokens(HttpTokensState::Required).build();
    request.requires_imds_v2.then(required)
}

super::over_sdk!(
    RunInstances,
    |clients, request| {
        let count = i32::try_from(request.count).unwrap_or(i32::MAX);
        let groups = &request.security_groups;
        clients
            .ec2()
            .run_instances()
            .min_count(count)
            .max_count(count)
            .set_image_id(request.image.clone())
            .set_launch_template(request.template.as_ref().map(template))
            .set_instance_type(request.instance_type.as_deref().map(InstanceType::from))
            .set_subnet_id(request.subnet.clone())
            .set_security_group_ids((!groups.is_empty()).then(|| groups.clone()))
            .set_key_name(request.key_name.clone())
            .set_iam_instance_profile(request.instance_profile.as_deref().map(profile))
            .set_user_data(request.user_data.as_deref().map(aws_smithy_types::base64::encode))
            .set_metadata_options(metadata(request))
            .set_tag_specifications(tagged(&[ResourceType::Instance, ResourceType::Volume], &request.tags))
            .client_token(&request.client_token)
    },
    |output| {
        let instances = output.instances.unwrap_or_default().into_iter();
        let ids: Option<Vec<String>> = instances.map(|instance| instance.instance_id).collect();
        ids.filter(|ids| !ids.is_empty()).ok_or_else(|| garbled(OPERATION, "InstanceId is missing"))
    }
);
