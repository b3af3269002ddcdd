use super::paged;
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeLaunchTemplateVersions` of one template: without a template it tells only `$Latest` and `$Default`.
#[derive(Debug)]
pub struct DescribeLaunchTemplateVersions;

/// The template and how to read it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeLaunchTemplateVersionsRequest {
    /// `LaunchTemplateId`, or else…
    pub template_id: Option<String>,
    /// …`LaunchTemplateName`.
    pub template_name: Option<String>,
    /// `Versions`; empty for all.
    pub versions: Vec<String>,
    /// `ResolveAlias`: the image id in place of `resolve:ssm:…`.
    pub resolve_alias: bool,
    /// `NextToken`; pages of 200.
    pub next_token: Option<String>,
}

/// A page of versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeLaunchTemplateVersionsReply {
    /// `LaunchTemplateVersions`.
    pub versions: Vec<LaunchTemplateVersion>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// One version of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchTemplateVersion {
    /// `LaunchTemplateId`.
    pub template_id: String,
    /// `LaunchTemplateName`.
    pub template_name: String,
    /// `VersionNumber`.
    pub number: u64,
    /// `DefaultVersion`.
    pub default: bool,
    /// `LaunchTemplateData.ImageId`, as written: an image id, `resolve:ssm:…`, or nothing.
    pub image: Option<String>,
    /// `LaunchTemplateData.BlockDeviceMappings[].Ebs.SnapshotId`, as written.
    pub snapshots: Vec<String>,
}

impl Operation for DescribeLaunchTemplateVersions {
    type Request = DescribeLaunchTemplateVersionsRequest;
    type Reply = DescribeLaunchTemplateVersionsReply;
    const SPEC: OperationSpec =
        OperationSpec::read(Service::Ec2, "DescribeLaunchTemplateVersions").also_needs(&["ssm:GetParameters"]);
}

paged!(DescribeLaunchTemplateVersions);
