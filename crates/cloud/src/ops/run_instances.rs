use amictl_model::Tags;

use super::LaunchTemplateUse;
use crate::{Operation, OperationSpec, Service};

/// EC2 `RunInstances`: all of the instances, or none.
#[derive(Debug)]
pub struct RunInstances;

/// What is launched. What is `None` or empty is not sent: it is as the launch template has it, or by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunInstancesRequest {
    /// `MinCount` and `MaxCount`.
    pub count: u32,
    /// `ImageId`: an image's id or `resolve:ssm:…`.
    pub image: Option<String>,
    /// `LaunchTemplate`.
    pub template: Option<LaunchTemplateUse>,
    /// `InstanceType`.
    pub instance_type: Option<String>,
    /// `SubnetId`.
    pub subnet: Option<String>,
    /// `SecurityGroupId`.
    pub security_groups: Vec<String>,
    /// `KeyName`.
    pub key_name: Option<String>,
    /// `IamInstanceProfile`: its ARN, or else its name.
    pub instance_profile: Option<String>,
    /// `UserData`, as text: it is encoded on its way.
    pub user_data: Option<String>,
    /// `MetadataOptions.HttpTokens=required`.
    pub requires_imds_v2: bool,
    /// `TagSpecification` of the instances and their volumes alike.
    pub tags: Tags,
    /// `ClientToken`, up to 64 characters: however many requests with it launch once.
    pub client_token: String,
}

impl Operation for RunInstances {
    type Request = RunInstancesRequest;
    /// `InstanceId` of each.
    type Reply = Vec<String>;
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RunInstances").also_needs(&["ec2:CreateTags"]);
}
