use amictl_cloud::ops::{DescribeImageReferencesReply, ImageReference, USAGE_VERSION_DEPTH, USING_STATES};
use aws_sdk_ec2::types::{
    ImageReferenceOptionName, ImageReferenceResourceType, ResourceTypeOption, ResourceTypeRequest,
};

/// Every type that AWS looks at, launch templates as deep as it takes, instances but terminated ones.
fn types() -> Vec<ResourceTypeRequest> {
    use ImageReferenceResourceType::{
        Ec2Instance, Ec2LaunchTemplate, ImageBuilderContainerRecipe, ImageBuilderImageRecipe, SsmParameter,
    };
    let depth = ResourceTypeOption::builder()
        .option_name(ImageReferenceOptionName::VersionDepth)
        .option_values(USAGE_VERSION_DEPTH.to_string())
        .build();
    let states = ResourceTypeOption::builder()
        .option_name(ImageReferenceOptionName::StateName)
        .set_option_values(Some(USING_STATES.map(str::to_owned).into()))
        .build();
    [Ec2Instance, Ec2LaunchTemplate, SsmParameter, ImageBuilderImageRecipe, ImageBuilderContainerRecipe]
        .into_iter()
        .map(|kind| {
            let options = match kind {
                Ec2Instance => Some(vec![states.clone()]),
                Ec2LaunchTemplate => Some(vec![depth.clone()]),
                _ => None,
            };
            ResourceTypeRequest::builder().resource_type(kind).set_resource_type_options(options).build()
        })
        .collect()
}

super::over_sdk!(
    DescribeImageReferences,
    |clients, request| clients
        .ec2()
        .describe_image_references()
        .set_image_ids(Some(request.images.iter().map(ToString::to_string).collect()))
        .set_resource_types(Some(types()))
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeImageReferencesReply {
        references: output
            .image_references
            .unwrap_or_default()
            .into_iter()
            .map(|reference| ImageReference {
                image: reference.image_id.unwrap_or_default(),
                resource_type: reference.resource_type.map_or_else(String::new, |kind| kind.as_str().to_owned()),
                arn: reference.arn.unwrap_or_default(),
            })
            .collect(),
        next_token: output.next_token,
    })
);
