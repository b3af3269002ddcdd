//! What there is in Image Builder, and what lists show of it.

/// A kind of resource.
#[derive(Debug)]
pub(super) struct Kind {
    /// As in ARNs.
    pub(super) path: &'static str,
    /// As in errors.
    pub(super) name: &'static str,
    /// The member that holds its ARN.
    pub(super) arn: &'static str,
    /// The member that holds it.
    pub(super) member: &'static str,
    /// The member that holds a list.
    pub(super) list: &'static str,
    /// Whether it has versions.
    pub(super) is_versioned: bool,
    /// What a list shows of it.
    pub(super) summary: &'static [&'static str],
    /// What only a list shows of it.
    pub(super) listed_only: &'static [&'static str],
    /// What a list can be filtered by.
    pub(super) filters: &'static [&'static str],
    /// What a request may say about it.
    pub(super) given: &'static [&'static str],
    /// What a request must say about it.
    pub(super) required: &'static [&'static str],
}

pub(super) static IMAGE_RECIPE: Kind = Kind {
    path: "image-recipe",
    name: "ImageRecipe",
    arn: "imageRecipeArn",
    member: "imageRecipe",
    list: "imageRecipeSummaryList",
    is_versioned: true,
    summary: &["arn", "name", "platform", "owner", "parentImage", "dateCreated", "tags"],
    listed_only: &[],
    filters: &["name", "parentImage", "platform"],
    given: &[
        "name",
        "description",
        "components",
        "parentImage",
        "blockDeviceMappings",
        "tags",
        "workingDirectory",
        "additionalInstanceConfiguration",
        "amiTags",
    ],
    required: &["name", "semanticVersion", "parentImage"],
};

pub(super) static CONTAINER_RECIPE: Kind = Kind {
    path: "container-recipe",
    name: "ContainerRecipe",
    arn: "containerRecipeArn",
    member: "containerRecipe",
    list: "containerRecipeSummaryList",
    is_versioned: true,
    summary: &[
        "arn",
        "containerType",
        "name",
        "platform",
        "owner",
        "parentImage",
        "dateCreated",
        "instanceImage",
        "tags",
    ],
    listed_only: &["instanceImage"],
    filters: &["containerType", "name", "parentImage", "platform"],
    given: &[
        "containerType",
        "name",
        "description",
        "components",
        "instanceConfiguration",
        "dockerfileTemplateData",
        "parentImage",
        "tags",
        "workingDirectory",
        "targetRepository",
        "kmsKeyId",
    ],
    required: &["containerType", "name", "semanticVersion", "parentImage", "targetRepository"],
};

pub(super) static DISTRIBUTION: Kind = Kind {
    path: "distribution-configuration",
    name: "DistributionConfiguration",
    arn: "distributionConfigurationArn",
    member: "distributionConfiguration",
    list: "distributionConfigurationSummaryList",
    is_versioned: false,
    summary: &["arn", "name", "description", "dateCreated", "dateUpdated", "tags", "regions"],
    listed_only: &["regions"],
    filters: &["name"],
    given: &["name", "description", "distributions", "tags"],
    required: &["name", "distributions"],
};

pub(super) static INFRASTRUCTURE: Kind = Kind {
    path: "infrastructure-configuration",
    name: "InfrastructureConfiguration",
    arn: "infrastructureConfigurationArn",
    member: "infrastructureConfiguration",
    list: "infrastructureConfigurationSummaryList",
    is_versioned: false,
    summary: &[
        "arn",
        "name",
        "description",
        "dateCreated",
        "dateUpdated",
        "resourceTags",
        "tags",
        "instanceTypes",
        "instanceProfileName",
        "placement",
    ],
    listed_only: &[],
    filters: &["name"],
    given: &[
        "name",
        "description",
        "instanceTypes",
        "instanceProfileName",
        "securityGroupIds",
        "subnetId",
        "logging",
        "keyPair",
        "terminateInstanceOnFailure",
        "snsTopicArn",
        "resourceTags",
        "instanceMetadataOptions",
        "tags",
        "placement",
    ],
    required: &["name", "instanceProfileName"],
};

pub(super) static PIPELINE: Kind = Kind {
    path: "image-pipeline",
    name: "ImagePipeline",
    arn: "imagePipelineArn",
    member: "imagePipeline",
    list: "imagePipelineList",
    is_versioned: false,
    summary: &[
        "arn",
        "name",
        "description",
        "platform",
        "enhancedImageMetadataEnabled",
        "imageRecipeArn",
        "containerRecipeArn",
        "infrastructureConfigurationArn",
        "distributionConfigurationArn",
        "imageTestsConfiguration",
        "schedule",
        "status",
        "dateCreated",
        "dateUpdated",
        "tags",
    ],
    listed_only: &[],
    filters: &[
        "description",
        "distributionConfigurationArn",
        "imageRecipeArn",
        "infrastructureConfigurationArn",
        "name",
        "status",
    ],
    given: &[
        "name",
        "description",
        "imageRecipeArn",
        "containerRecipeArn",
        "infrastructureConfigurationArn",
        "distributionConfigurationArn",
        "imageTestsConfiguration",
        "enhancedImageMetadataEnabled",
        "schedule",
        "status",
        "tags",
        "imageTags",
        "executionRole",
    ],
    required: &["name", "infrastructureConfigurationArn"],
};

pub(super) static IMAGE: Kind = Kind {
    path: "image",
    name: "Image",
    arn: "imageBuildVersionArn",
    member: "image",
    list: "imageSummaryList",
    is_versioned: true,
    summary: &[
        "arn",
        "name",
        "type",
        "version",
        "platform",
        "osVersion",
        "state",
        "owner",
        "dateCreated",
        "outputResources",
        "tags",
        "buildType",
        "imageSource",
    ],
    listed_only: &["owner"],
    filters: &["name", "osVersion", "platform", "type", "version"],
    given: &[],
    required: &["infrastructureConfigurationArn"],
};
