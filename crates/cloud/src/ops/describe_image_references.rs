use amictl_model::ImageId;

use super::paged;
use crate::{Operation, OperationSpec, Service};

/// Versions of a launch template that AWS looks through when asked who uses an image: the most that it takes.
pub const USAGE_VERSION_DEPTH: u32 = 10_000;

/// States of instances that use their images (`state-name`): all but `terminated`, in which EC2 shows them for an hour.
pub const USING_STATES: [&str; 5] = ["pending", "running", "shutting-down", "stopping", "stopped"];

/// EC2 `DescribeImageReferences` of all resource types, launch templates to a version depth of 10,000, instances that are not terminated.
#[derive(Debug)]
pub struct DescribeImageReferences;

/// One page of the references to some images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeImageReferencesRequest {
    /// `ImageIds`, 1 to 10.
    pub images: Vec<ImageId>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// A page of references.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeImageReferencesReply {
    /// `ImageReferences`.
    pub references: Vec<ImageReference>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// A resource of the account that references an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference {
    /// `ImageId`.
    pub image: String,
    /// `ResourceType`, such as `ec2:LaunchTemplate`.
    pub resource_type: String,
    /// `Arn`.
    pub arn: String,
}

impl Operation for DescribeImageReferences {
    type Request = DescribeImageReferencesRequest;
    type Reply = DescribeImageReferencesReply;
    // What it tells of each resource type needs the permission to read that type.
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeImageReferences").also_needs(&[
        "ec2:DescribeInstances",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribeLaunchTemplateVersions",
        "ssm:DescribeParameters",
        "ssm:GetParameters",
        "imagebuilder:ListImageRecipes",
        "imagebuilder:ListContainerRecipes",
        "imagebuilder:GetContainerRecipe",
    ]);
}

paged!(DescribeImageReferences);
