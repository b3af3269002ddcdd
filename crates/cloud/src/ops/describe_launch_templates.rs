use super::paged;
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeLaunchTemplates` with `IncludeManagedResources`.
#[derive(Debug)]
pub struct DescribeLaunchTemplates;

/// One page of all templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeLaunchTemplatesRequest {
    /// `NextToken`; pages of 200.
    pub next_token: Option<String>,
}

/// A page of templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeLaunchTemplatesReply {
    /// `LaunchTemplates`.
    pub templates: Vec<LaunchTemplate>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchTemplate {
    /// `LaunchTemplateId`.
    pub id: String,
    /// `LaunchTemplateName`.
    pub name: String,
    /// `DefaultVersionNumber`.
    pub default_version: u64,
    /// `LatestVersionNumber`.
    pub latest_version: u64,
}

impl Operation for DescribeLaunchTemplates {
    type Request = DescribeLaunchTemplatesRequest;
    type Reply = DescribeLaunchTemplatesReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeLaunchTemplates");
}

paged!(DescribeLaunchTemplates);
